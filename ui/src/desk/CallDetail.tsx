import { useEffect, useState } from 'react';
import { downloadText } from '@/lib/download.ts';
import {
  type Ask,
  callDetailSchema,
  type CallDetail as Detail,
  erasedSchema,
  type Fetch,
  type TimelineEntry,
  timelineSchema,
} from './api.ts';
import { Figure } from './Live.tsx';
import { erasedWords } from './Privacy.tsx';
import { decimal, dollars, Head, length, Problem, Reason, Wide, when, worded } from './parts.tsx';
import { Recordings } from './Recordings.tsx';
import { useAddress } from './route.ts';
import { scenarioOf } from './scenario.ts';
import { TalkPanel } from './TalkPanel.tsx';
import { useLoaded, wordsOf } from './useLoaded.ts';
import { Waterfall } from './Waterfall.tsx';

const EVERY_MS = 5_000;
/** What happened in a call is still written down for a moment after it. */
const LATE_MS = 60_000;

type Props = { id: string; ask: Ask; fetchFile: Fetch; mayErase: boolean; mayJoin: boolean };

/** One call: its figures, the stages of each turn, and everything that happened, in order. */
export function CallDetail({ id, ask, fetchFile, mayErase, mayJoin }: Props) {
  const [, change] = useAddress();
  const path = `/v1/calls/${encodeURIComponent(id)}`;
  const [going, setGoing] = useState(false);
  const every = going ? EVERY_MS : undefined;
  const call = useLoaded(id, () => ask(callDetailSchema, path), every);
  const timeline = useLoaded(id, () => ask(timelineSchema, `${path}/timeline`), every);
  const [said, setSaid] = useState('');
  const [joined, setJoined] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const entries = timeline.value?.entries ?? [];
  const scenario = scenarioOf(`call ${id.slice(0, 8)}`, entries);
  const detail = call.value;
  const ended = detail?.ended_at;
  useEffect(() => {
    if (ended === undefined) return;
    const left = ended === null ? Number.POSITIVE_INFINITY : Date.parse(ended) + LATE_MS - Date.now();
    setGoing(left > 0);
    if (left <= 0 || left === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(() => setGoing(false), left);
    return () => clearTimeout(timer);
  }, [ended]);

  async function erase(): Promise<void> {
    setProblem(null);
    try {
      setSaid(erasedWords((await ask(erasedSchema, `${path}/erase`, {})).rows));
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }

  return (
    <>
      <p>
        <a
          href="?view=calls"
          onClick={(event) => {
            event.preventDefault();
            change({ call: '' });
          }}
        >
          ← Back
        </a>
      </p>
      <h1>
        Call of {detail ? when(detail.started_at ?? detail.created_at) : '…'}{' '}
        {detail && <Reason reason={detail.end_reason} />}
      </h1>
      <Problem>{problem ?? call.problem ?? timeline.problem}</Problem>
      <p role="status">{said}</p>
      {detail && (
        <>
          <dl className="figures">
            <Figure name="Length" value={length(detail.seconds)} />
            <Figure name="Language" value={detail.language} />
            <Figure name="Pipeline" value={`${detail.pipeline} · ${detail.persona}`} />
            <Figure name="Version" value={detail.revision} />
            <Figure
              name="Agent came after"
              value={
                detail.join_seconds === null
                  ? null
                  : `${decimal(detail.join_seconds, 1)} s, ${detail.attempts} dispatched`
              }
            />
            <Figure name="Turns" value={detail.turns} />
            <Figure name="Searches" value={detail.searches} />
            <Figure name="Cost" value={dollars(detail.usd, detail.unpriced)} />
            <Figure name="Agreed to" value={agreed(detail.consent)} />
          </dl>
          {detail.summary?.text && <p className="summary-text">{detail.summary.text}</p>}
          <div className="controls">
            {scenario && (
              <button
                type="button"
                className="button small"
                onClick={() => downloadText(`${id.slice(0, 8)}.yaml`, scenario, 'application/yaml')}
              >
                Make this call a test
              </button>
            )}
            {mayJoin && detail.ended_at === null && !joined && (
              <button type="button" className="button small" onClick={() => setJoined(true)}>
                Join this call
              </button>
            )}
            {mayErase && (
              <button type="button" className="button small" onClick={() => void erase()}>
                Erase this call
              </button>
            )}
          </div>
        </>
      )}
      {joined && <TalkPanel id={id} name="" ask={ask} onEnd={() => setJoined(false)} />}
      {detail && <Recordings call={id} recordings={detail.recordings} fetchFile={fetchFile} />}
      <h2>Turns</h2>
      <Waterfall entries={entries} />
      {detail && detail.usage.length > 0 && (
        <>
          <h2>Models</h2>
          <Wide name="Models">
            <Head names={['Stage', 'Model', 'Input', 'Output', 'Characters', 'Sound', 'Cost']} />
            <tbody>
              {detail.usage.map((use) => (
                <tr key={`${use.stage} ${use.provider} ${use.model}`}>
                  <th scope="row">{use.stage}</th>
                  <td>
                    {use.provider}/{use.model}
                  </td>
                  <td>{use.input_tokens}</td>
                  <td>{use.output_tokens}</td>
                  <td>{use.characters}</td>
                  <td>{length(use.audio_ms / 1000)}</td>
                  <td>{dollars(use.usd)}</td>
                </tr>
              ))}
            </tbody>
          </Wide>
        </>
      )}
      <h2>Timeline</h2>
      <ol className="timeline">
        {entries.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two things may happen at one moment; the order is the identity.
          <li key={index} data-kind={entry.kind}>
            <time dateTime={entry.at}>{since(entries[0]?.at ?? entry.at, entry.at)}</time>
            <Line entry={entry} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** What the traveller agreed to, and which text said so. */
function agreed(consent: Detail['consent']): string {
  if (!consent?.store_turns && !consent?.record) return 'nothing kept';
  const what = [consent.store_turns && 'words', consent.record && 'sound'].filter(Boolean).join(' and ');
  return `${what}, by text ${consent.version} in ${consent.language}`;
}

/** Seconds from the beginning. */
const since = (first: string, at: string): string => `${decimal((Date.parse(at) - Date.parse(first)) / 1000, 1)} s`;

/** What else is known of it, in words: nothing of what is none, and no names that only machines compare. */
export function told(value: unknown): string {
  if (Array.isArray(value)) return value.map(told).join('; ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([name, one]) => one !== null && one !== 0 && one !== '' && !['id', 'at', 'kind', 'turn_id'].includes(name))
    .map(([name, one]) => {
      const ms = typeof one === 'number' && name.endsWith('_ms');
      return ms ? `${worded(name.slice(0, -3))} ${decimal(one / 1000, 2)} s` : `${worded(name)} ${told(one)}`;
    })
    .join(', ');
}

/** One thing that happened, in words. */
function Line({ entry: { kind, body } }: { entry: TimelineEntry }) {
  const text = (name: string): string => (typeof body[name] === 'string' ? String(body[name]) : '');
  switch (kind) {
    case 'said':
      return (
        <p lang={text('language') || undefined}>
          <strong>{body.role === 'user' ? 'Traveller' : 'Assistant'}:</strong> {text('text')}
        </p>
      );
    case 'tool':
      return (
        <p>
          <strong>{text('name')}</strong>{' '}
          <span className={body.outcome === 'ok' ? 'tag' : 'tag bad'}>{text('outcome')}</span> {String(body.ms ?? '')}{' '}
          ms {text('problem')}
          {Object.keys((body.arguments as object | undefined) ?? {}).length > 0 && (
            <code className="small">{JSON.stringify(body.arguments)}</code>
          )}
        </p>
      );
    case 'failure':
      return (
        <p>
          <span className="tag bad">{text('stage')} failed</span> {text('provider')} {text('reason')}{' '}
          {body.recovered ? '(the call went on)' : ''}
        </p>
      );
    case 'interruption':
      return <p>Interrupted by {text('by')}</p>;
    default: {
      const rest = told(body);
      return (
        <p>
          {worded(kind)} {rest && <span className="muted small">{rest}</span>}
        </p>
      );
    }
  }
}
