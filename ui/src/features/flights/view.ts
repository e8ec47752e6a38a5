/** How offers are chosen and ordered: the same rules as the agent's, which counts the cards by them. */
import type { Offer, View } from '@/api/schemas.ts';

export const ALL: View = {
  sort_by: 'price',
  max_stops: null,
  carrier: null,
  max_price: null,
  depart_from: null,
  depart_until: null,
  airport: null,
  checked_bag: false,
};

/** Minutes of all slices. */
export const minutesOf = (offer: Offer): number => offer.slices.reduce((sum, slice) => sum + slice.duration_minutes, 0);
export const price = (offer: Offer): number => Number(offer.total.amount);
const departure = (offer: Offer): number => Date.parse(offer.slices[0]?.segments[0]?.departs_at ?? '');

/** Changes of the direction that has most. */
export const stopsOf = (offer: Offer): number => Math.max(...offer.slices.map((slice) => slice.segments.length - 1));

/** Whether the first leg departs in time, by the clock at its airport; both ends count. */
function leaves(offer: Offer, { depart_from, depart_until }: View): boolean {
  const clock = (offer.slices[0]?.segments[0]?.departs_at ?? '').slice(11, 16);
  return (depart_from ?? clock) <= clock && clock <= (depart_until ?? clock);
}

/** Airports that a direction begins or ends at. */
const endsOf = (offer: Offer): string[] =>
  offer.slices
    .flatMap(({ segments }) => [segments[0]?.origin.code, segments.at(-1)?.destination.code])
    .filter((code) => code !== undefined);

/** The offers that fit the view, in its order; ties by price, then duration, then departure. */
export function applyView(offers: readonly Offer[], view: View): Offer[] {
  const first = { price, duration: minutesOf, departure }[view.sort_by];
  const keys = [first, price, minutesOf, departure];
  return (
    offers
      .filter(
        (offer) =>
          (view.max_stops === null || stopsOf(offer) <= view.max_stops) &&
          (view.carrier === null || offer.carrier.code === view.carrier) &&
          (view.max_price === null || price(offer) <= Number(view.max_price)) &&
          leaves(offer, view) &&
          (view.airport === null || endsOf(offer).includes(view.airport)) &&
          (!view.checked_bag || (offer.bags.checked ?? 0) > 0),
      )
      // Each key once for each offer, not for each comparison.
      .map((offer) => ({ offer, rank: keys.map((key) => key(offer)) }))
      .sort((a, b) => a.rank.map((key, index) => key - (b.rank[index] ?? 0)).find((difference) => difference) ?? 0)
      .map(({ offer }) => offer)
  );
}
