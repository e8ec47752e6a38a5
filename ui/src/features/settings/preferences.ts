/** What the reader chose for this page, kept on the device. Storage may be forbidden; then choices last for the visit. */
import { isPageLanguage, type PageLanguage, preferredLanguage } from '@/i18n/languages.ts';
import { home } from '@/lib/home.ts';

export type Theme = 'system' | 'light' | 'dark';

const read = (key: string): string | null => {
  try {
    return localStorage.getItem(`polyglot.${key}`);
  } catch {
    return null;
  }
};

const write = (key: string, value: string): void => {
  try {
    localStorage.setItem(`polyglot.${key}`, value);
  } catch {
    // Private mode: the choice is not kept.
  }
};

export function storedLanguage(): PageLanguage {
  const stored = read('language');
  return isPageLanguage(stored) ? stored : preferredLanguage(navigator.languages);
}

export const storeLanguage = (language: PageLanguage): void => write('language', language);

export function storedTheme(): Theme {
  const stored = read('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Applies and keeps a theme; `system` follows the device. */
export function applyTheme(theme: Theme): void {
  home.root.dataset.theme = theme;
  write('theme', theme);
}

/** Whether the assistant is read and not heard. */
export const storedCaptions = (): boolean => read('captions') === 'only';

export const storeCaptions = (only: boolean): void => write('captions', only ? 'only' : '');

/** Offered in the form; any other that a search comes in is offered with it. */
export const CURRENCIES: readonly string[] = [
  'AUD',
  'BRL',
  'CAD',
  'CHF',
  'CNY',
  'CZK',
  'DKK',
  'EUR',
  'GBP',
  'HKD',
  'INR',
  'JPY',
  'KRW',
  'MXN',
  'NOK',
  'NZD',
  'PLN',
  'SEK',
  'SGD',
  'TRY',
  'USD',
  'ZAR',
];

/** ISO 4217; empty: that of the traveller's country or language. */
export function storedCurrency(): string {
  const stored = read('currency') ?? '';
  return CURRENCIES.includes(stored) ? stored : '';
}

/** ISO 3166 country that the traveller buys in; empty: that of their browser. */
export function storedCountry(): string {
  const stored = read('country') ?? '';
  return /^[A-Z]{2}$/.test(stored) ? stored : '';
}

export const storeCountry = (country: string): void => write('country', country);

export const storeCurrency = (currency: string): void => write('currency', currency);
