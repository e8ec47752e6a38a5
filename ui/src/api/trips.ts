/** Around a search: whether an offer is still sold, links, comparisons, prices by day, price watches, the shared screen. */
import * as z from 'zod/mini';
import { asOwner, type OwnSession, request } from './client.ts';
import type { SearchResult } from './schemas.ts';
import {
  type Alert,
  airportPositionsSchema,
  alertSchema,
  alertsSchema,
  type Comparison,
  comparisonSchema,
  type MadeAlert,
  madeAlertSchema,
  type OfferCheck,
  offerCheckSchema,
  type PriceCalendar,
  priceCalendarSchema,
  type SharedTrip,
  sharedTripSchema,
} from './trips.generated.ts';

export * from './trips.generated.ts';

const asJson = (body: unknown, headers: HeadersInit = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const asCaller = (own: OwnSession | null): HeadersInit => (own ? asOwner(own) : {});

/** Asks the source of an offer whether it is still sold, and at which price. */
export const checkOffer = (search_id: string, offer_id: string, language: string): Promise<OfferCheck> =>
  request(offerCheckSchema, '/v1/flights/offers/check', asJson({ search_id, offer_id, language }));

/** A link to one offer; made within a call it is erased with the call. */
export const shareOffer = (search_id: string, offer_id: string, own: OwnSession | null): Promise<SharedTrip> =>
  request(sharedTripSchema, '/v1/flights/shares', asJson({ search_id, offer_id }, asCaller(own)));

/** What is behind a link, named in the language of who opens it. */
export const sharedTrip = (id: string, language: string): Promise<SharedTrip> =>
  request(sharedTripSchema, `/v1/flights/shares/${encodeURIComponent(id)}?${new URLSearchParams({ language })}`);

/** Two to four offers of one answer in the facts in which they differ. */
export const compareOffers = (search_id: string, offer_ids: string[], language: string): Promise<Comparison> =>
  request(comparisonSchema, '/v1/flights/compare', asJson({ search_id, offer_ids, language }));

export const CALENDAR_DAYS = 35;

/** The lowest price of each of five weeks from a day on, for the same party and length of stay. */
export function priceCalendar(query: SearchResult['query'], first: string, language: string): Promise<PriceCalendar> {
  const asked = new URLSearchParams({
    origin: query.origin.code,
    destination: query.destination.code,
    first_date: first,
    days: String(CALENDAR_DAYS),
    adults: String(query.adults),
    infants: String(query.infants),
    cabin: query.cabin,
    currency: query.currency,
    language,
  });
  for (const age of query.children) asked.append('children', String(age));
  if (query.return_date) {
    const nights = Math.round((Date.parse(query.return_date) - Date.parse(query.departure_date)) / 86_400_000);
    asked.set('stay_nights', String(nights));
  }
  return request(priceCalendarSchema, `/v1/flights/calendar?${asked}`);
}

export type NewAlert = { search_id: string; email: string; max_price?: string; language: string };

export const makeAlert = (wanted: NewAlert, own: OwnSession | null): Promise<MadeAlert> =>
  request(madeAlertSchema, '/v1/alerts', asJson(wanted, asCaller(own)));

const withToken = (token: string): HeadersInit => ({ 'X-Alert-Token': token });

/** The watch that a token manages; null when it is gone. */
export async function alertOf(token: string): Promise<Alert | null> {
  const found = await request(alertsSchema, '/v1/alerts', { headers: withToken(token), cache: 'no-store' });
  return found.alerts[0] ?? null;
}

export const pauseAlert = (id: string, token: string, paused: boolean): Promise<Alert> =>
  request(alertSchema, `/v1/alerts/${encodeURIComponent(id)}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', ...withToken(token) },
    body: JSON.stringify({ paused }),
  });

export const removeAlert = (id: string, token: string): Promise<null> =>
  request(z.null(), `/v1/alerts/${encodeURIComponent(id)}`, { method: 'DELETE', headers: withToken(token) });

type ScreenAction =
  | { action: 'show'; search_id: string; by: 'form'; country: string }
  | { action: 'select'; offer_id: string; by: 'touch' };

/** Tells the call what its traveller did by hand, so that the assistant counts and sees the same cards. */
export const changeScreen = (own: OwnSession, change: ScreenAction): Promise<unknown> =>
  request(z.unknown(), `/v1/sessions/${encodeURIComponent(own.session_id)}/screen`, asJson(change, asOwner(own)));

/** Where airports are, by their codes: `[longitude, latitude]`. Those that nobody knows are left out. */
export async function airportPositions(codes: readonly string[]): Promise<Map<string, readonly [number, number]>> {
  const asked = new URLSearchParams(codes.map((code) => ['code', code]));
  const { airports } = await request(airportPositionsSchema, `/v1/airports?${asked}`);
  return new Map(airports.map(({ code, latitude, longitude }) => [code, [longitude, latitude] as const]));
}
