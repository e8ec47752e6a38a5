import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnSession } from '@/api/client.ts';
import type { SearchResult } from '@/api/schemas.ts';
import { type MadeAlert, makeAlert } from '@/api/trips.ts';
import { useAsked } from './useAsked.ts';
import { addWatch } from './watches.ts';

type Props = { result: SearchResult; own: OwnSession | null };

const WHY: Record<string, string> = { email: 'alert.unsent', search: 'alert.many' };

const failure = ({ old, refused }: { old: boolean; refused: string | null }): string =>
  (refused && WHY[refused]) || (old ? 'trip.old' : 'trip.failed');

/** Be told by mail when this journey gets cheaper. */
export function WatchPrice({ result, own }: Props) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const [email, setEmail] = useState('');
  const [price, setPrice] = useState('');
  const [asked, ask] = useAsked<MadeAlert>();
  /** What is watched already: pressed again it would be watched twice. */
  const [watched, setWatched] = useState('');
  const wish = `${email.trim()} ${price}`;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const wanted = {
      search_id: result.search_id,
      email: email.trim(),
      language: i18n.language,
      ...(price ? { max_price: price.replace(',', '.') } : {}),
    };
    void ask(async () => {
      const made = await makeAlert(wanted, own);
      addWatch({ id: made.id, token: made.token });
      setWatched(wish);
      return made;
    });
  }

  return (
    <details className="by-form">
      <summary>{t('alert.title')}</summary>
      <form className="search-form" onSubmit={submit}>
        <div className="field">
          <label htmlFor={`${id}-email`}>{t('alert.email')}</label>
          <input
            id={`${id}-email`}
            type="email"
            autoComplete="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </div>
        <div className="field narrow">
          <label htmlFor={`${id}-price`}>{t('alert.max', { currency: result.query.currency })}</label>
          <input
            id={`${id}-price`}
            type="text"
            inputMode="decimal"
            pattern="\d{1,9}([.,]\d{1,2})?"
            value={price}
            onChange={(event) => setPrice(event.target.value)}
          />
        </div>
        <button type="submit" className="button" disabled={asked.state === 'asking' || watched === wish}>
          {t('alert.make')}
        </button>
        <p role="status">
          {asked.state === 'answered' && t(asked.answer.status === 'unconfirmed' ? 'alert.confirm' : 'alert.made')}
          {asked.state === 'failed' && t(failure(asked))}
        </p>
      </form>
    </details>
  );
}
