import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endReasonSchema } from '@/desk/api.ts';
import { filtersOf } from '@/desk/Calls.tsx';
import { Desk } from '@/desk/Desk.tsx';
import { offerOf } from '@/desk/room.ts';
import { scenarioOf } from '@/desk/scenario.ts';
import { stagesOf } from '@/desk/Waterfall.tsx';
import { CALL as SAMPLE } from '../fixtures/desk.ts';

const AT = '2026-11-28T10:00:00Z';
const CALL = {
  ...SAMPLE,
  tenant: 'default',
  created_at: AT,
  started_at: AT,
  ended_at: '2026-11-28T10:03:07Z',
  caller: 'key:abc',
};
const ENTRIES = [
  { at: AT, kind: 'said', body: { role: 'user', text: 'Vuelos a "Roma"', language: 'es' } },
  { at: AT, kind: 'tool', body: { name: 'search_flights', outcome: 'ok', ms: 35, arguments: { origin: 'Madrid' } } },
  { at: AT, kind: 'tool', body: { name: 'check_flight', outcome: 'failed', ms: 9, problem: 'fares-unavailable' } },
  { at: AT, kind: 'said', body: { role: 'assistant', text: '<b>Diez vuelos</b>', language: 'es' } },
  {
    at: AT,
    kind: 'turn',
    body: { turn_id: 't1', times: { words_ms: 200, first_token_ms: 500, first_audio_ms: 900, provider_ms: 850 } },
  },
  { at: AT, kind: 'said', body: { role: 'user', text: 'gracias', language: 'es' } },
];
const RIGHTS = ['calls', 'erase', 'join', 'manage', 'operate', 'records', 'search'];
const answers: Record<string, unknown> = {};
let asked: { path: string; init: RequestInit }[] = [];

beforeEach(() => {
  history.replaceState(null, '', '/desk/');
  asked = [];
  for (const key of Object.keys(answers)) delete answers[key];
  answers['/v1/desk/sign-in'] = { oidc: null };
  answers['/v1/desk/caller'] = { kind: 'operator', tenant: 'default', scopes: RIGHTS };
  answers['/v1/calls'] = { calls: [CALL], next_cursor: 'next' };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push({ path, init });
    const answer = answers[path.split('?')[0] ?? ''];
    if (answer === undefined) {
      return new Response(JSON.stringify({ type: 'x', title: 'Forbidden', status: 403, detail: 'Not yours.' }), {
        status: 403,
      });
    }
    return new Response(JSON.stringify(answer), { status: 200 });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

async function enter(): Promise<void> {
  render(<Desk />);
  await userEvent.type(screen.getByLabelText('Key or token'), 'plg_planted');
  await userEvent.click(screen.getByRole('button', { name: 'Open the desk' }));
  await screen.findByRole('navigation', { name: 'Desk' });
}

it('a key that opens nothing is said, and not kept', async () => {
  delete answers['/v1/desk/caller'];
  render(<Desk />);
  await userEvent.type(screen.getByLabelText('Key or token'), 'plg_wrong');
  await userEvent.click(screen.getByRole('button', { name: 'Open the desk' }));
  expect((await screen.findByText('Not yours.')).getAttribute('role')).toBe('alert');
  expect(JSON.stringify([{ ...sessionStorage }, { ...localStorage }])).not.toContain('plg_wrong');
});

it('the key goes to the API alone, stays in the tab, and is gone with the sign-out', async () => {
  await enter();
  const [first, second] = asked.map(({ init }) => new Headers(init.headers).get('authorization'));
  expect([first, second]).toEqual([null, 'Bearer plg_planted']);
  expect(sessionStorage.getItem('polyglot.desk-signed')).toContain('"plg_planted"');
  expect(JSON.stringify({ ...localStorage })).not.toContain('planted');
  expect(document.body.innerHTML + location.href).not.toContain('planted');
  await userEvent.click(screen.getByRole('button', { name: 'Sign out' }));
  expect(sessionStorage.length).toBe(0);
  expect(screen.getByLabelText('Key or token')).toBeTruthy();
});

it('calls are filtered by the address, and the address by the filters', async () => {
  await enter();
  const row = await screen.findByRole('row', { name: /agent lost/ });
  expect(row.textContent).toContain('3:07');
  expect(row.textContent).toContain('≥ $0.0123');
  await userEvent.selectOptions(screen.getByLabelText('Ended by'), 'agent_lost');
  expect(location.search).toContain('reason=agent_lost');
  expect(asked.at(-1)?.path).toBe('/v1/calls?reason=agent_lost');
  await userEvent.click(await screen.findByRole('button', { name: 'Older' }));
  expect(asked.at(-1)?.path).toBe('/v1/calls?reason=agent_lost&cursor=next');
});

it('days are whole days of who looks', () => {
  const filters = filtersOf(new URLSearchParams('since=2026-11-01&until=2026-11-02&reason=silence&view=calls&call=x'));
  expect(Object.keys(Object.fromEntries(filters))).toEqual(['since', 'until', 'reason']);
  // From midnight to midnight where they look; a clock that is changed makes one of them longer.
  expect(Date.parse(filters.get('since') ?? '')).toBe(new Date(2026, 10, 1).getTime());
  expect(Date.parse(filters.get('until') ?? '') + 1000).toBe(new Date(2026, 10, 3).getTime());
  expect(endReasonSchema.options).toContain('budget');
});

it('one call: figures, stages, timeline in words, what was said as text', async () => {
  const path = `/v1/calls/${CALL.id}`;
  answers[path] = { ...CALL, join_seconds: 0.5, attempts: 1, consent: null, summary: null, usage: [], recordings: [] };
  answers[`${path}/timeline`] = { id: CALL.id, entries: ENTRIES };
  answers[`${path}/erase`] = { status: 'erased', rows: { turns: 3, events: 0 }, erased_at: AT };
  await enter();
  await userEvent.click(await screen.findByRole('link', { name: /2026/ }));
  expect(await screen.findByText('<b>Diez vuelos</b>')).toBeTruthy();
  const turn = within(screen.getByRole('table', { name: /end of speech/ })).getAllByRole('row')[1];
  expect(turn?.textContent).toContain('0.90 s0.85 s0.05 s');
  expect(screen.getByText('fares-unavailable', { exact: false })).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Erase this call' }));
  expect(await screen.findByText('Erased. turns: 3.')).toBeTruthy();
});

it('a call becomes a scenario that any YAML reader reads', () => {
  expect(scenarioOf('call x', ENTRIES)).toBe(
    [
      '- name: "call x"',
      '  turns:',
      '  - say: "Vuelos a \\"Roma\\""',
      '    calls:',
      '    - search_flights',
      '  - say: "gracias"',
      '    calls: []',
      '',
    ].join('\n'),
  );
  expect(scenarioOf('call x', [])).toBeNull();
});

it('stages that were not measured are not made up', () => {
  expect(stagesOf([{ at: AT, kind: 'turn', body: { turn_id: 'x', times: {} } }])).toMatchObject([
    { words: null, audio: null, provider: null },
  ]);
});

it('a new key’s secret is shown once', async () => {
  answers['/v1/keys'] = { keys: [] };
  await enter();
  await userEvent.click(screen.getByRole('link', { name: 'Keys' }));
  await screen.findByRole('button', { name: 'Make a key' });
  answers['/v1/keys'] = {
    keys: [],
    id: 'k1',
    tenant: 'default',
    name: 'shop',
    scopes: ['calls'],
    created_at: AT,
    secret: 'plg_once',
  };
  await userEvent.type(screen.getByLabelText('Name'), 'shop');
  await userEvent.click(screen.getByLabelText('calls'));
  await userEvent.click(screen.getByRole('button', { name: 'Make a key' }));
  expect(await screen.findByText('plg_once')).toBeTruthy();
  const sent = asked.find(({ init }) => init.method === 'POST');
  expect(JSON.parse(String(sent?.init.body))).toEqual({ name: 'shop', scopes: ['calls'] });
  await userEvent.click(screen.getByRole('link', { name: 'Calls' }));
  expect(screen.queryByText('plg_once')).toBeNull();
});

it('an offer is taken from the API’s own topic alone, and only when it is one', () => {
  const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const offer = { session_id: 's', reason: 'red_flag', language: 'es', persona: 'intake' };
  expect(offerOf(bytes(offer), 'polyglot.handoff')).toEqual(offer);
  expect(offerOf(bytes(offer), 'lk.chat')).toBeNull();
  expect(offerOf(bytes({ ...offer, reason: 'because' }), 'polyglot.handoff')).toBeNull();
  expect(offerOf(new TextEncoder().encode('{'), 'polyglot.handoff')).toBeNull();
});
