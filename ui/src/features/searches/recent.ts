/** Searches that were made on this device, the newest first. They stay on it. */
import * as z from 'zod/mini';
import type { SearchResult } from '@/api/schemas.ts';
import { forget, keep, recall } from '@/lib/tab.ts';

const KEY = 'searches';
const MOST = 8;

const recentSchema = z.array(
  z.object({
    origin: z.object({ code: z.string(), name: z.string() }),
    destination: z.object({ code: z.string(), name: z.string() }),
    departure_date: z.string(),
    return_date: z.nullable(z.string()),
    adults: z.number(),
  }),
);
export type Recent = z.infer<typeof recentSchema>[number];

const keyOf = (search: Recent): string =>
  [search.origin.code, search.destination.code, search.departure_date, search.return_date, search.adults].join(' ');

/** Those that can still be made: a day that is over is not offered. */
export function recent(today: string): Recent[] {
  return (recall(KEY, recentSchema, 'device') ?? []).filter((search) => search.departure_date >= today);
}

/** Notes a search; a journey of several legs is not one that the form could make again. */
export function note(query: SearchResult['query'], today: string): void {
  if (query.further.length > 0) return;
  const { origin, destination, departure_date, return_date, adults } = query;
  const search: Recent = { origin, destination, departure_date, return_date, adults };
  const others = recent(today).filter((other) => keyOf(other) !== keyOf(search));
  keep(KEY, [search, ...others].slice(0, MOST), 'device');
}

export const forgetAll = (): void => forget(KEY, 'device');
