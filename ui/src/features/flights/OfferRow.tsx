import type { TFunction } from 'i18next';
import { memo, type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer, Slice } from '@/api/schemas.ts';
import { daysBetween, formatDay, formatDuration, formatMoney, formatTime } from '@/lib/format.ts';
import { localeFor } from '@/lib/locale.ts';
import type { Label } from './facets.ts';
import { direction, itinerary } from './itinerary.ts';
import { OfferDetail } from './OfferDetail.tsx';

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
      <span className="length">
        {formatDuration(slice.duration_minutes, locale)}
        <small>
          <abbr title={`${first.origin.city}, ${first.origin.name}`}>{first.origin.code}</abbr>–
          <abbr title={`${last.destination.city}, ${last.destination.name}`}>{last.destination.code}</abbr>
        </small>
      </span>
      <span className="stops">
        {stops === 0 ? t('card.nonstop') : t('card.stops', { count: stops, cities: via.join(', ') })}
      </span>
    </p>
  );
}
