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

/** The first of the browser's languages that we speak, else English. */
export function preferredLanguage(tags: readonly string[]): LanguageCode {
  return tags.map((tag) => tag.split('-')[0]?.toLowerCase()).find(isLanguage) ?? 'en';
}
