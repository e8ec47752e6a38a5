import { type Ask, outcomesSchema } from './api.ts';
import { filtersOf } from './Calls.tsx';
import { dollars, Head, Problem, Wide, worded } from './parts.tsx';
import { Revisions } from './Revisions.tsx';
import { useAddress } from './route.ts';
import { useLoaded } from './useLoaded.ts';

/** How calls ended, by day and language, and by version of the agent. */
export function Outcomes({ ask }: { ask: Ask }) {
  const [params, change] = useAddress();
  const filters = filtersOf(params);
  const { value, problem } = useLoaded(filters.toString(), () => ask(outcomesSchema, `/v1/calls/outcomes?${filters}`));
  const rows = value?.outcomes ?? [];
  const reasons = [...new Set(rows.flatMap((row) => Object.keys(row.by_reason)))].sort();
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
        {(['since', 'until'] as const).map((name) => (
          <label key={name}>
            {name === 'since' ? 'From' : 'To'}
            <input
              type="date"
              value={params.get(name) ?? ''}
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </label>
        ))}
      </form>
      <Problem>{problem}</Problem>
      {value && rows.length === 0 && <p className="muted">No calls.</p>}
      {rows.length > 0 && (
        <Wide name="Outcomes">
          <Head
            names={[
              'Day',
              'Language',
              'Calls',
              'Failed',
              'Over at once',
              'Turns',
              'Searches',
              'Cost',
              ...reasons.map(worded),
            ]}
          />
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.day} ${row.language}`}>
                <th scope="row">{row.day}</th>
                <td>{row.language ?? '–'}</td>
                <td>{row.calls}</td>
                <td>{row.failed > 0 ? <span className="tag bad">{row.failed}</span> : 0}</td>
                <td>{row.early > 0 ? <span className="tag bad">{row.early}</span> : 0}</td>
                <td>{row.turns}</td>
                <td>{row.searches}</td>
                <td>{dollars(row.usd, row.unpriced)}</td>
                {reasons.map((reason) => (
                  <td key={reason}>{row.by_reason[reason] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </Wide>
      )}
      <Revisions ask={ask} filters={filters} />
    </>
  );
}
