import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api/schemas.ts';

export type FormValues = { origin: string; destination: string; departure_date: string };

type Props = {
  /** Earliest date that can be asked for, ISO. */
  today: string;
  initialDate: string;
  searching: boolean;
  /** What the API said about the last search; null when it was fine, `failed` when it gave no reason. */
  problem: Problem | 'failed' | null;
  onSearch: (values: FormValues) => void;
};

const FIELDS = ['origin', 'destination', 'departure_date'] as const;

/** A search that needs no assistant. */
export function SearchFormView({ today, initialDate, searching, problem, onSearch }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [values, setValues] = useState<FormValues>({ origin: '', destination: '', departure_date: initialDate });
  const wrong = problem && problem !== 'failed' ? problem.errors.map((error) => error.field) : [];

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSearch(values);
  }

  return (
    <form className="search-form" onSubmit={submit} aria-label={t('form.title')}>
      {FIELDS.map((field) => {
        const isWrong = wrong.includes(field);
        return (
          <div className="field" key={field}>
            <label htmlFor={`${id}-${field}`}>{t(`form.${field}`)}</label>
            <input
              id={`${id}-${field}`}
              type={field === 'departure_date' ? 'date' : 'text'}
              required
              value={values[field]}
              min={field === 'departure_date' ? today : undefined}
              maxLength={80}
              autoComplete="off"
              aria-invalid={isWrong}
              aria-describedby={isWrong ? `${id}-${field}-wrong` : undefined}
              onChange={(event) => setValues({ ...values, [field]: event.target.value })}
            />
            {isWrong && (
              <p className="field-error" id={`${id}-${field}-wrong`}>
                {t(`form.wrong.${field}`)}
              </p>
            )}
          </div>
        );
      })}
      <button type="submit" className="button primary" disabled={searching}>
        {t(searching ? 'status.searching' : 'form.submit')}
      </button>
      <p role="alert" className="field-error">
        {problem && !FIELDS.some((field) => wrong.includes(field)) ? t('form.failed') : ''}
      </p>
    </form>
  );
}
