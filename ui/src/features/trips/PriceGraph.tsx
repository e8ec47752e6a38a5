import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchResult } from '@/api/schemas.ts';
import { CALENDAR_DAYS, type PriceCalendar, priceCalendar } from '@/api/trips.ts';
import { dayAfter, formatDay, formatMoney } from '@/lib/format.ts';
import { isoDay } from '@/lib/locale.ts';
import { PriceGraphView } from './PriceGraphView.tsx';
import { useAsked } from './useAsked.ts';

type Props = {
  query: SearchResult['query'];
  locale: string;
  /** Another day was chosen: search it. */
  onDay: (departure: string, back: string | null) => void;
};

/** The first of five weeks with the searched day in the second one, and none in the past. */
export function firstDay(departure: string, today: string): string {
  const before = dayAfter(departure, -7);
  return before < today ? today : before;
}

/** Prices of five weeks around the search, fetched when they are opened. */
export function PriceGraph({ query, locale, onDay }: Props) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const [asked, ask] = useAsked<PriceCalendar>();
  const first = firstDay(query.departure_date, isoDay(0));
  const key = JSON.stringify([query, first, i18n.language]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds everything that the question is made of.
  useEffect(() => {
    if (open) void ask(() => priceCalendar(query, first, i18n.language));
  }, [open, key, ask]);
  return (
    <details className="by-form" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('calendar.title')}</summary>
      <div role="status">
        {asked.state === 'asking' && <p className="muted">{t('trip.checking')}</p>}
        {asked.state === 'failed' && <p>{t('trip.failed')}</p>}
        {asked.state === 'answered' && asked.answer.cheapest && (
          <p>{cheapest(asked.answer, locale, (day, price) => t('calendar.cheapest', { day, price }))}</p>
        )}
      </div>
      {asked.state === 'answered' && (
        <PriceGraphView
          calendar={asked.answer}
          chosen={query.departure_date}
          locale={locale}
          count={CALENDAR_DAYS}
          onDay={onDay}
        />
      )}
    </details>
  );
}

function cheapest(calendar: PriceCalendar, locale: string, say: (day: string, price: string) => string): string {
  const found = calendar.days.find((entry) => entry.date === calendar.cheapest);
  return found?.price
    ? say(formatDay(found.date, locale), formatMoney(found.price.amount, found.price.currency, locale))
    : '';
}
