import type { TFunction } from 'i18next';
import { memo, type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer, Slice } from '@/api/schemas.ts';
import {
  daysBetween,
  formatCount,
  formatDay,
  formatDuration,
  formatMoney,
  formatShare,
  formatTime,
} from '@/lib/format.ts';
import { localeFor } from '@/lib/locale.ts';
import { Icon, type IconName } from '@/ui/Icon.tsx';
import type { Label } from './facets.ts';
import { changes, direction, emissionsAgainst, itinerary } from './itinerary.ts';
import { bags, emissions, OfferDetail } from './OfferDetail.tsx';

type Props = {
  offer: Offer;
  number: number;
  label: Label | null;
  selected: boolean;
  /** Whether it is brought into view when it is selected. */
  follow: boolean;
  onSelect: (number: number | null) => void;
  /** Whether it is among those to be compared; null where there is nothing to compare it with. */
  compared: boolean | null;
  onCompare: (offer: Offer, compared: boolean) => void;
  /** What can be done with the offer, under its detail. */
  actions?: ReactNode;
};

/** One priced journey in one line for each direction; what else is known of it opens under it. */
export const OfferRow = memo(function OfferRow(props: Props) {
  const { offer, number, label, selected, follow, onSelect, compared } = props;
  const { t, i18n } = useTranslation();
  const locale = localeFor(i18n.language);
  const detail = useId();
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    // Also when the assistant chose it: what is spoken of must be seen.
    if (selected && follow) row.current?.scrollIntoView?.({ block: 'nearest', behavior: 'smooth' });
  }, [selected, follow]);
  return (
    <article className="offer" data-selected={selected} ref={row}>
      <div className="offer-line">
        <span className="number" aria-hidden="true">
          {number}
        </span>
        <h3>
          <button
            type="button"
            aria-expanded={selected}
            aria-controls={detail}
            onClick={() => onSelect(selected ? null : number)}
          >
            <span className="sr-only">{t('card.number', { number })} </span>
            {offer.carrier.name}
          </button>
          {label && <span className={`label ${label}`}>{t(`offer.${label}`)}</span>}
        </h3>
        <div className="ways">
          {offer.slices.map((slice, index) => (
            <Way
              // A journey's directions have a fixed order.
              // biome-ignore lint/suspicious/noArrayIndexKey: the order is the identity.
              key={index}
              slice={slice}
              way={direction(offer, index)}
              number={index + 1}
              locale={locale}
              t={t}
            />
          ))}
        </div>
        <Facts offer={offer} locale={locale} t={t} />
        <p className="price">
          <strong>{formatMoney(offer.total.amount, offer.total.currency, locale)}</strong>
          {offer.price_kind !== 'live' && (
            <span className={`tag ${offer.price_kind}`}>{t(`kind.${offer.price_kind}`)}</span>
          )}
        </p>
      </div>
      <div id={detail} hidden={!selected}>
        {selected && (
          <OfferDetail offer={offer} locale={locale}>
            {compared !== null && (
              <label className="check">
                <input
                  type="checkbox"
                  checked={compared}
                  onChange={(event) => props.onCompare(offer, event.target.checked)}
                />
                <span>{t('compare.add')}</span>
              </label>
            )}
            {props.actions}
          </OfferDetail>
        )}
      </div>
    </article>
  );
});

type WayProps = { slice: Slice; way: ReturnType<typeof direction>; number: number; locale: string; t: TFunction };

/** Asks for no texts of its own: two hundred rows would each listen for another language. */
function Way({ slice, way, number, locale, t }: WayProps) {
  const { first, last, stops, via } = itinerary(slice);
  const days = daysBetween(first.departs_at, last.arrives_at);
  return (
    <p className="way">
      {way && (
        <small className="which">
          {t(`slice.${way}`, { number })} · {formatDay(first.departs_at, locale)}
        </small>
      )}
      <span className="times">
        <time dateTime={first.departs_at}>{formatTime(first.departs_at, locale)}</time>
        <span aria-hidden="true"> – </span>
        <span className="sr-only"> {t('results.to')} </span>
        <time dateTime={last.arrives_at}>
          {formatTime(last.arrives_at, locale)}
          {days !== 0 && (
            <sup>
              <span aria-hidden="true">{days > 0 ? `+${days}` : `−${-days}`}</span>
              <span className="sr-only"> {t('card.daysLater', { count: days })}</span>
            </sup>
          )}
        </time>
      </span>
      <span className="length">{formatDuration(slice.duration_minutes, locale)}</span>
      <small className="route">
        <abbr title={`${first.origin.city}, ${first.origin.name}`}>{first.origin.code}</abbr>–
        <abbr title={`${last.destination.city}, ${last.destination.name}`}>{last.destination.code}</abbr>
      </small>
      <span className="stops">
        {stops === 0 ? t('card.nonstop') : t('card.stops', { count: stops, cities: via.join(', ') })}
      </span>
      {stops > 0 && <Layovers slice={slice} locale={locale} t={t} />}
    </p>
  );
}

type Texts = { locale: string; t: TFunction };

/** How long one waits at which airport, and what is hard about it. */
function Layovers({ slice, locale, t }: { slice: Slice } & Texts) {
  return (
    <small className="layovers">
      {changes(slice).map(({ city, at, minutes, airports, overnight }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is the identity.
        <span key={index}>
          <span aria-hidden="true">
            {formatDuration(minutes, locale)}{' '}
            <abbr title={`${city}, ${at.name}`}>{airports ? <bdi>{airports.join('→')}</bdi> : at.code}</abbr>
          </span>
          <span className="sr-only">
            {t('detail.change', { city, duration: formatDuration(minutes, locale) })}
            {airports && ` ${t('detail.airports', { from: airports[0], to: airports[1] })}`}
          </span>
          {overnight && <strong> {t('card.overnight')}</strong>}
          {airports && <strong aria-hidden="true"> {t('card.airportChange')}</strong>}
        </span>
      ))}
    </small>
  );
}

/** What it gives off and what may be taken along, in as little room as a number needs; who listens gets the words. */
function Facts({ offer, locale, t }: { offer: Offer } & Texts) {
  const { emissions_kg: kg, bags: given } = offer;
  const share = emissionsAgainst(offer);
  const said = emissions(t, offer, locale);
  const carryOn = bags(t, 'card.carryOn', given.carry_on);
  const checked = bags(t, 'card.checked', given.checked);
  return (
    <p className="row-facts">
      <span className="emissions" title={said}>
        <span aria-hidden="true">
          {kg === null ? 'CO₂ ?' : <bdi>{t('detail.emissions', { kg: formatCount(kg, locale) })}</bdi>}
          {share !== null && (
            <b className={share < 0 ? 'less' : ''}>
              {' '}
              <bdi>{share === 0 ? '≈' : formatShare(share, locale, true)}</bdi>
            </b>
          )}
        </span>
        <span className="sr-only">{said}. </span>
      </span>
      <Bag icon="bag" pieces={given.carry_on} said={carryOn} locale={locale} />
      <Bag icon="suitcase" pieces={given.checked} said={checked} locale={locale} />
    </p>
  );
}

type BagProps = { icon: IconName; pieces: number | null; said: string; locale: string };

const Bag = ({ icon, pieces, said, locale }: BagProps) => (
  <span className="bag" data-pieces={pieces ?? 'unknown'} title={said}>
    <Icon name={icon} />
    <span aria-hidden="true">{pieces === null ? '?' : formatCount(pieces, locale)}</span>
    <span className="sr-only">{said}. </span>
  </span>
);
