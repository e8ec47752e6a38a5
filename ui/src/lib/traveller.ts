/** What the API decides the market and the currency of whoever asks by. Here nothing is decided, only told and kept. */
import { CURRENCIES } from './currencies.generated.ts';
import { read, write } from './device.ts';
import { localeFor } from './locale.ts';

/** ISO 4217 that was chosen; empty: that of the traveller's country or language. */
export function storedCurrency(): string {
  const stored = read('currency') ?? '';
  return CURRENCIES.includes(stored) ? stored : '';
}

/** ISO 3166 country that was chosen to buy in; empty: as the device's clock and language say. */
export function storedCountry(): string {
  const stored = read('country') ?? '';
  return /^[A-Z]{2}$/.test(stored) ? stored : '';
}

export const storeCountry = (country: string): void => write('country', country);

export const storeCurrency = (currency: string): void => write('currency', currency);

export type Traveller = {
  /** IANA zone: also what "tomorrow" means. */
  time_zone: string;
  /** BCP 47 tag. */
  locale: string;
  country?: string;
};

/** Whoever reads this page in a language. */
export function traveller(language: string): Traveller {
  const country = storedCountry();
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  return { time_zone, locale: localeFor(language), ...(country ? { country } : {}) };
}

/**
 * In what a search is paid: what the traveller has chosen, else what it came in. A limit of the price is an amount in
 * the currency that it was said in, and holds the search there.
 */
export const currencyOf = (
  { currency, max_price }: { currency: string | null; max_price: string | null },
  chosen: string = storedCurrency(),
): string | null => (max_price ? currency || chosen : chosen || currency) || null;
