import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Offer, Slice } from '@/api/schemas.ts';
import {
  daysBetween,
  formatClock,
  formatDuration,
  formatMoney,
  formatTime,
  formatZone,
  localeFor,
} from '@/lib/format.ts';
import { Icon } from '@/ui/Icon.tsx';
import { itinerary, operators } from './itinerary.ts';

type Props = { offer: Offer; number: number; adults: number; selected: boolean; onSelect: (number: number) => void };

/** One priced journey. The whole card is the target of the button in its heading. */
export function OfferCard({ offer, number, adults, selected, onSelect }: Props) {
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const flights = offer.slices.flatMap((slice) => slice.segments.map((part) => part.flight_number)).join(' · ');
  const flownBy = operators(offer);
  return (
    <article className="card" data-selected={selected}>
      <header>
        <span className="number" aria-hidden="true">
          {number}
        </span>
        <span className="monogram" aria-hidden="true">
          {offer.carrier.code}
        </span>
        <h3>
          <button type="button" aria-pressed={selected} onClick={() => onSelect(number)}>
            <span className="sr-only">{t('card.number', { number })} </span>
            {offer.carrier.name}
          </button>
          <small>
            {flights}
            {flownBy.length > 0 && ` · ${t('card.operated', { names: flownBy.join(', ') })}`}
          </small>
        </h3>
        <p className="price">
          <strong>{formatMoney(offer.total.amount, offer.total.currency, locale)}</strong>
          <small>{t('card.total', { count: adults })}</small>
        </p>
      </header>
      {offer.slices.map((slice, index) => (
        // A journey has at most one slice in each direction, in a fixed order.
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is the identity.
        <SliceRow key={index} slice={slice} locale={locale} />
      ))}
      <footer>
        <ul className="facts">
          <li>
            <Icon name="bag" />
            {bags(t, 'card.carryOn', offer.bags.carry_on)}
          </li>
          <li>
            <Icon name="bag" />
            {bags(t, 'card.checked', offer.bags.checked)}
          </li>
          <li>{t(`cabin.${offer.cabin}`)}</li>
        </ul>
        <p className="provenance">
          {offer.price_kind !== 'live' && (
            <span className={`tag ${offer.price_kind}`}>{t(`kind.${offer.price_kind}`)}</span>
          )}
          <span>{t('card.fetched', { time: formatClock(offer.fetched_at, locale) })}</span>
        </p>
      </footer>
    </article>
  );
}

function SliceRow({ slice, locale }: { slice: Slice; locale: string }) {
  const { t } = useTranslation();
  const { first, last, stops, via } = itinerary(slice);
  const days = daysBetween(first.departs_at, last.arrives_at);
  return (
    <div className="slice">
      <p className="end-point">
        <time dateTime={first.departs_at}>{formatTime(first.departs_at, locale)}</time>
        <small>
          <abbr title={`${first.origin.city}, ${first.origin.name}`}>{first.origin.code}</abbr>{' '}
          {formatZone(first.departs_at, first.origin.time_zone, locale)}
        </small>
      </p>
      <p className="leg">
        <span>{formatDuration(slice.duration_minutes, locale)}</span>
        <span className="line" aria-hidden="true">
          {via.map((city) => (
            <i key={city} />
          ))}
        </span>
        <small>{stops === 0 ? t('card.nonstop') : t('card.stops', { count: stops, cities: via.join(', ') })}</small>
      </p>
      <p className="end-point arrival">
        <time dateTime={last.arrives_at}>
          {formatTime(last.arrives_at, locale)}
          {days !== 0 && (
            <sup>
              <span aria-hidden="true">{days > 0 ? `+${days}` : `−${-days}`}</span>
              <span className="sr-only"> {t('card.daysLater', { count: days })}</span>
            </sup>
          )}
        </time>
        <small>
          <abbr title={`${last.destination.city}, ${last.destination.name}`}>{last.destination.code}</abbr>{' '}
          {formatZone(last.arrives_at, last.destination.time_zone, locale)}
        </small>
      </p>
    </div>
  );
}

/** Unknown is not none: it is said. */
function bags(t: TFunction, key: string, pieces: number | null): string {
  if (pieces === null) return t(`${key}.unknown`);
  return pieces === 0 ? t(`${key}.none`) : t(key, { pieces });
}
