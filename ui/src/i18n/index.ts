/** Texts of the page: one JSON a language, fetched when it is needed. */
import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { directionOf, PAGE_LANGUAGE_CODES, type PageLanguage } from './languages.ts';

type Texts = { default: Record<string, string> };

const loaders: Record<PageLanguage, () => Promise<Texts>> = {
  en: () => import('./locales/en.json'),
  es: () => import('./locales/es.json'),
  fr: () => import('./locales/fr.json'),
  de: () => import('./locales/de.json'),
  it: () => import('./locales/it.json'),
  pt: () => import('./locales/pt.json'),
  ja: () => import('./locales/ja.json'),
  zh: () => import('./locales/zh.json'),
  'pt-PT': () => import('./locales/pt-PT.json'),
  ar: () => import('./locales/ar.json'),
};

/** Ready with the texts of one language. There is no fallback language: a test proves that all have every key. */
export async function startI18n(language: PageLanguage): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: language,
    supportedLngs: PAGE_LANGUAGE_CODES,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    // React escapes. In a language that is read from right to left, a name in Latin letters must not turn what is around it.
    interpolation: {
      escape: (text) => (directionOf(i18next.language as PageLanguage) === 'rtl' ? `\u2068${text}\u2069` : text),
    },
    resources: { [language]: { translation: (await loaders[language]()).default } },
  });
  return i18next;
}

/** Switches the page; the old texts stay until the new ones are here. */
export async function changeLanguage(language: PageLanguage): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await loaders[language]()).default);
  }
  await i18next.changeLanguage(language);
}
