import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api/schemas.ts';
import { Icon } from '@/ui/Icon.tsx';
import { type FormLeg, type FormValues, KINDS, LEGS_MOST, nextLeg, withDate } from './form.ts';
import { MoneyFields } from './MoneyFields.tsx';
import { PartyFields } from './PartyFields.tsx';
import { PlaceField, type PlaceText, type Suggest } from './PlaceField.tsx';

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
const PARTY: readonly string[] = ['adults', 'children', 'infants'];

/** The field of the API that an error is about: of the first leg or of a further one. */
const inApi = (field: 'origin' | 'destination' | 'date', leg: number): string =>
  leg > 0 ? `further.${leg - 1}.${field}` : field === 'date' ? 'departure_date' : field;

/** A search that needs no assistant: one way, return, or several legs. */
export function SearchFormView({ today, initial, searching, problem, suggest, onSearch }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [values, setValues] = useState(initial);
  const errors = problem && problem !== 'failed' ? problem.errors : [];
  const blamed = (field: string): boolean => errors.some((error) => error.field === field);
  const set = (changes: Partial<FormValues>): void => setValues({ ...values, ...changes });
  const setLeg = (index: number, changes: Partial<FormLeg>): void =>
    set({ legs: values.legs.map((leg, at) => (at === index ? { ...leg, ...changes } : leg)) });
  const legs = values.kind === 'several' ? values.legs : values.legs.slice(0, 1);
  const known = [...legs.flatMap((_, leg) => [...PLACES, 'date' as const].map((f) => inApi(f, leg))), 'return_date'];
  const partyWrong = errors.some(({ field }) => PARTY.includes(field.split('.')[0] ?? ''));
  const unplaced = problem && !partyWrong && !errors.some(({ field }) => known.includes(field));

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [problem]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSearch(values);
  }

  const wrong = (field: string, text: string) =>
    blamed(field) && (
      <p className="field-error" id={`${id}-${field}-wrong`}>
        {t(`form.wrong.${text}`)}
      </p>
    );
  const date = (name: string, label: string, value: string, min: string, onChange: (value: string) => void) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{t(label)}</label>
      <input
        id={`${id}-${name}`}
        name={name}
        type="date"
        required
        value={value}
        min={min}
        aria-invalid={blamed(name)}
        aria-describedby={blamed(name) ? `${id}-${name}-wrong` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {wrong(name, name === 'return_date' ? name : 'departure_date')}
    </div>
  );

  return (
    <form className="search-form" ref={form} onSubmit={submit} aria-label={t('form.title')}>
      <fieldset className="segmented">
        <legend className="sr-only">{t('form.kind')}</legend>
        {KINDS.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name={`${id}-kind`}
              checked={values.kind === kind}
              onChange={() =>
                set({
                  kind,
                  // Several legs are two at least.
                  legs:
                    kind === 'several' && values.legs.length === 1
                      ? [...values.legs, nextLeg(values.legs)]
                      : values.legs,
                })
              }
            />
            <span>{t(`form.kind.${kind}`)}</span>
          </label>
        ))}
      </fieldset>
      {legs.map((leg, index) => (
        <fieldset
          className="leg"
          key={inApi('date', index)}
          aria-label={legs.length > 1 ? t('slice.leg', { number: index + 1 }) : undefined}
        >
          {PLACES.map((field) => {
            const name = inApi(field, index);
            return (
              <div className="field" key={field}>
                <label htmlFor={`${id}-${name}`}>{t(`form.${field}`)}</label>
                <PlaceField
                  id={`${id}-${name}`}
                  name={name}
                  value={leg[field]}
                  invalid={blamed(name)}
                  describedBy={blamed(name) ? `${id}-${name}-wrong` : undefined}
                  suggest={suggest}
                  onChange={(value) => setLeg(index, { [field]: value })}
                />
                {wrong(name, field)}
                <Choices
                  choices={errors.find((error) => error.field === name)?.choices ?? []}
                  onChoose={(value) => setLeg(index, { [field]: value })}
                />
              </div>
            );
          })}
          {date(inApi('date', index), 'form.departure_date', leg.date, legs[index - 1]?.date || today, (value) =>
            set({
              legs: value ? withDate(values.legs, index, value) : values.legs,
              return_date: values.return_date < value ? '' : values.return_date,
            }),
          )}
          {values.kind === 'return' &&
            date('return_date', 'form.return', values.return_date, leg.date || today, (value) =>
              set({ return_date: value }),
            )}
          {index > 1 && index === legs.length - 1 && (
            <button type="button" className="button small" onClick={() => set({ legs: legs.slice(0, -1) })}>
              <Icon name="end" />
              {t('form.remove', { number: index + 1 })}
            </button>
          )}
        </fieldset>
      ))}
      {values.kind === 'several' && legs.length < LEGS_MOST && (
        <button type="button" className="button small" onClick={() => set({ legs: [...legs, nextLeg(legs)] })}>
          {t('form.add')}
        </button>
      )}
      <PartyFields values={values} wrong={partyWrong} onChange={set} />
      <MoneyFields values={values} onChange={set} />
      <button type="submit" className="button primary" disabled={searching}>
        {t(searching ? 'status.searching' : 'form.submit')}
      </button>
      <p role="alert" className="field-error">
        {unplaced ? t('form.failed') : ''}
      </p>
    </form>
  );
}

type ChoicesProps = { choices: { value: string; label: string }[]; onChoose: (place: PlaceText) => void };

/** What was perhaps meant, each a tap away. */
function Choices({ choices, onChoose }: ChoicesProps) {
  const { t } = useTranslation();
  if (choices.length === 0) return null;
  return (
    <ul className="chips" aria-label={t('understood.meant')}>
      {choices.map(({ value, label }) => (
        <li key={value}>
          <button type="button" className="button small" onClick={() => onChoose({ text: label, code: value })}>
            <bdi>{label}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}
