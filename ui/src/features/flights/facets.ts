/** What there is to choose from among offers, and what is special about each. */
import type { Offer } from '@/api/schemas.ts';
import { minutesOf, price } from './view.ts';

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
