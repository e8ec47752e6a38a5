import { type Ask, type Revision, revisionsSchema } from './api.ts';
import { DeskLink, decimal, dollars, Head, Problem, Wide, when, worded } from './parts.tsx';
import { useAddress } from './route.ts';
import { useLoaded } from './useLoaded.ts';

type Row = { name: string; of: (one: Revision) => string | number };

const share = (part: number, of: number): string => (of === 0 ? '–' : `${part} (${Math.round((100 * part) / of)} %)`);
const wait = (ms: number | null): string => (ms === null ? '–' : `${decimal(ms / 1000, 2)} s`);

const ROWS: Row[] = [
  { name: 'First call', of: (one) => when(one.first_at) },
  { name: 'Last call', of: (one) => when(one.last_at) },
  { name: 'Calls', of: (one) => one.calls },
  { name: 'Failed', of: (one) => share(one.failed, one.calls) },
  { name: 'Over at once', of: (one) => share(one.early, one.calls) },
  { name: 'First sound, median', of: (one) => wait(one.first_audio_ms_p50) },
  { name: 'First sound, 95 of 100', of: (one) => wait(one.first_audio_ms_p95) },
  { name: 'Tools that failed', of: (one) => share(one.tools_failed, one.tools) },
  { name: 'Interruptions for each turn', of: (one) => share(one.interruptions, one.turns) },
  { name: 'Turns', of: (one) => one.turns },
  { name: 'Searches', of: (one) => one.searches },
  { name: 'Cost of a call', of: (one) => dollars(one.usd_per_call, one.unpriced) },
  { name: 'Cost', of: (one) => dollars(one.usd, one.unpriced) },
];

const callsOf = (revision: string): URLSearchParams => new URLSearchParams({ view: 'calls', revision });
const nameOf = ({ revision }: Revision): string => revision ?? 'without a name';

/** Two versions of the agent beside each other, the newest ones where none are chosen; `filters` as the API takes them. */
export function Revisions({ ask, filters }: { ask: Ask; filters: URLSearchParams }) {
  const [params, change] = useAddress();
  const { value, problem } = useLoaded(filters.toString(), () =>
    ask(revisionsSchema, `/v1/calls/revisions?${filters}`),
  );
  const all = value?.revisions ?? [];
  if (all.length === 0) return <Problem>{problem}</Problem>;
  const chosen = (name: 'a' | 'b', otherwise: number): Revision | undefined =>
    all.find((one) => nameOf(one) === params.get(name)) ?? all[otherwise] ?? all[0];
  const shown = (all.length > 1 ? [chosen('a', 1), chosen('b', 0)] : all).filter((one) => one !== undefined);
  const reasons = [...new Set(shown.flatMap((one) => Object.keys(one.by_reason)))].sort();
  const ended = reasons.map(
    (reason): Row => ({
      name: `Ended by: ${worded(reason)}`,
      of: (one) => share(one.by_reason[reason] ?? 0, one.calls),
    }),
  );
  return (
    <section aria-labelledby="revisions">
      <h2 id="revisions">{all.length > 1 ? 'Two versions of the agent' : 'The version of the agent'}</h2>
      <Problem>{problem}</Problem>
      {all.length > 1 && (
        <form className="filters" onSubmit={(event) => event.preventDefault()} aria-label="Versions">
          {(['a', 'b'] as const).map((name, index) => (
            <label key={name}>
              {name === 'a' ? 'This version' : 'beside this one'}
              <select
                value={shown[index] ? nameOf(shown[index]) : ''}
                onChange={(event) => change({ [name]: event.target.value })}
              >
                {all.map((one) => (
                  <option key={nameOf(one)}>{nameOf(one)}</option>
                ))}
              </select>
            </label>
          ))}
        </form>
      )}
      <Wide name="Versions">
        <Head
          names={['', ...shown.map((one, index) => `${nameOf(one)}${index === 1 && shown[0] === one ? ' again' : ''}`)]}
        />
        <tbody>
          {[...ROWS, ...ended].map(({ name, of }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {shown.map((one, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second, whichever they are.
                <td key={index}>{of(one)}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Its calls</th>
            {shown.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second, whichever they are.
              <td key={index}>{one.revision ? <DeskLink to={callsOf(one.revision)}>{one.revision}</DeskLink> : '–'}</td>
            ))}
          </tr>
        </tbody>
      </Wide>
    </section>
  );
}
