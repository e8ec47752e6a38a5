/** The desk's pages over answers that were thought up, checked as real ones are. */
import type { ReactNode } from 'react';
import type * as z from 'zod/mini';
import { Alerts } from '@/desk/Alerts.tsx';
import type { Ask } from '@/desk/api.ts';
import { Budgets } from '@/desk/Budgets.tsx';
import { CallDetail } from '@/desk/CallDetail.tsx';
import { Calls } from '@/desk/Calls.tsx';
import { Keys } from '@/desk/Keys.tsx';
import { Live } from '@/desk/Live.tsx';
import { Models } from '@/desk/Models.tsx';
import { Outcomes } from '@/desk/Outcomes.tsx';
import { Privacy } from '@/desk/Privacy.tsx';
import { SignIn } from '@/desk/SignIn.tsx';
import { Wait } from '@/desk/Wait.tsx';
import { Webhooks } from '@/desk/Webhooks.tsx';
import { ALERT, AT, CALL, REVISIONS } from '../../tests/fixtures/desk.ts';

const RUNNING = {
  ...CALL,
  id: 'call-b',
  ended_at: null,
  end_reason: null,
  seconds: null,
  failures: 0,
  unpriced: false,
};
const times = { words_ms: 200, first_token_ms: 500, first_audio_ms: 900, provider_ms: 850 };
const model = { stage: 'chat', provider: 'openai', model: 'gpt-4.1-mini', by: ['agent', 'summaries'] };

const ANSWERS: Record<string, unknown> = {
  '/v1/calls': { calls: [RUNNING, CALL], next_cursor: 'next' },
  [`/v1/calls/${CALL.id}`]: {
    ...CALL,
    join_seconds: 0.5,
    attempts: 2,
    consent: { at: AT, version: '2026-11', language: 'es', store_turns: true, record: true },
    summary: { status: 'ready', text: 'Madrid – Roma, 3 de diciembre: 12 vuelos, desde 89,90 €.' },
    usage: [
      {
        stage: 'realtime',
        provider: 'openai',
        model: 'gpt-realtime-2.1',
        input_tokens: 1200,
        output_tokens: 300,
        characters: 0,
        audio_ms: 61_000,
        usd: null,
      },
    ],
    recordings: [
      { id: 'rec-1', state: 'complete', seconds: 61, size: 4321, location: 's3://calls/a.ogg', error: null },
    ],
  },
  [`/v1/calls/${CALL.id}/timeline`]: {
    id: CALL.id,
    entries: [
      { at: AT, kind: 'opened', body: {} },
      { at: AT, kind: 'said', body: { role: 'user', text: 'Vuelos a Roma', language: 'es' } },
      {
        at: AT,
        kind: 'tool',
        body: { name: 'search_flights', outcome: 'failed', ms: 35, arguments: { origin: 'Madrid' } },
      },
      { at: AT, kind: 'turn', body: { turn_id: 't1', times } },
      { at: AT, kind: 'failure', body: { stage: 'tts', provider: 'aws', reason: 'timed out', recovered: true } },
      { at: AT, kind: 'listened', body: { recording: 'rec-1', by: 'user:ada' } },
    ],
  },
  '/v1/calls/revisions': REVISIONS,
  '/v1/calls/outcomes': {
    outcomes: [
      {
        day: '2026-11-21',
        language: 'es',
        calls: 12,
        failed: 1,
        turns: 40,
        searches: 20,
        usd: '0.51',
        unpriced: false,
        early: 2,
        by_reason: { agent_lost: 1, silence: 11 },
      },
    ],
  },
  '/status': {
    version: '1.0',
    environment: 'prod',
    uptime_seconds: 4000,
    active_connections: 1,
    sessions: {},
    fare_sources: ['duffel'],
  },
  '/health/agent': { status: 'ok', agent_name: 'polyglot', joined: 12, failed: 1 },
  '/v1/desk/models': {
    models: [
      { ...model, shutdown: '2026-12-14', days_left: 23, soon: true, replacement: 'openai/gpt-6-luna' },
      { ...model, model: 'gpt-6-luna', shutdown: null, days_left: null, soon: false, replacement: null },
    ],
    reported_at: AT,
  },
  '/v1/desk/budgets': {
    day: '2026-11-21',
    shared: false,
    tenants: [
      { tenant: null, uses: [{ limit: 'total_daily_usd', used: 12.5, most: 500 }], refused: {} },
      { tenant: 'acme', uses: [{ limit: 'tenant_calls', used: 19, most: 20 }], refused: { tenant_calls: 3 } },
    ],
  },
  '/v1/keys': {
    keys: [
      {
        id: '1a2b3c4d5e6f',
        tenant: 'acme',
        name: 'portal',
        scopes: ['calls', 'search'],
        created_at: AT,
        expires_at: null,
        revoked_at: null,
      },
    ],
  },
  '/v1/webhooks': {
    webhooks: [{ id: 'hook-1', tenant: 'acme', url: 'https://hooks.example.com/a', events: ['call.ended'] }],
  },
  '/v1/desk/alerts': {
    counts: { active: 2, paused: 1 },
    overdue: 1,
    alerts: [ALERT],
  },
  '/v1/desk/privacy': {
    records_days: 30,
    intakes_days: 30,
    deliveries_days: 30,
    tenants: [{ tenant: 'acme', turns_days: 2, over: 4 }],
    summaries: { pending: 2, ready: 40 },
    chores: [{ kind: 'clean_up', next_at: AT, error: 'TimeoutError' }],
    queues: [{ kind: 'deliver', waiting: 1, failed: 2 }],
  },
};

const ask: Ask = async (schema, path) => schema.parse(ANSWERS[path.split('?')[0] ?? '']) as z.infer<typeof schema>;
const fetchFile = async (): Promise<Blob> => new Blob();
const nothing = (): void => undefined;
const oidc = { issuer: 'https://login.example.com', client_id: 'desk', scopes: 'openid', audience: 'polyglot' };

const page = (title: string, content: ReactNode): ReactNode => (
  <div className="desk">
    <main id="main">
      <h1>{title}</h1>
      {content}
    </main>
  </div>
);

export const DESK: Record<string, ReactNode> = {
  'desk-sign-in': (
    <SignIn ways={{ oidc }} busy={false} problem="Your sign-in has ended." byKey={nothing} byProvider={nothing} />
  ),
  'desk-calls': page('Calls', <Calls ask={ask} />),
  'desk-call': (
    <div className="desk">
      <main id="main">
        <CallDetail id={CALL.id} ask={ask} fetchFile={fetchFile} mayErase={true} mayJoin={true} />
      </main>
    </div>
  ),
  'desk-live': page('Live', <Live ask={ask} />),
  'desk-wait': page('Waiting', <Wait ask={ask} />),
  'desk-outcomes': page('Outcomes', <Outcomes ask={ask} />),
  'desk-models': page('Models', <Models ask={ask} />),
  'desk-budgets': page('Budgets', <Budgets ask={ask} />),
  'desk-keys': page('Keys', <Keys ask={ask} />),
  'desk-webhooks': page('Webhooks', <Webhooks ask={ask} />),
  'desk-alerts': page('Alerts', <Alerts ask={ask} />),
  'desk-privacy': page('Privacy', <Privacy ask={ask} />),
};
