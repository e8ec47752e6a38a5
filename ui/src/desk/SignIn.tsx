import { type FormEvent, useId, useState } from 'react';
import { asking, callPageSchema } from './api.ts';
import { wordsOf } from './useLoaded.ts';

type Props = { onKey: (key: string) => void };

/** An operator's key, a key of a tenant, or a token of the configured issuer: whatever the API takes. */
export function SignIn({ onKey }: Props) {
  const id = useId();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  async function enter(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await asking(key.trim())(callPageSchema, '/v1/calls?limit=1');
      onKey(key.trim());
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="desk sign-in" id="main">
      <h1>Polyglot desk</h1>
      <form onSubmit={(event) => void enter(event)}>
        <label htmlFor={id}>Key or token</label>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          required
          value={key}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setKey(event.target.value)}
        />
        <p className="muted small" id={`${id}-hint`}>
          A key with the right <code>records</code> (made by <code>polyglot keys create</code>), the operator’s own key,
          or a token of your identity provider. It is kept in this tab alone.
        </p>
        <button type="submit" className="button primary" disabled={busy}>
          Open the desk
        </button>
        <p role="alert" className="field-error">
          {problem}
        </p>
      </form>
    </main>
  );
}
