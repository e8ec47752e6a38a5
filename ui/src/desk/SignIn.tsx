import { type FormEvent, useId, useState } from 'react';
import { Problem } from './parts.tsx';
import type { Entrance } from './useSigned.ts';

/** By the deployment's identity provider, or by a key. */
export function SignIn({ ways, busy, problem, byKey, byProvider }: Entrance) {
  const id = useId();
  const [key, setKey] = useState('');

  function enter(event: FormEvent): void {
    event.preventDefault();
    byKey(key.trim());
  }

  return (
    <main className="desk sign-in" id="main">
      <h1>Polyglot desk</h1>
      {ways?.oidc && (
        <p>
          <button type="button" className="button primary" disabled={busy} onClick={byProvider}>
            Sign in at {new URL(ways.oidc.issuer).host}
          </button>
        </p>
      )}
      <form onSubmit={enter}>
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
        <button type="submit" className={ways?.oidc ? 'button' : 'button primary'} disabled={busy}>
          Open the desk
        </button>
        <p role="status">{busy && 'Signing in…'}</p>
        <Problem>{problem}</Problem>
      </form>
    </main>
  );
}
