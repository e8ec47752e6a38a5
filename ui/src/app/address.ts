/** The page's address: a search or a shared flight in it can be reloaded, sent on, and gone back to. */
import { anyFlight, CABINS, type FlightQuery, type Leg, queryOf, type Wishes } from '@/api/query.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { home } from '@/lib/home.ts';
import { personaOf } from './persona.ts';

/** A trip without an id is a link that is not whole. */
export type Place = { kind: 'home' } | { kind: 'trip'; id: string } | { kind: 'search'; query: FlightQuery };

const TRIP = /^[A-Za-z0-9_-]{16,64}$/;
const NAME_MOST = 120;
const LEGS_MOST = 5;
const CHILDREN_MOST = 8;

const whole = (text: string | null): number | null => (text && /^\d{1,2}$/.test(text) ? Number(text) : null);

const only = (text: string, form: RegExp): string | null => (form.test(text) ? text : null);
const CLOCK = /^\d\d:\d\d$/;
/** A currency that there is; any other word for one asks for none. */
const money = (text: string): string | null => (Intl.supportedValuesOf('currency').includes(text) ? text : null);
const AIRLINES = /^[A-Z\d]{2}(,[A-Z\d]{2}){0,9}$/;

/** A code in an address is a code: alone, some would be names of other places (GOA, COS). */
const coded = (text: string): string => (/^[A-Z]{3}$/.test(text) ? `${text} (${text})` : text);

/** `MAD.BER.2026-12-01`, as `addressOf` writes it. */
function legOf(text: string): Leg | null {
  const [, origin, destination, date] = /^([A-Z]{3})\.([A-Z]{3})\.(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  return origin && destination && date ? { origin: coded(origin), destination: coded(destination), date } : null;
}

/** Wishes that stand in an address by their own names. */
const WISHES = [
  'refundable',
  'airlines',
  'without_airlines',
  'depart_from',
  'depart_until',
  'arrive_from',
  'arrive_until',
  'max_price',
  'max_stops',
] as const satisfies (keyof Wishes)[];

/** What an address asks for. */
export function placeOf(search: string): Place {
  const asked = new URLSearchParams(search);
  const text = (name: string): string => (asked.get(name) ?? '').slice(0, NAME_MOST);
  const trip = text('trip');
  // A link that was cut on its way leads nowhere, which the page says; it is no page without a question.
  if (trip !== '') return { kind: 'trip', id: TRIP.test(trip) ? trip : '' };
  const [origin, destination, departure] = [text('origin'), text('destination'), text('departure_date')];
  if (!origin || !destination || !departure) return { kind: 'home' };
  const further = asked
    .getAll('leg')
    .map(legOf)
    .filter((leg) => leg !== null)
    .slice(0, LEGS_MOST);
  const children = asked
    .getAll('child')
    .map(whole)
    .filter((age) => age !== null)
    .slice(0, CHILDREN_MOST);
  return {
    kind: 'search',
    query: {
      ...anyFlight(coded(origin), coded(destination), departure),
      return_date: further.length === 0 && text('return_date') ? text('return_date') : null,
      further,
      adults: whole(text('adults')) ?? 1,
      children,
      infants: whole(text('infants')) ?? 0,
      cabin: CABINS.find((cabin) => cabin === text('cabin')) ?? 'economy',
      checked_bags: whole(text('bags')),
      currency: money(text('currency')),
      refundable: text('refundable') === 'true',
      airlines: only(text('airlines'), AIRLINES)?.split(',') ?? [],
      without_airlines: only(text('without_airlines'), AIRLINES)?.split(',') ?? [],
      depart_from: only(text('depart_from'), CLOCK),
      depart_until: only(text('depart_until'), CLOCK),
      arrive_from: only(text('arrive_from'), CLOCK),
      arrive_until: only(text('arrive_until'), CLOCK),
      max_price: only(text('max_price'), /^\d{1,8}(\.\d\d?)?$/),
      max_stops: whole(text('max_stops')),
    },
  };
}

/** The address of a search, with all that was wished for. */
export function addressOf(result: SearchResult['query']): string {
  const query = queryOf(result);
  const asked = new URLSearchParams({
    origin: result.origin.code,
    destination: result.destination.code,
    departure_date: query.departure_date,
    adults: String(query.adults),
  });
  if (query.return_date) asked.set('return_date', query.return_date);
  for (const { origin, destination, date } of result.further) {
    asked.append('leg', `${origin.code}.${destination.code}.${date}`);
  }
  for (const age of query.children) asked.append('child', String(age));
  if (query.infants > 0) asked.set('infants', String(query.infants));
  if (query.cabin !== 'economy') asked.set('cabin', query.cabin);
  if (query.checked_bags) asked.set('bags', String(query.checked_bags));
  if (query.currency) asked.set('currency', query.currency);
  for (const name of WISHES) {
    const wish = String(query[name] ?? false);
    if (wish !== '' && wish !== 'false') asked.set(name, wish);
  }
  const persona = personaOf(home.search());
  if (persona) asked.set('persona', persona);
  return `?${asked}`;
}

/** Whether an address asks for this search, or for nothing at all. */
export function isOf(query: SearchResult['query'], search: string): boolean {
  const { kind } = placeOf(search);
  return kind === 'home' || (kind === 'search' && addressOf(query) === search);
}
