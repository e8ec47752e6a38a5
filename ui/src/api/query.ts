/** What can be asked of the flight search, as the body of `POST /v1/flights/search` has it. */
import type { SearchResult } from './schemas.ts';

export type Leg = { origin: string; destination: string; date: string };

export const CABINS = ['economy', 'premium_economy', 'business', 'first'] as const;
export type Cabin = (typeof CABINS)[number];

/** Beyond places, days and party; null or nothing: any. */
export type Wishes = {
  checked_bags: number | null;
  refundable: boolean;
  /** IATA codes. */
  airlines: string[];
  without_airlines: string[];
  /** HH:MM, local. */
  depart_from: string | null;
  depart_until: string | null;
  arrive_from: string | null;
  arrive_until: string | null;
  max_price: string | null;
  max_stops: number | null;
};

export type FlightQuery = Wishes & {
  /** City or IATA code, as the traveller typed it. */
  origin: string;
  destination: string;
  /** ISO date. */
  departure_date: string;
  /** ISO date; null: one way, or several legs. */
  return_date: string | null;
  further: Leg[];
  adults: number;
  /** Ages. */
  children: number[];
  infants: number;
  cabin: Cabin;
  /** ISO 4217; null: that of the traveller's country or language. */
  currency: string | null;
};

export const NO_WISHES: Wishes = {
  checked_bags: null,
  refundable: false,
  airlines: [],
  without_airlines: [],
  depart_from: null,
  depart_until: null,
  arrive_from: null,
  arrive_until: null,
  max_price: null,
  max_stops: null,
};

/** One adult, one way, anything. */
export const anyFlight = (origin: string, destination: string, departure_date: string): FlightQuery => ({
  ...NO_WISHES,
  origin,
  destination,
  departure_date,
  return_date: null,
  further: [],
  adults: 1,
  children: [],
  infants: 0,
  cabin: 'economy',
  currency: null,
});

/** A place as nothing else can be called: some codes are names of other places too (GOA, COS). */
export const exactly = ({ code, name }: { code: string; name: string }): string => `${name} (${code})`;

/** The question that a result answers, to be asked again with something else in it. */
export function queryOf(query: SearchResult['query']): FlightQuery {
  const { origin, destination, further, filters, max_stops, ...rest } = query;
  return {
    ...rest,
    ...filters,
    max_stops,
    origin: exactly(origin),
    destination: exactly(destination),
    further: further.map((leg) => ({
      origin: exactly(leg.origin),
      destination: exactly(leg.destination),
      date: leg.date,
    })),
  };
}
