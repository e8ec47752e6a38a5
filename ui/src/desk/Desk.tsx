import { useMemo, useState } from 'react';
import * as z from 'zod/mini';
import { forget, keep, recall } from '@/lib/tab.ts';
import { asking } from './api.ts';
import { CallDetail } from './CallDetail.tsx';
import { Calls } from './Calls.tsx';
import { Keys } from './Keys.tsx';
import { Live } from './Live.tsx';
import { Outcomes } from './Outcomes.tsx';
import { Privacy } from './Privacy.tsx';
import { go, useAddress, VIEWS, type View, viewOf } from './route.ts';
import { SignIn } from './SignIn.tsx';
import { Wait } from './Wait.tsx';
import { Webhooks } from './Webhooks.tsx';

const KEY = 'desk-key';

const TITLES: Record<View, string> = {
  calls: 'Calls',
  live: 'Live',
  wait: 'Waiting',
  outcomes: 'Outcomes',
  keys: 'Keys',
  webhooks: 'Webhooks',
  privacy: 'Privacy',
};

/** What those who run the assistant see of it. The key stays in this tab and goes nowhere but to the API. */
export function Desk() {
  const [key, setKey] = useState(() => recall(KEY, z.string()));
  const ask = useMemo(() => (key ? asking(key) : null), [key]);
  const [params] = useAddress();
  if (!ask) {
    return (
      <SignIn
        onKey={(given) => {
          keep(KEY, given);
          setKey(given);
        }}
      />
    );
  }
  const view = viewOf(params);
  const call = params.get('call');
  return (
    <div className="desk">
      <header>
        <strong>Polyglot desk</strong>
        <nav aria-label="Desk">
          {VIEWS.map((name) => (
            <a
              key={name}
              href={`?view=${name}`}
              aria-current={name === view ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault();
                go(new URLSearchParams({ view: name }));
              }}
            >
              {TITLES[name]}
            </a>
          ))}
        </nav>
        <button
          type="button"
          className="button small"
          onClick={() => {
            forget(KEY);
            setKey(null);
          }}
        >
          Sign out
        </button>
      </header>
      <main id="main">
        {call ? (
          <CallDetail key={call} id={call} ask={ask} />
        ) : (
          <>
            <h1>{TITLES[view]}</h1>
            {view === 'calls' && <Calls ask={ask} />}
            {view === 'live' && <Live ask={ask} />}
            {view === 'wait' && <Wait ask={ask} />}
            {view === 'outcomes' && <Outcomes ask={ask} />}
            {view === 'keys' && <Keys ask={ask} />}
            {view === 'webhooks' && <Webhooks ask={ask} />}
            {view === 'privacy' && <Privacy ask={ask} />}
          </>
        )}
      </main>
    </div>
  );
}
