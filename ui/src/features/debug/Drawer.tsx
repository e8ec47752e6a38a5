import './debug.css';
import type { Room, RoomEvent } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import type { Action, State } from '@/features/conversation/state.ts';
import { downloadText } from '@/lib/download.ts';
import type { Store } from '@/lib/store.ts';
import { changesOf, EVENTS, eventWords, factsOf, roundTripOf } from './facts.ts';

type Props = { store: Store<State, Action>; room: Room | undefined };
type Line = { id: number; at: string; kind: 'state' | 'event' | 'rpc'; text: string };

/** Older lines are gone: a call of an hour must not fill the memory. */
const MOST = 200;
const EVERY_MS = 2000;

/** For those who mend the page (`?debug=1`): state, round trip, events of the room and calls to the agent, no words. */
export function Drawer({ store, room }: Props) {
  const [lines, setLines] = useState<Line[]>([]);
  const [roundTrip, setRoundTrip] = useState<number | null>(null);
  const next = useRef(0);
  const [tell] = useState(() => (kind: Line['kind'], text: string): void => {
    const line = { id: next.current++, at: new Date().toISOString().slice(11, 23), kind, text };
    setLines((known) => [line, ...known].slice(0, MOST));
  });

  useEffect(() => {
    let before = store.state();
    return store.subscribe(() => {
      const now = store.state();
      const changes = changesOf(before, now);
      before = now;
      if (changes) tell('state', changes);
    });
  }, [store, tell]);

  useEffect(() => {
    if (!room) return;
    const heard = EVENTS.map((name) => {
      const listener = (...given: unknown[]): void => tell('event', eventWords(name, given));
      room.on(name as RoomEvent, listener);
      return () => void room.off(name as RoomEvent, listener);
    });
    const { localParticipant } = room;
    const perform = localParticipant.performRpc;
    localParticipant.performRpc = async (call) => {
      const begun = performance.now();
      const took = (): string => `${call.method} ${Math.round(performance.now() - begun)} ms`;
      try {
        const answer = await perform.call(localParticipant, call);
        tell('rpc', took());
        return answer;
      } catch (error) {
        tell('rpc', `${took()} failed: ${error instanceof Error ? error.name : 'unknown'}`);
        throw error;
      }
    };
    const timer = setInterval(() => void roundTripOf(room).then(setRoundTrip), EVERY_MS);
    return () => {
      for (const stop of heard) stop();
      localParticipant.performRpc = perform;
      clearInterval(timer);
    };
  }, [room, tell]);

  const shown = factsOf(store.state());
  return (
    <aside className="debug" aria-label="Debug">
      <details open>
        <summary>
          Debug: round trip {roundTrip === null ? 'unknown' : `${roundTrip} ms`}, {lines.length} lines
        </summary>
        <button
          type="button"
          className="button small"
          onClick={() =>
            downloadText('debug.json', JSON.stringify({ state: shown, roundTrip, lines }, null, 2), 'application/json')
          }
        >
          Save
        </button>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
        <section tabIndex={0} aria-label="State and events">
          <pre>{JSON.stringify(shown, null, 1)}</pre>
          <ol>
            {lines.map((line) => (
              <li key={line.id}>
                <code>
                  {line.at} {line.kind} {line.text}
                </code>
              </li>
            ))}
          </ol>
        </section>
      </details>
    </aside>
  );
}
