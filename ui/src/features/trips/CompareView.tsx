import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Comparison } from '@/api/trips.ts';
import { formatDay, formatDuration, formatMoney, formatTime } from '@/lib/format.ts';

type Fact = Comparison['facts'][number]['fact'];

/** The facts in which offers differ, one a line; what is the same for all in one sentence. */
export function CompareView({ comparison, locale }: { comparison: Comparison; locale: string }) {
  const { t } = useTranslation();
  const { offers, facts, same } = comparison;
  const currency = offers[0]?.total.currency ?? 'EUR';
  const list = new Intl.ListFormat(locale, { style: 'long', type: 'conjunction' });
  return (
    <>
      <div className="wide">
        <table>
          <caption>{t('compare.title')}</caption>
          <thead>
            <tr>
              <td />
              {offers.map((offer) => (
                <th scope="col" key={offer.id}>
                  {offer.carrier.name} {offer.slices[0]?.segments[0]?.flight_number}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {facts.map(({ fact, values, best }) => (
              <tr key={fact}>
                <th scope="row">{t(`fact.${fact}`)}</th>
                {values.map((value, index) => (
                  <td key={offers[index]?.id ?? index} data-best={best.includes(index)}>
                    {worded(t, fact, value, currency, locale)}
                    {best.includes(index) && <span className="sr-only"> ({t('offer.best')})</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {same.length > 0 && (
        <p className="muted small">
          {t('compare.same', { facts: list.format(same.map((fact) => t(`fact.${fact}`))) })}
        </p>
      )}
    </>
  );
}

/** A fact's value as people read it; what nobody says is said to be unknown. */
export function worded(t: TFunction, fact: Fact, value: string | null, currency: string, locale: string): string {
  if (value === null) return t('fact.unknown');
  switch (fact) {
    case 'price':
      return formatMoney(value, currency, locale);
    case 'duration':
      return formatDuration(Number(value), locale);
    case 'departure':
    case 'arrival':
      return `${formatDay(value, locale)}, ${formatTime(value, locale)}`;
    case 'stops':
      return value === '0' ? t('card.nonstop') : value;
    case 'refundable':
    case 'changeable':
      return value === 'yes' || value === 'no' ? t(`fact.${value}`) : t('fact.unknown');
    case 'cabin':
      return t(`cabin.${value}`);
    case 'emissions':
      return t('detail.emissions', { kg: value });
    default:
      return value;
  }
}
