/** The page's address: a search or a shared flight in it can be reloaded, sent on, and gone back to. */
import type { FlightQuery } from '@/api/client.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { home } from '@/lib/home.ts';

export type Place =
  | { kind: 'home' }
  | { kind: 'trip'; id: string }
  | { kind: 'search'; query: Omit<FlightQuery, 'language'> };

const TRIP = /^[A-Za-z0-9_-]{16,64}$/;

/** What an address asks for. */
export function placeOf(search: string): Place {
  const asked = new URLSearchParams(search);
  const trip = asked.get('trip');
  if (trip && TRIP.test(trip)) return { kind: 'trip', id: trip };
  const [origin, destination, departure_date] = ['origin', 'destination', 'departure_date'].map((name) =>
    (asked.get(name) ?? '').slice(0, 120),
  );
  if (!origin || !destination || !departure_date) return { kind: 'home' };
  return {
    kind: 'search',
    query: {
      origin,
      destination,
      departure_date,
      return_date: asked.get('return_date') ?? '',
      adults: asked.get('adults') ?? '1',
      currency: asked.get('currency') ?? '',
    },
  };
}

/** The address of a search; a journey of several legs has none, because the form could not make it again. */
export function addressOf(query: SearchResult['query']): string | null {
  if (query.further.length > 0) return null;
  const asked = new URLSearchParams({
    origin: query.origin.code,
    destination: query.destination.code,
    departure_date: query.departure_date,
    ...(query.return_date ? { return_date: query.return_date } : {}),
    adults: String(query.adults),
    currency: query.currency,
  });
  const persona = personaOf(home.search());
  if (persona) asked.set('persona', persona);
  return `?${asked}`;
}

const PERSONA = /^[a-z][a-z0-9_-]{0,39}$/;

/** Who is to answer, where the address says so; the API refuses whom it does not have. */
export function personaOf(search: string): string | undefined {
  const asked = new URLSearchParams(search).get('persona') ?? '';
  return PERSONA.test(asked) ? asked : undefined;
}
