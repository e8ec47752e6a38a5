import { useEffect, useRef, useState } from 'react';
import type { Ask } from './api.ts';
import { CallLink, Problem, worded } from './parts.tsx';
import type { Offer } from './room.ts';
import { TalkPanel } from './TalkPanel.tsx';
import { wordsOf } from './useLoaded.ts';

/** Calls that were offered, newest first; more than these are history. */
const MOST = 20;

const REASONS: Record<Offer['reason'], string> = {
  red_flag: 'A sign of danger',
  asked: 'Asked for a person',
  stuck: 'The assistant cannot help',
};

type Offered = Offer & { at: number };

/** Waiting for calls that need a person: whoever joins first has the call. */
export function Wait({ ask }: { ask: Ask }) {
  const [name, setName] = useState('');
  const [state, setState] = useState<'away' | 'coming' | 'waiting'>('away');
  const [offers, setOffers] = useState<Offered[]>([]);
  const [joined, setJoined] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const leave = useRef<(() => void) | null>(null);

  useEffect(() => () => leave.current?.(), []);

  async function sit(): Promise<void> {
    setState('coming');
    setProblem(null);
    try {
      const { wait } = await import('./room.ts');
      leave.current = await wait(
        ask,
        name,
        (offer) => setOffers((known) => [{ ...offer, at: Date.now() }, ...known].slice(0, MOST)),
        () => setState('away'),
      );
      setState('waiting');
    } catch (error) {
      setState('away');
      setProblem(wordsOf(error));
    }
  }

  return (
    <>
      <form
        className="filters"
        aria-label="At the desk"
        onSubmit={(event) => {
          event.preventDefault();
          void sit();
        }}
      >
        <label>
          Your name, as the caller sees it
          <input maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        {state === 'waiting' ? (
          <button
            type="button"
            className="button small"
            onClick={() => {
              leave.current?.();
              setState('away');
            }}
          >
            Stop waiting
          </button>
        ) : (
          <button type="submit" className="button primary small" disabled={state === 'coming'}>
            Wait for calls
          </button>
        )}
        <p role="status">{state === 'waiting' && 'Waiting: calls that need a person appear here.'}</p>
      </form>
      <Problem>{problem}</Problem>
      {joined && <TalkPanel key={joined} id={joined} name={name} ask={ask} onEnd={() => setJoined(null)} />}
      <ul className="rows" aria-live="assertive">
        {offers.map((offer) => (
          <li key={`${offer.session_id} ${offer.at}`}>
            <strong>{REASONS[offer.reason]}</strong>
            <span className="muted small">
              {new Date(offer.at).toLocaleTimeString()} · {offer.language} · {worded(offer.persona)}
            </span>
            <span className="controls">
              <button
                type="button"
                className="button primary small"
                disabled={joined !== null}
                onClick={() => setJoined(offer.session_id)}
              >
                Join
              </button>
              <CallLink id={offer.session_id}>Record</CallLink>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
