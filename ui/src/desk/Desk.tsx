import { Alerts } from './Alerts.tsx';
import type { Ask, Scope } from './api.ts';
import { Budgets } from './Budgets.tsx';
import { CallDetail } from './CallDetail.tsx';
import { Calls } from './Calls.tsx';
import { Keys } from './Keys.tsx';
import { Live } from './Live.tsx';
import { Models } from './Models.tsx';
import { Outcomes } from './Outcomes.tsx';
import { Privacy } from './Privacy.tsx';
import { go, useAddress, VIEWS, type View, viewOf } from './route.ts';
import { SignIn } from './SignIn.tsx';
import { type AtDesk, useSigned } from './useSigned.ts';
import { Wait } from './Wait.tsx';
import { Webhooks } from './Webhooks.tsx';

/** Each page: its title, the right that it needs, and what it shows. */
const PAGES: Record<View, { title: string; right?: Scope; Page: (props: { ask: Ask }) => React.ReactNode }> = {
  calls: { title: 'Calls', right: 'records', Page: Calls },
  live: { title: 'Live', right: 'records', Page: Live },
  wait: { title: 'Waiting', right: 'join', Page: Wait },
  outcomes: { title: 'Outcomes', right: 'records', Page: Outcomes },
  models: { title: 'Models', right: 'records', Page: Models },
  budgets: { title: 'Budgets', right: 'records', Page: Budgets },
  keys: { title: 'Keys', right: 'manage', Page: Keys },
  webhooks: { title: 'Webhooks', right: 'manage', Page: Webhooks },
  alerts: { title: 'Alerts', right: 'records', Page: Alerts },
  privacy: { title: 'Privacy', Page: Privacy },
};

/** What those who run the assistant see of it. The credential stays in this tab and goes nowhere but to the API. */
export function Desk() {
  const { entrance, desk } = useSigned();
  return desk ? <Pages {...desk} /> : <SignIn {...entrance} />;
}

function Pages({ ask, fetchFile, who, signOut }: AtDesk) {
  const [params] = useAddress();
  const seen = VIEWS.filter((name) => {
    const { right } = PAGES[name];
    return right === undefined || who.scopes.includes(right);
  });
  const view = viewOf(params, seen);
  const call = params.get('call');
  const shown = view && PAGES[view];
  return (
    <div className="desk">
      <header>
        <strong>Polyglot desk</strong>
        <nav aria-label="Desk">
          {seen.map((name) => (
            <a
              key={name}
              href={`?view=${name}`}
              aria-current={name === view ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go(new URLSearchParams({ view: name }));
              }}
            >
              {PAGES[name].title}
            </a>
          ))}
        </nav>
        <span className="muted small">
          {who.scopes.includes('operate') ? 'Operator of every tenant' : `${who.kind}, tenant ${who.tenant}`}
        </span>
        <button type="button" className="button small" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main id="main">
        {seen.length === 1 && (
          <p role="status">
            These credentials hold none of the rights <code>records</code>, <code>join</code>, <code>manage</code>: ask
            whoever gave them to you.
          </p>
        )}
        {call && seen.includes('calls') ? (
          <CallDetail
            key={call}
            id={call}
            ask={ask}
            fetchFile={fetchFile}
            mayErase={who.scopes.includes('erase')}
            mayJoin={who.scopes.includes('join')}
          />
        ) : (
          shown && (
            <>
              <h1>{shown.title}</h1>
              <shown.Page ask={ask} />
            </>
          )
        )}
      </main>
    </div>
  );
}
