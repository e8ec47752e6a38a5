import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { View } from '@/api/schemas.ts';
import type { Results } from '@/features/conversation/searches.ts';
import { formatMoney, formatTime } from '@/lib/format.ts';
import { airportsOf, carriersOf, DAYTIMES, limitsOf } from './facets.ts';
import { ALL } from './view.ts';

type Props = { results: Results; locale: string; onView: (view: View) => void };

const SORTS = ['price', 'duration', 'departure'] as const;

/** How the offers are chosen and ordered: by touch here, or in words to the assistant; it is the same view. */
export function ViewControls({ results, locale, onView }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const view = results.view ?? ALL;
  const set = (changes: Partial<View>): void => onView({ ...view, ...changes });
  const { all } = results;
  const money = (limit: string): string => formatMoney(limit, results.result.query.currency, locale);
  const stops = [0, 1, ...(view.max_stops !== null && view.max_stops > 1 ? [view.max_stops] : [])];
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
              onChange={() => set({ sort_by: sort })}
            />
            <span>{t(`view.sort.${sort}`)}</span>
          </label>
        ))}
      </div>
      <Select
        label={t('view.stops.label')}
        any={t('view.stops.any')}
        value={view.max_stops === null ? null : String(view.max_stops)}
        options={stops.map((count) => [String(count), count === 0 ? t('card.nonstop') : t('view.stops', { count })])}
        onChoose={(stops) => set({ max_stops: stops === null ? null : Number(stops) })}
      />
      <Select
        label={t('view.time.label')}
        any={t('view.time.any')}
        value={spanOf(view.depart_from, view.depart_until)}
        options={DAYTIMES.map(({ from, until }) => [spanOf(from, until) ?? '', said(from, until)])}
        also={said(view.depart_from, view.depart_until)}
        onChoose={(span) => {
          const [from, until] = span?.split('-') ?? [];
          set({ depart_from: from || null, depart_until: until || null });
        }}
      />
      <Select
        label={t('view.airline.label')}
        any={t('view.airline.all')}
        value={view.carrier}
        options={several(carriersOf(all)).map(({ code, name }) => [code, name])}
        onChoose={(carrier) => set({ carrier })}
      />
      <Select
        label={t('fact.airports')}
        any={t('view.airport.all')}
        value={view.airport}
        options={airportsOf(all).map(({ code, name }) => [code, `${code} · ${name}`])}
        onChoose={(airport) => set({ airport })}
      />
      <Select
        label={t('fact.price')}
        any={t('view.price.any')}
        value={view.max_price}
        options={limitsOf(all).map((limit) => [limit, t('view.price', { price: money(limit) })])}
        also={view.max_price === null ? '' : t('view.price', { price: money(view.max_price) })}
        onChoose={(limit) => set({ max_price: limit })}
      />
      {(view.checked_bag || all.some((offer) => (offer.bags.checked ?? 0) > 0)) && (
        <label className="check">
          <input
            type="checkbox"
            checked={view.checked_bag}
            onChange={(event) => set({ checked_bag: event.target.checked })}
          />
          <span>{t('view.bag')}</span>
        </label>
      )}
    </fieldset>
  );

  function said(from: string | null, until: string | null): string {
    const clock = (time: string): string => formatTime(`2026-01-01T${time}`, locale);
    const parts = [from && t('view.from', { time: clock(from) }), until && t('view.until', { time: clock(until) })];
    return parts.filter(Boolean).join(', ');
  }
}

/** A choice of one is none. */
const several = <T,>(found: T[]): T[] => (found.length > 1 ? found : []);

const spanOf = (from: string | null, until: string | null): string | null =>
  from || until ? `${from ?? ''}-${until ?? ''}` : null;

type SelectProps = {
  label: string;
  /** What stands there when nothing is wished for. */
  any: string;
  value: string | null;
  options: [value: string, text: string][];
  /** What to call a value that is none of the options: it was asked for in words. */
  also?: string;
  onChoose: (value: string | null) => void;
};

/** One wish; nothing where there is nothing to choose. */
function Select({ label, any, value, options, also, onChoose }: SelectProps) {
  if (options.length === 0 && value === null) return null;
  const listed = value === null || options.some(([option]) => option === value);
  return (
    <span className="select">
      <select aria-label={label} value={value ?? ''} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">{any}</option>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
        {!listed && <option value={value}>{also || value}</option>}
      </select>
    </span>
  );
}
