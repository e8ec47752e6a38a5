import { type Ask, alertBookSchema } from './api.ts';
import { Head, Problem, Wide, when } from './parts.tsx';
import { useLoaded } from './useLoaded.ts';

/** Price alerts: how many, whether they are checked, and the newest ones; addresses are masked by the API. */
export function Alerts({ ask }: { ask: Ask }) {
  const { value, problem } = useLoaded('alerts', () => ask(alertBookSchema, '/v1/desk/alerts'));
  if (!value) return <Problem>{problem}</Problem>;
  const counts = Object.entries(value.counts);
  return (
    <>
      <Problem>{problem}</Problem>
      <p role="status">
        {counts.length === 0 ? 'Nobody watches a price.' : counts.map(([name, count]) => `${count} ${name}`).join(', ')}
        {value.overdue > 0 && (
          <>
            {' '}
            <span className="tag bad">{value.overdue} not checked in time</span>
          </>
        )}
      </p>
      {value.alerts.length > 0 && (
        <Wide name="Price alerts">
          <Head names={['Made', 'Journey', 'Day', 'At most', 'Last price', 'Checked', 'Told', 'State', 'Tenant']} />
          <tbody>
            {value.alerts.map((one) => (
              <tr key={one.id}>
                <th scope="row">{when(one.created_at)}</th>
                <td>
                  {one.query.origin.code}–{one.query.destination.code}
                </td>
                <td>
                  {one.query.departure_date}
                  {one.query.return_date && ` – ${one.query.return_date}`}
                </td>
                <td>{one.max_price ? `${one.max_price} ${one.currency}` : 'any fall'}</td>
                <td>{one.last_price ? `${one.last_price.amount} ${one.last_price.currency}` : '–'}</td>
                <td>{one.checked_at ? when(one.checked_at) : 'not yet'}</td>
                <td>{one.email ?? 'by webhook'}</td>
                <td>
                  {one.status}
                  {one.in_call && ' · of a call'}
                </td>
                <td>{one.tenant}</td>
              </tr>
            ))}
          </tbody>
        </Wide>
      )}
    </>
  );
}
