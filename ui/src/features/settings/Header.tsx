import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeLanguage } from '@/i18n/index.ts';
import { directionOf, type PageLanguage } from '@/i18n/languages.ts';
import { home } from '@/lib/home.ts';
import { HeaderView } from './HeaderView.tsx';
import { applyTheme, storedTheme, storeLanguage, type Theme } from './preferences.ts';

/** The header with its settings kept on the device. */
export function Header() {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const language = i18n.language as PageLanguage;

  useEffect(() => {
    home.root.lang = language;
    home.root.dir = directionOf(language);
    if (home.embedded) return;
    document.title = t('app.title');
    // What is installed is named in the reader's language.
    document.querySelector('link[rel=manifest]')?.setAttribute('href', `/manifest/${language}.webmanifest`);
  }, [language, t]);

  return (
    <HeaderView
      language={language}
      theme={theme}
      onLanguage={(next) => {
        storeLanguage(next);
        void changeLanguage(next);
      }}
      onTheme={(next) => {
        applyTheme(next);
        setTheme(next);
      }}
    />
  );
}
