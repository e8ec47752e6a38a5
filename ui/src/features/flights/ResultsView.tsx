import { useTranslation } from 'react-i18next';
import { Banner } from '@/features/conversation/NoticesView.tsx';
import type { Results } from '@/features/conversation/state.ts';
import { formatDay, formatMoney, localeFor } from '@/lib/format.ts';
import { OfferCard } from './OfferCard.tsx';

type Props = { results: Results; searching: boolean; onSelect: (number: number) => void };

/** The cards of the latest search, in the order in which the assistant counts them. */
export function ResultsView({ results, searching, onSelect }: Props) {
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const { query, offers, price_kind } = results.result;
  const dates = [query.departure_date, query.return_date].filter((date) => date !== null);
  return (
    <div className="results" aria-busy={searching}>
      <header className="results-header">
        <h2 lang={results.language || undefined}>
          {query.origin.name} <span aria-hidden="true">→</span>
          <span className="sr-only">{t('results.to')}</span> {query.destination.name}
        </h2>
        <p className="muted">
          {dates.map((date) => formatDay(date, locale)).join(' – ')} · {t('results.adults', { count: query.adults })}
        </p>
        <p role="status" className="summary">
          {results.totalOffers > offers.length
            ? t('results.shown', { shown: offers.length, total: results.totalOffers })
            : t('results.count', { count: offers.length })}
        </p>
        <Chips results={results} locale={locale} />
      </header>
      {price_kind === 'sample' && <Banner severity="warning">{t('results.sample')}</Banner>}
      {(price_kind === 'metasearch' || price_kind === 'cached') && (
        <Banner severity="info">{t('results.indicative')}</Banner>
      )}
      {offers.length === 0 && <p className="muted">{t('results.none')}</p>}
      <ol className="cards">
        {offers.map((offer, index) => (
          <li key={offer.id}>
            <OfferCard
              offer={offer}
              number={index + 1}
              adults={query.adults}
              selected={results.selected === index + 1}
              onSelect={onSelect}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** How these cards were chosen from all that was found. */
function Chips({ results, locale }: { results: Results; locale: string }) {
  const { t } = useTranslation();
  const { view, result, totalOffers } = results;
  if (!view) return null;
  const carriers = result.offers.flatMap((offer) =>
    offer.slices.flatMap((slice) => slice.segments.map((s) => s.carrier)),
  );
  const chips = [
    t(`view.sort.${view.sort_by}`),
    view.max_stops === null
      ? null
      : view.max_stops === 0
        ? t('card.nonstop')
        : t('view.stops', { count: view.max_stops }),
    view.carrier && (carriers.find((carrier) => carrier.code === view.carrier)?.name ?? view.carrier),
    view.max_price && t('view.price', { price: formatMoney(view.max_price, result.query.currency, locale) }),
    totalOffers > result.offers.length ? t('view.shown', { shown: result.offers.length, total: totalOffers }) : null,
  ].filter((chip): chip is string => !!chip);
  return (
    <ul className="view" aria-label={t('view.title')}>
      {chips.map((chip) => (
        <li key={chip}>{chip}</li>
      ))}
    </ul>
  );
}
