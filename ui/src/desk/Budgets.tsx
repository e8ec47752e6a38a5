import { type Ask, type BudgetUse, budgetSchema, type TenantBudget } from './api.ts';
import { decimal, Head, Problem, Wide, worded } from './parts.tsx';
import { useLoaded } from './useLoaded.ts';

const EVERY_MS = 30_000;
/** From which share of a limit it is worth a look. */
const NEAR = 0.8;

/** What is used of each limit today, and what refused callers. */
export function Budgets({ ask }: { ask: Ask }) {
  const { value, problem } = useLoaded('budgets', () => ask(budgetSchema, '/v1/desk/budgets'), EVERY_MS);
  return (
    <>
      <Problem>{problem}</Problem>
      {value && (
        <p className="muted small">
          {value.day}, from midnight to midnight UTC.
          {!value.shared &&
            ' Without Valkey each task counts for itself: these are the numbers of the one that answered.'}
        </p>
      )}
      {value?.tenants.map((one) => (
        <section key={one.tenant ?? ''} aria-label={nameOf(one)}>
          <h2>{nameOf(one)}</h2>
          {one.uses.length === 0 ? (
            <p className="muted">No limit is set.</p>
          ) : (
            <Wide name="Used today">
              <Head names={['Limit', 'Used', 'Of', '']} />
              <tbody>
                {one.uses.map((use) => (
                  <tr key={use.limit}>
                    <th scope="row">{worded(use.limit)}</th>
                    <td>{amount(use, use.used)}</td>
                    <td>{amount(use, use.most)}</td>
                    <td>
                      <meter
                        aria-label={`${worded(use.limit)}: share used`}
                        max={1}
                        high={NEAR}
                        value={Math.min(1, use.used / use.most)}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </Wide>
          )}
          <p>
            {Object.keys(one.refused).length === 0
              ? 'Nobody was refused today.'
              : `Refused today: ${Object.entries(one.refused)
                  .map(([limit, count]) => `${count} by ${worded(limit)}`)
                  .join(', ')}.`}
          </p>
        </section>
      ))}
    </>
  );
}

const nameOf = (one: TenantBudget): string => (one.tenant === null ? 'The whole deployment' : `Tenant ${one.tenant}`);

const amount = (use: BudgetUse, value: number): string =>
  use.limit.endsWith('usd') ? `$${decimal(value, 2)}` : String(value);
