import { useTranslation } from 'react-i18next';
import type { PriceCalendar } from '@/api/trips.ts';
import { formatDay, formatMoney } from '@/lib/format.ts';

type Props = {
  calendar: PriceCalendar;
  /** The day that is searched now. */
  chosen: string;
  locale: string;
  /** Days in the graph. */
  count: number;
  onDay: (departure: string, back: string | null) => void;
};

/** Least height of a bar, so that the cheapest day can be seen and touched: percent. */
const LEAST = 18;

/** A bar for each day, a button each; and the same in a table. */
export function PriceGraphView({ calendar, chosen, locale, count, onDay }: Props) {
  const { t } = useTranslation();
  const days = calendar.days.slice(0, count);
  const prices = days.flatMap(({ price }) => (price ? [Number(price.amount)] : []));
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const height = (amount: number): number =>
    high === low ? 60 : LEAST + ((amount - low) / (high - low)) * (100 - LEAST);
  return (
    <div className="graph">
      <ol className="bars">
        {days.map(({ date, return_date, price }) => (
          <li key={date} data-chosen={date === chosen} data-cheapest={date === calendar.cheapest}>
            {price ? (
              <button
                type="button"
                title={`${formatDay(date, locale)} · ${formatMoney(price.amount, price.currency, locale)}`}
                aria-current={date === chosen ? 'date' : undefined}
                style={{ blockSize: `${height(Number(price.amount))}%` }}
                onClick={() => onDay(date, return_date)}
              >
                <span className="sr-only">
                  {t('calendar.search', {
                    day: formatDay(date, locale),
                    price: formatMoney(price.amount, price.currency, locale),
                  })}
                </span>
              </button>
            ) : (
              <span className="sr-only">
                {formatDay(date, locale)}: {t('calendar.none')}
              </span>
            )}
          </li>
        ))}
      </ol>
      {days.length > 0 && (
        <p className="axis muted small" aria-hidden="true">
          <span>{formatDay(days[0]?.date ?? '', locale)}</span>
          <span>{formatDay(days.at(-1)?.date ?? '', locale)}</span>
        </p>
      )}
      <details>
        <summary>{t('calendar.table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('form.departure_date')}</th>
              <th scope="col">{t('fact.price')}</th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ date, price }) => (
              <tr key={date} data-chosen={date === chosen}>
                <th scope="row">{formatDay(date, locale)}</th>
                <td>{price ? formatMoney(price.amount, price.currency, locale) : t('calendar.none')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
