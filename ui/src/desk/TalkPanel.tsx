import { useEffect, useRef, useState } from 'react';
import type { Ask } from './api.ts';
import { Problem } from './parts.tsx';
import type { Line, Talk } from './room.ts';
import { wordsOf } from './useLoaded.ts';

type Props = { id: string; name: string; ask: Ask; onEnd: () => void };

/** In a call: what is said, and the operator's own microphone. */
export function TalkPanel({ id, name, ask, onEnd }: Props) {
  const [state, setState] = useState<'coming' | 'in' | 'over'>('coming');
  const [muted, setMuted] = useState(false);
  const [sharing, setSharing] = useState(false);
  const [lines, setLines] = useState<Line[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const talk = useRef<Talk | null>(null);
  const given = useRef({ ask, name });

  useEffect(() => {
    let gone = false;
    async function enter(): Promise<void> {
      try {
        const { join } = await import('./room.ts');
        const joined = await join(
          given.current.ask,
          id,
          given.current.name,
          (line) => setLines((known) => [...known.filter((other) => other.id !== line.id), line]),
          () => setState('over'),
        );
        if (gone) joined.leave();
        else {
          talk.current = joined;
          setState('in');
        }
      } catch (error) {
        setProblem(wordsOf(error));
        setState('over');
      }
    }
    void enter();
    return () => {
      gone = true;
      talk.current?.leave();
    };
  }, [id]);

  async function write(text: string): Promise<void> {
    setProblem(null);
    try {
      await talk.current?.write(text);
    } catch {
      setProblem('That could not be sent.');
      throw new Error('not sent');
    }
  }

  return (
    <section className="talk-panel" aria-label="In the call">
      <p role="status">
        {{ coming: 'Joining…', in: 'You are in the call.', over: 'You are not in the call any more.' }[state]}
      </p>
      <Problem>{problem}</Problem>
      <ul className="lines">
        {lines.slice(-12).map((line) => (
          <li key={line.id}>
            <strong>
              {line.who.startsWith('agent') ? 'Assistant' : line.who.startsWith('operator-') ? 'You' : 'Caller'}
            </strong>{' '}
            {line.text}
          </li>
        ))}
      </ul>
      {state === 'in' && <Note onWrite={write} />}
      <div className="controls">
        {state === 'in' && (
          <button
            type="button"
            className="button small"
            aria-pressed={muted}
            onClick={() => {
              setMuted(!muted);
              void talk.current?.mute(!muted);
            }}
          >
            {muted ? 'Unmute' : 'Mute'}
          </button>
        )}
        {state === 'in' && (
          <button
            type="button"
            className="button small"
            aria-pressed={sharing}
            onClick={() => void talk.current?.share(!sharing).then(setSharing)}
          >
            {sharing ? 'Stop sharing' : 'Share my screen'}
          </button>
        )}
        <button
          type="button"
          className="button small"
          onClick={() => {
            talk.current?.leave();
            onEnd();
          }}
        >
          {state === 'over' ? 'Close' : 'Leave the call'}
        </button>
      </div>
    </section>
  );
}

/** As much as the page of the caller shows at once. */
const NOTE_MOST = 500;

/** Something in writing for the caller: a number, a name, an address that is hard to say. */
function Note({ onWrite }: { onWrite: (text: string) => Promise<void> }) {
  const [text, setText] = useState('');
  return (
    <form
      className="filters"
      aria-label="Write to the caller"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim())
          void onWrite(text.trim()).then(
            () => setText(''),
            () => undefined,
          );
      }}
    >
      <label>
        Write to the caller
        <input maxLength={NOTE_MOST} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit" className="button small">
        Send
      </button>
    </form>
  );
}
