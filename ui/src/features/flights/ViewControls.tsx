import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { View } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/state.ts';
import { formatMoney } from '@/lib/format.ts';
import { Icon } from '@/ui/Icon.tsx';
import { ALL, carriersOf } from './view.ts';

type Props = { results: Results; locale: string; onView: (view: View) => void };

const SORTS = ['price', 'duration', 'departure'] as const;

/** How the offers are chosen and ordered: by touch here, or in words to the assistant; it is the same view. */
export function ViewControls({ results, locale, onView }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const view = results.view ?? ALL;
  const carriers = carriersOf(results.all);
  return (
    <fieldset className="view">
      <legend className="sr-only">{t('view.title')}</legend>
      <div className="segmented">
        {SORTS.map((sort) => (
          <label key={sort}>
            <input
              type="radio"
              name={`${id}-sort`}
              checked={view.sort_by === sort}
              onChange={() => onView({ ...view, sort_by: sort })}
            />
            <span>{t(`view.sort.${sort}`)}</span>
          </label>
        ))}
      </div>
      <span className="select">
        <select
          aria-label={t('view.stops.label')}
          value={view.max_stops ?? ''}
          onChange={(event) =>
            onView({ ...view, max_stops: event.target.value === '' ? null : Number(event.target.value) })
          }
        >
          <option value="">{t('view.stops.any')}</option>
          <option value="0">{t('card.nonstop')}</option>
          <option value="1">{t('view.stops', { count: 1 })}</option>
          {view.max_stops !== null && view.max_stops > 1 && (
            <option value={view.max_stops}>{t('view.stops', { count: view.max_stops })}</option>
          )}
        </select>
      </span>
      {(carriers.length > 1 || view.carrier) && (
        <span className="select">
          <select
            aria-label={t('view.airline.label')}
            value={view.carrier ?? ''}
            onChange={(event) => onView({ ...view, carrier: event.target.value || null })}
          >
            <option value="">{t('view.airline.all')}</option>
            {carriers.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </span>
      )}
      {view.max_price && (
        <button type="button" className="button small" onClick={() => onView({ ...view, max_price: null })}>
          <span>{t('view.price', { price: formatMoney(view.max_price, results.result.query.currency, locale) })}</span>
          <Icon name="end" />
          <span className="sr-only">{t('view.remove')}</span>
        </button>
      )}
    </fieldset>
  );
}
