import { type FormEvent, useState } from 'react';
import * as z from 'zod/mini';
import { type Ask, deliveriesSchema, hookEventSchema, madeWebhookSchema, webhooksSchema } from './api.ts';
import { Choices, Problem, when } from './parts.tsx';
import { useChange, useLoaded } from './useLoaded.ts';

/** Who is told of calls, and what became of each message. */
export function Webhooks({ ask }: { ask: Ask }) {
  const hooks = useLoaded('hooks', () => ask(webhooksSchema, '/v1/webhooks'));
  const [chosen, setChosen] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const { change, problem } = useChange(hooks.again);

  function make(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted = { url: form.get('url'), events: form.getAll('events') };
    void change(async () => setSecret((await ask(madeWebhookSchema, '/v1/webhooks', wanted)).secret));
  }

  return (
    <>
      <form className="filters" onSubmit={make} aria-label="New webhook">
        <label>
          Address
          <input name="url" type="url" required placeholder="https://" />
        </label>
        <Choices legend="Events" name="events" values={hookEventSchema.options} />
        <button type="submit" className="button primary small">
          Add
        </button>
      </form>
      <Problem>{problem ?? hooks.problem}</Problem>
      <p role="status">
        {secret && (
          <>
            Verify messages with it; it is not shown again: <code className="receipt">{secret}</code>
          </>
        )}
      </p>
      <ul className="rows">
        {hooks.value?.webhooks.map((hook) => (
          <li key={hook.id}>
            <strong>{hook.url}</strong>
            <span className="muted small">
              {hook.events.join(', ')} · {hook.tenant}
            </span>
            <span className="controls">
              <button
                type="button"
                className="button small"
                aria-expanded={chosen === hook.id}
                onClick={() => setChosen(chosen === hook.id ? null : hook.id)}
              >
                Messages
              </button>
              <button
                type="button"
                className="button small"
                onClick={() => void change(() => ask(z.unknown(), `/v1/webhooks/${hook.id}/remove`, {}))}
              >
                Remove
              </button>
            </span>
            {chosen === hook.id && <Deliveries ask={ask} hook={hook.id} />}
          </li>
        ))}
      </ul>
      {hooks.value?.webhooks.length === 0 && <p className="muted">Nobody is told of anything.</p>}
    </>
  );
}

function Deliveries({ ask, hook }: { ask: Ask; hook: string }) {
  const path = `/v1/webhooks/${hook}/deliveries`;
  const { value, problem, again } = useLoaded(hook, () => ask(deliveriesSchema, path));
  const { change, problem: failed } = useChange(again);
  return (
    <>
      <Problem>{failed ?? problem}</Problem>
      {value?.deliveries.length === 0 && <p className="muted">No messages yet.</p>}
      <ul className="rows">
        {value?.deliveries.map((one) => (
          <li key={one.id}>
            <span>
              {when(one.created_at)} · {one.kind}{' '}
              <span className={one.status === 'failed' ? 'tag bad' : 'tag'}>{one.status}</span>
            </span>
            <span className="muted small">
              {one.attempts} attempts{one.answer !== null && `, last answer ${one.answer}`}
            </span>
            <span className="controls">
              <button
                type="button"
                className="button small"
                onClick={() => void change(() => ask(z.unknown(), `${path}/${one.id}/replay`, {}))}
              >
                Send again
              </button>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
