import { useTranslation } from 'react-i18next';
import { LANGUAGE_CODES, LANGUAGES } from '@/i18n/languages.ts';
import { Icon } from '@/ui/Icon.tsx';

const nameOf = (code: string | null): string | undefined =>
  LANGUAGE_CODES.filter((known) => known === code).map((known) => LANGUAGES[known])[0];

type Props = { value: string; spoken: string | null; onChange: (language: string) => void };

/** The language of the conversation while a call runs, where there is less room; `spoken`: what the assistant answers in now. */
export function LanguageSelect({ value, spoken, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <label className="select">
      <span className="sr-only">{t('language.conversation')}</span>
      <Icon name="globe" />
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="auto">{[t('language.auto'), nameOf(spoken)].filter(Boolean).join(' · ')}</option>
        {LANGUAGE_CODES.map((code) => (
          <option key={code} value={code} lang={code}>
            {LANGUAGES[code]}
          </option>
        ))}
      </select>
    </label>
  );
}
