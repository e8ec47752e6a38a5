import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { CABINS } from '@/api/query.ts';
import { type FormValues, PARTY_MOST } from './form.ts';

type Props = { values: FormValues; wrong: boolean; onChange: (changes: Partial<FormValues>) => void };

const AGES = Array.from({ length: 16 }, (_, index) => index + 2);
const USUAL_AGE = 8;

/** Who travels, and how: ages matter to airlines, from two on a child has a seat of its own. */
export function PartyFields({ values, wrong, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const seats = values.adults + values.children.length + values.infants;
  const number = (name: 'adults' | 'infants', least: number, most: number) => (
    <div className="field narrow">
      <label htmlFor={`${id}-${name}`}>{t(`form.${name}`)}</label>
      <input
        id={`${id}-${name}`}
        name={name}
        type="number"
        min={least}
        max={most}
        required
        value={values[name]}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => onChange({ [name]: event.target.valueAsNumber || least })}
      />
    </div>
  );
  return (
    <fieldset className="party">
      <legend className="sr-only">{t('form.party')}</legend>
      {number('adults', 1, PARTY_MOST - (seats - values.adults))}
      <div className="field narrow">
        <label htmlFor={`${id}-children`}>{t('form.children')}</label>
        <input
          id={`${id}-children`}
          name="children"
          type="number"
          min={0}
          max={PARTY_MOST - (seats - values.children.length)}
          required
          value={values.children.length}
          onChange={(event) => {
            const count = Math.min(Math.max(event.target.valueAsNumber || 0, 0), PARTY_MOST - 1);
            onChange({ children: Array.from({ length: count }, (_, index) => values.children[index] ?? USUAL_AGE) });
          }}
        />
      </div>
      {values.children.map((age, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: children are told apart by their number alone.
        <div className="field narrow" key={index}>
          <label htmlFor={`${id}-age-${index}`}>{t('form.age', { number: index + 1 })}</label>
          <span className="select">
            <select
              id={`${id}-age-${index}`}
              value={age}
              onChange={(event) =>
                onChange({
                  children: values.children.map((old, at) => (at === index ? Number(event.target.value) : old)),
                })
              }
            >
              {AGES.map((years) => (
                <option key={years}>{years}</option>
              ))}
            </select>
          </span>
        </div>
      ))}
      {number('infants', 0, values.adults)}
      <div className="field">
        <label htmlFor={`${id}-cabin`}>{t('fact.cabin')}</label>
        <span className="select">
          <select
            id={`${id}-cabin`}
            name="cabin"
            value={values.cabin}
            onChange={(event) => onChange({ cabin: CABINS.find((cabin) => cabin === event.target.value) ?? 'economy' })}
          >
            {CABINS.map((cabin) => (
              <option key={cabin} value={cabin}>
                {t(`cabin.${cabin}`)}
              </option>
            ))}
          </select>
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-bags`}>{t('fact.checked_bags')}</label>
        <span className="select">
          <select
            id={`${id}-bags`}
            name="bags"
            value={values.bags}
            onChange={(event) => onChange({ bags: Number(event.target.value) })}
          >
            <option value={0}>{t('form.bags.any')}</option>
            {[1, 2].map((pieces) => (
              <option key={pieces} value={pieces}>
                {t('form.bags', { pieces })}
              </option>
            ))}
          </select>
        </span>
      </div>
      {wrong && (
        <p className="field-error" id={`${id}-wrong`}>
          {t('form.wrong.party')}
        </p>
      )}
    </fieldset>
  );
}
