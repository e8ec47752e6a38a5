import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer, Segment, Slice } from '@/api/schemas.ts';
import { formatCount, formatDay, formatDuration, formatShare, formatTime, formatZone } from '@/lib/format.ts';
import { formatClock } from '@/lib/locale.ts';
import { Icon } from '@/ui/Icon.tsx';
import { changes, direction, emissionsAgainst, itinerary } from './itinerary.ts';

/** Everything that is known of an offer, and that what is not known is not known. */
export function OfferDetail({ offer, locale, children }: { offer: Offer; locale: string; children?: ReactNode }) {
  const { t } = useTranslation();
  const expired = offer.expires_at !== null && Date.parse(offer.expires_at) < Date.now();
  return (
    <div className="detail">
      {offer.slices.map((slice, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is the identity.
        <Legs key={index} slice={slice} way={direction(offer, index)} number={index + 1} locale={locale} />
      ))}
      {offer.slices.some(({ segments }) => segments.some((segment) => segment.times_doubtful)) && (
        <p role="note">
          <strong>{t('detail.timesDoubtful')}</strong>
        </p>
      )}
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
        {offer.fare_brand && <li>{t('detail.fare', { name: offer.fare_brand })}</li>}
        <li>{t(`detail.refundable.${offer.refundable}`)}</li>
        <li>{t(`detail.changeable.${offer.changeable}`)}</li>
        <li>{emissions(t, offer, locale)}</li>
      </ul>
      <p className="provenance">
        <span>{t('card.fetched', { time: formatClock(offer.fetched_at, locale) })}</span>
        {expired && <strong>{t('detail.expired')}</strong>}
      </p>
      {children}
    </div>
  );
}

type LegsProps = { slice: Slice; way: ReturnType<typeof direction>; number: number; locale: string };

function Legs({ slice, way, number, locale }: LegsProps) {
  const { t } = useTranslation();
  const { first } = itinerary(slice);
  const between = changes(slice);
  return (
    <section className="legs">
      <h4>
        {way && `${t(`slice.${way}`, { number })} · `}
        {formatDay(first.departs_at, locale)} · {formatDuration(slice.duration_minutes, locale)}
      </h4>
      <ol>
        {slice.segments.map((segment, index) => {
          const change = between[index];
          return (
            <li key={`${segment.flight_number} ${segment.departs_at}`}>
              <Leg segment={segment} locale={locale} />
              {change && (
                <p className="change">
                  {t('detail.change', { city: change.city, duration: formatDuration(change.minutes, locale) })}
                  {change.overnight && <strong>{t('card.overnight')}</strong>}
                  {change.airports && (
                    <strong>{t('detail.airports', { from: change.airports[0], to: change.airports[1] })}</strong>
                  )}
                </p>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Leg({ segment, locale }: { segment: Segment; locale: string }) {
  const { t } = useTranslation();
  const { carrier, operating_carrier: operator } = segment;
  return (
    <>
      <p>
        <End moment={segment.departs_at} airport={segment.origin} locale={locale} />
      </p>
      <p className="muted small">
        <bdi>
          {carrier.name} {segment.flight_number}
        </bdi>
        {operator && operator.code !== carrier.code && <> · {t('card.operated', { names: operator.name })}</>}
        {segment.aircraft && (
          <>
            {' '}
            · <bdi>{segment.aircraft}</bdi>
          </>
        )}{' '}
        · <bdi>{formatDuration(segment.duration_minutes, locale)}</bdi>
      </p>
      <p>
        <End moment={segment.arrives_at} airport={segment.destination} locale={locale} />
      </p>
    </>
  );
}

type EndProps = { moment: string; airport: Segment['origin']; locale: string };

function End({ moment, airport, locale }: EndProps) {
  return (
    <>
      <time dateTime={moment}>{formatTime(moment, locale)}</time>{' '}
      <small className="muted">{formatZone(moment, airport.time_zone, locale)}</small>{' '}
      <bdi>
        {airport.city}, {airport.name} ({airport.code})
      </bdi>
    </>
  );
}

/** What is given off, and how that is for such a journey; what is not known is said to be so. */
export function emissions(t: TFunction, offer: Offer, locale: string): string {
  if (offer.emissions_kg === null) return t('card.emissions.unknown');
  const share = emissionsAgainst(offer);
  const against = share === null ? 'untold' : share === 0 ? 'usual' : share < 0 ? 'less' : 'more';
  const percent = formatShare(Math.abs(share ?? 0), locale);
  return `${t('detail.emissions', { kg: formatCount(offer.emissions_kg, locale) })} · ${t(`card.emissions.${against}`, { percent })}`;
}

/** Unknown is not none: it is said. */
export function bags(t: TFunction, key: string, pieces: number | null): string {
  if (pieces === null) return t(`${key}.unknown`);
  return pieces === 0 ? t(`${key}.none`) : t(key, { pieces });
}
