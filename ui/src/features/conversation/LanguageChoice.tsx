import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGE_CODES, LANGUAGES } from '@/i18n/languages.ts';

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
