import { type FormEvent, useState } from 'react';
import { type Ask, type Key, keySchema, keysSchema, madeKeySchema, scopeSchema } from './api.ts';
import { Choices, Head, Problem, Wide, when } from './parts.tsx';
import { useChange, useLoaded } from './useLoaded.ts';

/** Rights that a key can be given: all but the operator's own. */
const SCOPES = scopeSchema.options.filter((scope) => scope !== 'operate');

/** Keys: made, rotated with overlap, revoked at once. A secret is shown once. */
export function Keys({ ask }: { ask: Ask }) {
  const keys = useLoaded('keys', () => ask(keysSchema, '/v1/keys'));
  const [secret, setSecret] = useState<string | null>(null);
  const { change, problem } = useChange(keys.again);

  function make(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted = { name: form.get('name'), scopes: form.getAll('scopes') };
    void change(async () => setSecret((await ask(madeKeySchema, '/v1/keys', wanted)).secret));
  }

  return (
    <>
      <form className="filters" onSubmit={make} aria-label="New key">
        <label>
          Name
          <input name="name" required maxLength={80} />
        </label>
        <Choices legend="Rights" name="scopes" values={SCOPES} />
        <button type="submit" className="button primary small">
          Make a key
        </button>
      </form>
      <Problem>{problem ?? keys.problem}</Problem>
      <p role="status">
        {secret && (
          <>
            Copy it now, it is not shown again: <code className="receipt">{secret}</code>
          </>
        )}
      </p>
      {keys.value && (
        <Wide name="Keys">
          <Head names={['Name', 'Id', 'Tenant', 'Rights', 'Made', 'Ends', '']} />
          <tbody>
            {keys.value.keys.map((key) => (
              <tr key={key.id}>
                <th scope="row">{key.name}</th>
                <td>
                  <code>{key.id}</code>
                </td>
                <td>{key.tenant}</td>
                <td>{key.scopes.join(', ')}</td>
                <td>{when(key.created_at)}</td>
                <td>{ends(key)}</td>
                <td className="controls">
                  {!key.revoked_at && (
                    <>
                      <button
                        type="button"
                        className="button small"
                        onClick={() =>
                          void change(async () =>
                            setSecret((await ask(madeKeySchema, `/v1/keys/${key.id}/rotate`, {})).secret),
                          )
                        }
                      >
                        Rotate
                      </button>
                      <button
                        type="button"
                        className="button small"
                        onClick={() => void change(() => ask(keySchema, `/v1/keys/${key.id}/revoke`, {}))}
                      >
                        Revoke
                      </button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Wide>
      )}
    </>
  );
}

function ends(key: Key): string {
  if (key.revoked_at) return `revoked ${when(key.revoked_at)}`;
  return key.expires_at ? when(key.expires_at) : 'never';
}
