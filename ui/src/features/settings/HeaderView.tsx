import { useTranslation } from 'react-i18next';
import { PAGE_LANGUAGE_CODES, PAGE_LANGUAGES, type PageLanguage } from '@/i18n/languages.ts';
import { Icon } from '@/ui/Icon.tsx';
import type { Theme } from './preferences.ts';

type Props = {
  language: PageLanguage;
  theme: Theme;
  onLanguage: (language: PageLanguage) => void;
  onTheme: (theme: Theme) => void;
};

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const ICONS = { system: 'auto', light: 'sun', dark: 'moon' } as const;

/** Name of the product and the settings of the page. */
export function HeaderView({ language, theme, onLanguage, onTheme }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <a className="skip-link" href="#main">
        {t('app.skip')}
      </a>
      <header className="app-header">
        <p className="wordmark">
          <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect x="3" y="12" width="4" height="8" rx="2" />
            <rect x="10" y="7" width="4" height="18" rx="2" />
            <rect x="17" y="3" width="4" height="26" rx="2" />
            <rect x="24" y="10" width="4" height="12" rx="2" />
          </svg>
          Polyglot
        </p>
        <div className="settings">
          <label className="select">
            <Icon name="globe" />
            <span className="sr-only">{t('language.page')}</span>
            <select value={language} onChange={(event) => onLanguage(event.target.value as PageLanguage)}>
              {PAGE_LANGUAGE_CODES.map((code) => (
                <option key={code} value={code} lang={code}>
                  {PAGE_LANGUAGES[code]}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className="button icon-only quiet"
            aria-label={`${t('theme.title')}: ${t(`theme.${theme}`)}`}
            title={t(`theme.${theme}`)}
            onClick={() => onTheme(NEXT[theme])}
          >
            <Icon name={ICONS[theme]} />
          </button>
        </div>
      </header>
    </>
  );
}
