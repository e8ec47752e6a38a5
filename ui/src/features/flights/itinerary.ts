/** What a row says about one direction of a journey. */
import type { Offer, Segment, Slice } from '@/api/schemas.ts';

export type Itinerary = {
  first: Segment;
  last: Segment;
  stops: number;
  /** Cities of the changes, in order. */
  via: string[];
};

/** Reduces a slice; its schema guarantees a segment. */
export function itinerary(slice: Slice): Itinerary {
  const { segments } = slice;
  const first = segments[0];
  const last = segments.at(-1);
  if (!first || !last) throw new Error('a slice has at least one segment');
  return { first, last, stops: segments.length - 1, via: segments.slice(0, -1).map((part) => part.destination.city) };
}

export type Change = {
  city: string;
  /** Code and name of the airport that one arrives at. */
  at: { code: string; name: string };
  /** Minutes on the ground. */
  minutes: number;
  /** Codes of both airports where the traveller must go from one to another. */
  airports: [from: string, to: string] | null;
  /** The wait takes up a night there. */
  overnight: boolean;
};

/** The changes between the segments of a slice. */
export function changes({ segments }: Slice): Change[] {
  return segments.slice(1).map((next, index) => {
    const before = segments[index] ?? next;
    return {
      city: before.destination.city,
      at: before.destination,
      minutes: Math.round((Date.parse(next.departs_at) - Date.parse(before.arrives_at)) / 60_000),
      airports: before.destination.code === next.origin.code ? null : [before.destination.code, next.origin.code],
      overnight: isOvernight(before.arrives_at, next.departs_at),
    };
  });
}

const NIGHT_HOUR = 3;
const DAY_MS = 86_400_000;
/** The clock at the airport as a number that can be counted with. */
const wallClock = (moment: string): number => Date.parse(`${moment.slice(0, 16)}:00Z`);

/** Whether a stay holds three in the morning, by the clock there: nobody sleeps in a bed who changes at midnight. */
function isOvernight(from: string, until: string): boolean {
  const nights = (moment: string): number => Math.floor((wallClock(moment) - NIGHT_HOUR * 3_600_000) / DAY_MS);
  return nights(until) > nights(from);
}

/** How far from what is typical for its journey an offer's emissions are, as a share; null: not known. */
export function emissionsAgainst({ emissions_kg, typical_emissions_kg }: Offer): number | null {
  if (emissions_kg === null || !typical_emissions_kg) return null;
  return Math.round((100 * (emissions_kg - typical_emissions_kg)) / typical_emissions_kg) / 100;
}

/** Airlines that fly parts of the offer without selling it. */
export function operators(offer: Offer): string[] {
  const names = offer.slices.flatMap((slice) => slice.segments).map((part) => part.operating_carrier ?? part.carrier);
  const others = names.filter((carrier) => carrier.code !== offer.carrier.code).map((carrier) => carrier.name);
  return [...new Set(others)];
}

/** Which way a slice goes: a return journey has two, any other counts its legs. */
export function direction(offer: Offer, index: number): 'outbound' | 'return' | 'leg' | null {
  const { slices } = offer;
  if (slices.length === 1) return null;
  const [there, back] = slices.map(itinerary);
  const returns = slices.length === 2 && there && back && there.first.origin.city === back.last.destination.city;
  if (!returns) return 'leg';
  return index === 0 ? 'outbound' : 'return';
}
