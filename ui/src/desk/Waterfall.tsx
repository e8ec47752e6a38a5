import type { TimelineEntry } from './api.ts';
import { decimal, Head, Wide } from './parts.tsx';

/** Stages of one answer, in milliseconds from the end of the traveller's speech. */
export type Stages = {
  id: string;
  at: string;
  words: number | null;
  token: number | null;
  filler: number | null;
  audio: number | null;
  provider: number | null;
};

const ms = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The stages of every answered turn of a call. */
export function stagesOf(entries: readonly TimelineEntry[]): Stages[] {
  return entries
    .filter(({ kind }) => kind === 'turn')
    .map(({ at, body }) => {
      const times = (body.times ?? {}) as Record<string, unknown>;
      return {
        id: String(body.turn_id ?? at),
        at,
        words: ms(times.words_ms),
        token: ms(times.first_token_ms),
        filler: ms(times.filler_ms),
        audio: ms(times.first_audio_ms),
        provider: ms(times.provider_ms),
      };
    });
}

const MEANING = 'From the end of speech to the first sound of the answer; the lighter part was waiting for providers';

/** A bar a turn, from the end of speech to the first sound of the answer: the providers' share and ours. */
export function Waterfall({ entries }: { entries: readonly TimelineEntry[] }) {
  const turns = stagesOf(entries);
  const longest = Math.max(1000, ...turns.map((turn) => turn.audio ?? turn.token ?? 0));
  const share = (value: number | null): string => `${((value ?? 0) / longest) * 100}%`;
  const seconds = (value: number | null): string => (value === null ? '–' : `${decimal(value / 1000, 2)} s`);
  if (turns.length === 0) return <p className="muted">No turn was answered.</p>;
  return (
    <Wide name={MEANING} className="waterfall">
      <caption>{MEANING}</caption>
      <Head names={['Turn', 'Words', 'First token', 'Filler', 'First sound', 'Providers', 'Ours', '']} />
      <tbody>
        {turns.map((turn, index) => {
          const total = turn.audio ?? turn.token;
          const ours = total !== null && turn.provider !== null ? Math.max(0, total - turn.provider) : null;
          return (
            <tr key={turn.id}>
              <th scope="row">{index + 1}</th>
              <td>{seconds(turn.words)}</td>
              <td>{seconds(turn.token)}</td>
              <td>{seconds(turn.filler)}</td>
              <td>{seconds(turn.audio)}</td>
              <td>{seconds(turn.provider)}</td>
              <td>{seconds(ours)}</td>
              <td className="bar" aria-hidden="true">
                <span style={{ inlineSize: share(total) }}>
                  <i style={{ inlineSize: total ? `${((turn.provider ?? 0) / total) * 100}%` : 0 }} />
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </Wide>
  );
}
