import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api/schemas.ts';
import { CURRENCIES } from '@/features/settings/preferences.ts';
import { PlaceField, type Suggest } from './PlaceField.tsx';

export type FormValues = {
  origin: string;
  destination: string;
  departure_date: string;
  /** Empty: one way. */
  return_date: string;
  adults: string;
  /** ISO 4217; empty: that of the traveller's country or language. */
  currency: string;
};

type Props = {
  /** Earliest date that can be asked for, ISO. */
  today: string;
  initial: FormValues;
  searching: boolean;
  /** What the API said about the last search; null when it was fine, `failed` when it gave no reason. */
  problem: Problem | 'failed' | null;
  suggest: Suggest;
  onSearch: (values: FormValues) => void;
};

const PLACES = ['origin', 'destination'] as const;
const DATES = ['departure_date', 'return_date'] as const;
const FIELDS: readonly string[] = [...PLACES, ...DATES, 'adults'];

/** A search that needs no assistant. */
export function SearchFormView({ today, initial, searching, problem, suggest, onSearch }: Props) {
  const { t, i18n } = useTranslation();
  const names = new Intl.DisplayNames(i18n.language, { type: 'currency' });
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(initial);
  const errors = problem && problem !== 'failed' ? problem.errors : [];
  const isWrong = (field: string): boolean => errors.some((error) => error.field === field);
  const set = (field: keyof FormValues, value: string): void => setValues({ ...values, [field]: value });

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSearch(values);
  }

  const wrong = (field: string) =>
    isWrong(field) && (
      <p className="field-error" id={`${id}-${field}-wrong`}>
        {t(`form.wrong.${field}`)}
      </p>
    );
  return (
    <form className="search-form" ref={form} onSubmit={submit} aria-label={t('form.title')}>
      {PLACES.map((field) => (
        <div className="field" key={field}>
          <label htmlFor={`${id}-${field}`}>{t(`form.${field}`)}</label>
          <PlaceField
            id={`${id}-${field}`}
            value={values[field]}
            invalid={isWrong(field)}
            describedBy={isWrong(field) ? `${id}-${field}-wrong` : undefined}
            suggest={suggest}
            onChange={(value) => set(field, value)}
          />
          {wrong(field)}
        </div>
      ))}
      {DATES.map((field) => (
        <div className="field" key={field}>
          <label htmlFor={`${id}-${field}`}>{t(`form.${field}`)}</label>
          <input
            id={`${id}-${field}`}
            type="date"
            required={field === 'departure_date'}
            value={values[field]}
            min={field === 'return_date' ? values.departure_date || today : today}
            aria-invalid={isWrong(field)}
            aria-describedby={isWrong(field) ? `${id}-${field}-wrong` : undefined}
            onChange={(event) => set(field, event.target.value)}
          />
          {wrong(field)}
        </div>
      ))}
      <div className="field narrow">
        <label htmlFor={`${id}-adults`}>{t('form.adults')}</label>
        <input
          id={`${id}-adults`}
          type="number"
          min={1}
          max={9}
          required
          value={values.adults}
          onChange={(event) => set('adults', event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-currency`}>{t('form.currency')}</label>
        <span className="select">
          <select
            id={`${id}-currency`}
            value={values.currency}
            onChange={(event) => set('currency', event.target.value)}
          >
            <option value="">{t('form.currency.auto')}</option>
            {CURRENCIES.map((code) => (
              <option key={code} value={code}>
                {code} · {names.of(code)}
              </option>
            ))}
          </select>
        </span>
      </div>
      <button type="submit" className="button primary" disabled={searching}>
        {t(searching ? 'status.searching' : 'form.submit')}
      </button>
      <p role="alert" className="field-error">
        {problem && !errors.some((error) => FIELDS.includes(error.field)) ? t('form.failed') : ''}
      </p>
    </form>
  );
}
