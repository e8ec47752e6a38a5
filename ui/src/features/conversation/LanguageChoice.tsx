import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGE_CODES, LANGUAGES } from '@/i18n/languages.ts';
import { Icon } from '@/ui/Icon.tsx';

type Props = { value: string; onChange: (language: string) => void };

/** Language of the conversation, as chips: following the speaker, or one of ours under its own name. */
export function LanguageChoice({ value, onChange }: Props) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <fieldset className="chips">
      <legend>{t('language.conversation')}</legend>
      {['auto', ...LANGUAGE_CODES].map((code) => (
        <label key={code} className="chip" lang={code === 'auto' ? undefined : code}>
          <input type="radio" name={name} value={code} checked={value === code} onChange={() => onChange(code)} />
          <span>{code === 'auto' ? t('language.auto') : LANGUAGES[code as keyof typeof LANGUAGES]}</span>
        </label>
      ))}
    </fieldset>
  );
}

const nameOf = (code: string | null): string | undefined =>
  LANGUAGE_CODES.filter((known) => known === code).map((known) => LANGUAGES[known])[0];

/** The same choice while a call runs, where there is less room; `spoken`: what the assistant answers in now. */
export function LanguageSelect({ value, spoken, onChange }: Props & { spoken: string | null }) {
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
