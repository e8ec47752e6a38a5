/** Searches that were made on this device, the newest first. They stay on it. */
import * as z from 'zod/mini';
import { CABINS, type FlightQuery, queryOf } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { forget, keep, recall } from '@/lib/tab.ts';

const KEY = 'searches';
const MOST = 8;

const text = z.nullable(z.string());
const number = z.nullable(z.number());
const querySchema = z.object({
  origin: z.string(),
  destination: z.string(),
  departure_date: z.string(),
  return_date: text,
  further: z.array(z.object({ origin: z.string(), destination: z.string(), date: z.string() })),
  adults: z.number(),
  children: z.array(z.number()),
  infants: z.number(),
  cabin: z.enum(CABINS),
  currency: text,
  checked_bags: number,
  refundable: z.boolean(),
  airlines: z.array(z.string()),
  without_airlines: z.array(z.string()),
  depart_from: text,
  depart_until: text,
  // Not in what was kept before it could be asked for.
  arrive_from: z._default(text, null),
  arrive_until: text,
  max_price: text,
  max_stops: number,
});
/** `query`: the whole search, to be made again; the others: how it is called. */
const recentSchema = z.array(z.object({ from: z.string(), to: z.string(), query: querySchema }));
export type Recent = { from: string; to: string; query: FlightQuery };

/** Those that can still be made: a day that is over is not offered. */
export function recent(today: string): Recent[] {
  return (recall(KEY, recentSchema, 'device') ?? []).filter(({ query }) => query.departure_date >= today);
}

/** Notes a search, with everything that was asked for. */
export function note(found: SearchResult['query'], today: string): void {
  const query = querySchema.parse(queryOf(found));
  const search: Recent = {
    from: found.origin.name,
    to: (found.further.at(-1) ?? found).destination.name,
    query,
  };
  const same = JSON.stringify(query);
  const others = recent(today).filter((other) => JSON.stringify(other.query) !== same);
  keep(KEY, [search, ...others].slice(0, MOST), 'device');
}

export const forgetAll = (): void => forget(KEY, 'device');
