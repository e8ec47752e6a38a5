import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { countries } from '@/lib/countries.ts';
import { CURRENCIES } from '@/lib/currencies.generated.ts';
import type { FormValues } from './form.ts';

type Props = { values: FormValues; onChange: (changes: Partial<FormValues>) => void };

/** What fares are asked for in, and any other that a search came in. */
const offered = (chosen: string): readonly string[] =>
  chosen && !CURRENCIES.includes(chosen) ? [chosen, ...CURRENCIES] : CURRENCIES;

/** In what the traveller pays, and where they buy. */
export function MoneyFields({ values, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const names = new Intl.DisplayNames(i18n.language, { type: 'currency' });
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-currency`}>{t('form.currency')}</label>
        <span className="select">
          <select
            id={`${id}-currency`}
            value={values.currency}
            onChange={(event) => onChange({ currency: event.target.value })}
          >
            <option value="">{t('form.currency.auto')}</option>
            {offered(values.currency).map((code) => (
              <option key={code} value={code}>
                {code} · {names.of(code)}
              </option>
            ))}
          </select>
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-country`}>{t('form.country')}</label>
        <span className="select">
          <select
            id={`${id}-country`}
            value={values.country}
            onChange={(event) => onChange({ country: event.target.value })}
          >
            <option value="">{t('form.currency.auto')}</option>
            {countries(i18n.language).map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </span>
      </div>
    </>
  );
}
