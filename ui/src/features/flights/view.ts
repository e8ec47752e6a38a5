/** How offers are chosen and told apart: the same rules as the agent's, which counts the cards by them. */
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
const price = (offer: Offer): number => Number(offer.total.amount);
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
  return offers
    .filter(
      (offer) =>
        (view.max_stops === null || stopsOf(offer) <= view.max_stops) &&
        (view.carrier === null || offer.carrier.code === view.carrier) &&
        (view.max_price === null || price(offer) <= Number(view.max_price)) &&
        leaves(offer, view) &&
        (view.airport === null || endsOf(offer).includes(view.airport)) &&
        (!view.checked_bag || (offer.bags.checked ?? 0) > 0),
    )
    .sort((a, b) => keys.map((key) => key(a) - key(b)).find((difference) => difference !== 0) ?? 0);
}

export type Label = 'cheapest' | 'fastest' | 'best';

/** What is special about an offer among these; one that is all of it is called the best. Fewer than three: nothing is. */
export function labelsOf(offers: readonly Offer[]): Map<string, Label> {
  const labels = new Map<string, Label>();
  if (offers.length < 3) return labels;
  const least = (key: (offer: Offer) => number): Offer =>
    offers.reduce((best, offer) => (key(offer) < key(best) ? offer : best));
  const cheapest = least(price);
  const fastest = least(minutesOf);
  // Money and time weigh the same, each against the least that there is.
  const best = least((offer) => price(offer) / price(cheapest) + minutesOf(offer) / minutesOf(fastest));
  labels.set(cheapest.id, 'cheapest');
  if (!labels.has(fastest.id)) labels.set(fastest.id, 'fastest');
  if (cheapest.id === fastest.id || !labels.has(best.id)) labels.set(best.id, 'best');
  return labels;
}

/** Airlines that sell any of these, by name. */
export function carriersOf(offers: readonly Offer[]): { code: string; name: string }[] {
  const found = new Map(offers.map((offer) => [offer.carrier.code, offer.carrier.name]));
  return [...found].map(([code, name]) => ({ code, name })).sort((a, b) => a.name.localeCompare(b.name));
}

/** Airports that there is a choice of: of a city that has several, each by its code with its name. */
export function airportsOf(offers: readonly Offer[]): { code: string; name: string }[] {
  const cities = new Map<string, Map<string, string>>();
  for (const { slices } of offers) {
    for (const { segments } of slices) {
      for (const airport of [segments[0]?.origin, segments.at(-1)?.destination]) {
        if (airport) cities.set(airport.city, (cities.get(airport.city) ?? new Map()).set(airport.code, airport.name));
      }
    }
  }
  return [...cities.values()]
    .filter((airports) => airports.size > 1)
    .flatMap((airports) => [...airports].map(([code, name]) => ({ code, name })));
}

/** Limits of price that leave about a quarter, a half and three quarters of the offers. */
export function limitsOf(offers: readonly Offer[]): string[] {
  const prices = offers.map(price).sort((a, b) => a - b);
  if (prices.length < 4) return [];
  const at = [0.25, 0.5, 0.75].map((share) => Math.ceil(prices[Math.floor(share * prices.length)] ?? 0));
  return [...new Set(at)].map(String);
}

/** Parts of the day that a flight may leave in: the first is any. */
export const DAYTIMES = [
  { from: null, until: '12:00' },
  { from: '12:00', until: '18:00' },
  { from: '18:00', until: null },
] as const;
