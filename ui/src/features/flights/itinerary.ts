/** What a card says about one direction of a journey. */
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

/** Airlines that fly parts of the offer without selling it. */
export function operators(offer: Offer): string[] {
  const names = offer.slices.flatMap((slice) => slice.segments).map((part) => part.operating_carrier ?? part.carrier);
  const others = names.filter((carrier) => carrier.code !== offer.carrier.code).map((carrier) => carrier.name);
  return [...new Set(others)];
}
