import { type Ask, privacyBookSchema } from './api.ts';
import { Head, Problem, Wide, when, worded } from './parts.tsx';
import { useLoaded } from './useLoaded.ts';

/** What is kept for how long, and whether the work that ends it is done. */
export function Kept({ ask }: { ask: Ask }) {
  const { value, problem } = useLoaded('kept', () => ask(privacyBookSchema, '/v1/desk/privacy'));
  if (!value) return <Problem>{problem}</Problem>;
  const summaries = Object.entries(value.summaries);
  return (
    <>
      <h2>Kept, and for how long</h2>
      <Problem>{problem}</Problem>
      <Wide name="Kept, and for how long">
        <Head names={['Tenant', 'Words, summaries', 'Calls with words past their day']} />
        <tbody>
          {value.tenants.map((one) => (
            <tr key={one.tenant}>
              <th scope="row">{one.tenant}</th>
              <td>{days(one.turns_days)}</td>
              <td>{one.over > 0 ? <span className="tag bad">{one.over}: the clean-up does not run</span> : 'none'}</td>
            </tr>
          ))}
        </tbody>
      </Wide>
      <p className="muted small">
        From the end of a call. That there was one: {days(value.records_days)}; medical intakes:{' '}
        {days(value.intakes_days)}; messages to webhooks: {days(value.deliveries_days)}.
      </p>
      <p>
        Summaries:{' '}
        {summaries.length === 0 ? 'none' : summaries.map(([status, count]) => `${count} ${status}`).join(', ')}
      </p>
      {value.chores.length + value.queues.length > 0 && (
        <>
          <h2>Jobs</h2>
          <Wide name="Jobs">
            <Head names={['Job', 'Next', 'Waiting', 'Given up', 'Went wrong']} />
            <tbody>
              {value.chores.map((one) => (
                <tr key={one.kind}>
                  <th scope="row">{worded(one.kind)}</th>
                  <td>{when(one.next_at)}</td>
                  <td />
                  <td />
                  <td>{one.error && <span className="tag bad">{one.error}</span>}</td>
                </tr>
              ))}
              {value.queues.map((one) => (
                <tr key={one.kind}>
                  <th scope="row">{worded(one.kind)}</th>
                  <td />
                  <td>{one.waiting}</td>
                  <td>{one.failed > 0 ? <span className="tag bad">{one.failed}</span> : 0}</td>
                  <td />
                </tr>
              ))}
            </tbody>
          </Wide>
        </>
      )}
    </>
  );
}

const days = (count: number): string => (count === 0 ? 'not at all' : `${count} days`);
