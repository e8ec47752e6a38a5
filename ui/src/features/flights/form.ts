/** What the search form holds, from the search that is on the screen and into the next one. */
import { type Cabin, exactly, type FlightQuery, NO_WISHES, queryOf } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { dayAfter } from '@/lib/format.ts';
import { currencyOf } from '@/lib/traveller.ts';
import type { PlaceText } from './PlaceField.tsx';

export const KINDS = ['one', 'return', 'several'] as const;
export type Kind = (typeof KINDS)[number];

export type FormLeg = { origin: PlaceText; destination: PlaceText; date: string };

export type FormValues = {
  kind: Kind;
  /** The first is there in every kind; the others only in a journey of several legs. */
  legs: FormLeg[];
  return_date: string;
  adults: number;
  /** Ages. */
  children: number[];
  infants: number;
  cabin: Cabin;
  /** In the price, for each passenger; 0: it does not matter. */
  bags: number;
  /** ISO 4217; empty: that of where they buy. */
  currency: string;
  /** ISO 3166; empty: as the device says. */
  country: string;
};

/** At most so many travel on one booking, and fly on one journey. */
export const PARTY_MOST = 9;
export const LEGS_MOST = 6;

const place = ({ code, name }: { code: string; name: string }): PlaceText => ({ text: name, code });
export const NOWHERE: PlaceText = { text: '', code: null };

/** The form as it begins: with what was said or searched before, if anything. */
export function valuesOf(
  query: SearchResult['query'] | null,
  { tomorrow, currency, country }: { tomorrow: string; currency: string; country: string },
): FormValues {
  const first = {
    origin: query ? place(query.origin) : NOWHERE,
    destination: query ? place(query.destination) : NOWHERE,
    date: query?.departure_date ?? tomorrow,
  };
  const further = (query?.further ?? []).map((leg) => ({
    origin: place(leg.origin),
    destination: place(leg.destination),
    date: leg.date,
  }));
  const kind = query?.return_date ? 'return' : further.length > 0 ? 'several' : 'one';
  return {
    kind,
    legs: [first, ...further],
    return_date: query?.return_date ?? '',
    adults: query?.adults ?? 1,
    children: query?.children ?? [],
    infants: query?.infants ?? 0,
    cabin: query?.cabin ?? 'economy',
    bags: query?.filters.checked_bags ?? 0,
    currency: (query && currencyOf({ ...query, ...query.filters }, currency)) || currency,
    country,
  };
}

const STAY = 3;

/** The legs with another date for one of them; none leaves before the one ahead of it. */
export function withDate(legs: readonly FormLeg[], index: number, date: string): FormLeg[] {
  let latest = date;
  return legs.map((leg, at) => {
    if (at < index) return leg;
    const next = at === index ? date : leg.date < latest ? dayAfter(latest, STAY) : leg.date;
    latest = next;
    return { ...leg, date: next };
  });
}

/** The next leg: from where the last one ends, some days later. */
export function nextLeg(legs: readonly FormLeg[]): FormLeg {
  const last = legs.at(-1);
  return {
    origin: last?.destination ?? NOWHERE,
    destination: NOWHERE,
    date: last?.date ? dayAfter(last.date, STAY) : '',
  };
}

const asked = ({ text, code }: PlaceText): string => (code ? exactly({ name: text.replace(/[()]/g, ''), code }) : text);

/** The search that the form asks for; what was wished for by voice beside it stays. */
export function askedBy(values: FormValues, before: SearchResult['query'] | null): FlightQuery {
  const { kind, legs, return_date, adults, children, infants, cabin, bags, currency } = values;
  const [first, ...rest] = legs;
  const wishes = before ? queryOf(before) : NO_WISHES;
  return {
    ...wishes,
    // An amount in another currency is another amount.
    max_price: before && currency === before.currency ? wishes.max_price : null,
    origin: asked(first?.origin ?? NOWHERE),
    destination: asked(first?.destination ?? NOWHERE),
    departure_date: first?.date ?? '',
    return_date: kind === 'return' && return_date ? return_date : null,
    further:
      kind === 'several'
        ? rest.map((leg) => ({ origin: asked(leg.origin), destination: asked(leg.destination), date: leg.date }))
        : [],
    adults,
    children,
    infants,
    cabin,
    checked_bags: bags > 0 ? bags : null,
    currency: currency || null,
  };
}
