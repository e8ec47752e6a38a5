import type { ReactNode } from 'react';
import type { CallBrief } from './api.ts';
import { go } from './route.ts';

/** Date and time on the operator's own clock. */
export const when = (moment: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));

/** `3:07`; a dash while it is not known. */
export function length(seconds: number | null): string {
  if (seconds === null) return '–';
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A number as the reader's locale writes it. */
export const decimal = (value: number, digits: number): string =>
  new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export const dollars = (usd: string | null, unpriced = false): string =>
  usd === null ? 'unpriced' : `${unpriced ? '≥ ' : ''}$${decimal(Number(usd), 4)}`;

/** `agent_missing` as it is read. */
export const worded = (name: string): string => name.replaceAll('_', ' ');

/** Reasons that are nobody's wish. */
const BAD = new Set(['agent_missing', 'agent_lost', 'rejected', 'model_failed', 'unknown', 'deployed']);

export function Reason({ reason }: { reason: string | null }) {
  if (reason === null) return <span className="tag">running</span>;
  return <span className={BAD.has(reason) ? 'tag bad' : 'tag'}>{worded(reason)}</span>;
}

export function Problem({ children }: { children: string | null }) {
  return (
    <p role="alert" className="field-error">
      {children}
    </p>
  );
}

/** A link to another view of the desk, without loading the page again. */
export function DeskLink({ to, children }: { to: URLSearchParams; children: ReactNode }) {
  return (
    <a
      href={`?${to}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** A link to one call that keeps the filters that led to it. */
export function CallLink({ id, children }: { id: string; children: ReactNode }) {
  const params = new URLSearchParams(location.search);
  params.set('call', id);
  return <DeskLink to={params}>{children}</DeskLink>;
}

/** The first row of a table. */
export function Head({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th scope="col" key={name}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

type WideProps = { name: string; className?: string; children: ReactNode };

/** A table that may be wider than its place: scrolled by itself, by touch, wheel and keyboard. */
export function Wide({ name, className, children }: WideProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no pointer scrolls by the arrow keys.
    <section className="wide" aria-label={name} tabIndex={0}>
      <table className={className} aria-label={name}>
        {children}
      </table>
    </section>
  );
}

/** A choice of some among many, in a form. */
export function Choices({ legend, name, values }: { legend: string; name: string; values: readonly string[] }) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {values.map((value) => (
        <label className="check" key={value}>
          <input type="checkbox" name={name} value={value} />
          <span>{value}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Calls as a table. */
export function CallTable({ calls }: { calls: CallBrief[] }) {
  if (calls.length === 0) return <p className="muted">No calls.</p>;
  return (
    <Wide name="Calls">
      <Head
        names={[
          'Began',
          'Length',
          'Ended by',
          'Language',
          'Pipeline',
          'Turns',
          'Searches',
          'Slowest',
          'Failures',
          'Cost',
          'Caller',
        ]}
      />
      <tbody>
        {calls.map((call) => (
          <tr key={call.id}>
            <th scope="row">
              <CallLink id={call.id}>{when(call.started_at ?? call.created_at)}</CallLink>
            </th>
            <td>{length(call.seconds)}</td>
            <td>
              <Reason reason={call.end_reason} />
            </td>
            <td>{call.language ?? '–'}</td>
            <td>
              {call.pipeline} · {call.persona}
            </td>
            <td>{call.turns}</td>
            <td>{call.searches}</td>
            <td>{call.slowest_ms === null ? '–' : `${decimal(call.slowest_ms / 1000, 1)} s`}</td>
            <td>{call.failures > 0 ? <span className="tag bad">{call.failures}</span> : 0}</td>
            <td>{dollars(call.usd, call.unpriced)}</td>
            <td className="small">
              {call.caller}
              {call.tenant !== 'default' && ` · ${call.tenant}`}
            </td>
          </tr>
        ))}
      </tbody>
    </Wide>
  );
}
