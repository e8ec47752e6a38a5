/** The supported languages, by code, each under its own name: those of `contracts/languages`. */
export const LANGUAGES = {
  en: 'English',
  es: 'Español',
  fr: 'Français',
  de: 'Deutsch',
  it: 'Italiano',
  pt: 'Português',
  ja: '日本語',
  zh: '中文',
} as const;

export type LanguageCode = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as LanguageCode[];

export const isLanguage = (code: string | null | undefined): code is LanguageCode => !!code && code in LANGUAGES;

/** What the page itself is written in: the supported languages, and those that it can be read in beside them. */
export const PAGE_LANGUAGES = { ...LANGUAGES, 'pt-PT': 'Português (Portugal)', ar: 'العربية' } as const;

export type PageLanguage = keyof typeof PAGE_LANGUAGES;

export const PAGE_LANGUAGE_CODES = Object.keys(PAGE_LANGUAGES) as PageLanguage[];

export const isPageLanguage = (code: string | null | undefined): code is PageLanguage =>
  !!code && Object.hasOwn(PAGE_LANGUAGES, code);

/** Portuguese of every country but Brazil is written as in Portugal. */
const asWritten = (tag: string): string =>
  /^pt-(?!br$)/i.test(tag) ? 'pt-PT' : (tag.split('-')[0]?.toLowerCase() ?? '');

/** The first of the browser's languages that the page is written in, else English. */
export function preferredLanguage(tags: readonly string[]): PageLanguage {
  return tags.map(asWritten).find(isPageLanguage) ?? 'en';
}

/** How a language is written across the page. */
export const directionOf = (language: PageLanguage): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');
