import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type * as z from 'zod/mini';
import { ApiError } from '@/api/client.ts';
import { Alerts } from '@/desk/Alerts.tsx';
import type { Ask } from '@/desk/api.ts';
import { Budgets } from '@/desk/Budgets.tsx';
import { told } from '@/desk/CallDetail.tsx';
import { filtersOf } from '@/desk/Calls.tsx';
import { Kept } from '@/desk/Kept.tsx';
import { Models } from '@/desk/Models.tsx';
import { Recordings } from '@/desk/Recordings.tsx';
import { Revisions } from '@/desk/Revisions.tsx';
import { TalkPanel } from '@/desk/TalkPanel.tsx';
import { ALERT, REVISIONS } from '../fixtures/desk.ts';

const AT = '2026-11-28T10:00:00Z';
/** Answers as the API, through the same checks. */
const answering =
  (answer: unknown): Ask =>
  async (schema) =>
    schema.parse(answer) as z.infer<typeof schema>;

it('a model that ends soon is counted and named with what steps in', async () => {
  const model = { stage: 'chat', provider: 'openai', by: ['agent'], shutdown: null, days_left: null, soon: false };
  const ending = { ...model, model: 'gpt-4.1-mini', shutdown: '2027-01-14', days_left: 12, soon: true };
  const models = [
    { ...ending, replacement: 'openai/gpt-6-luna' },
    { ...model, model: 'gpt-6-luna' },
  ];
  render(<Models ask={answering({ models, reported_at: AT })} />);
  expect((await screen.findByRole('status')).textContent).toContain('1 of these ends within 30 days');
  const row = screen.getByRole('row', { name: /gpt-4.1-mini/ });
  expect(within(row).getByText('12').className).toContain('bad');
  expect(row.textContent).toContain('openai/gpt-6-luna');
  expect(screen.getByRole('row', { name: /nothing announced/ })).toBeTruthy();
});

it('a budget shows its share, and who was refused by which limit', async () => {
  const tenants = [
    { tenant: null, uses: [], refused: {} },
    {
      tenant: 'acme',
      uses: [{ limit: 'tenant_daily_usd', used: 9.5, most: 10 }],
      refused: { tenant_daily_usd: 3 },
    },
  ];
  render(<Budgets ask={answering({ day: '2026-11-28', tenants, shared: false })} />);
  const acme = within(await screen.findByRole('region', { name: 'Tenant acme' }));
  expect(acme.getByRole('meter').getAttribute('value')).toBe('0.95');
  expect(acme.getByText('$9.50')).toBeTruthy();
  expect(acme.getByText('Refused today: 3 by tenant daily usd.')).toBeTruthy();
  expect(screen.getByText('No limit is set.')).toBeTruthy();
  expect(screen.getByText(/each task counts for itself/)).toBeTruthy();
});

it('alerts that nobody checks are marked', async () => {
  render(<Alerts ask={answering({ counts: { active: 2 }, alerts: [ALERT], overdue: 1 })} />);
  expect((await screen.findByRole('status')).textContent).toContain('2 active 1 not checked in time');
  expect(screen.getByRole('row', { name: /MAD–BER/ }).textContent).toContain('91.20 EUR');
});

it('words past their day, and jobs that went wrong, are marked', async () => {
  const book = {
    records_days: 30,
    intakes_days: 30,
    deliveries_days: 0,
    tenants: [{ tenant: 'acme', turns_days: 0, over: 4 }],
    summaries: { pending: 2 },
    chores: [{ kind: 'clean_up', next_at: AT, error: 'TimeoutError' }],
    queues: [{ kind: 'deliver', waiting: 1, failed: 2 }],
  };
  render(<Kept ask={answering(book)} />);
  expect((await screen.findByText(/4: the clean-up does not run/)).className).toContain('bad');
  expect(screen.getByText('TimeoutError').className).toContain('bad');
  expect(screen.getByText('Summaries: 2 pending')).toBeTruthy();
  expect(screen.getByText(/messages to webhooks: not at all/)).toBeTruthy();
});

it('a recording is fetched when somebody wants to hear it, and not before', async () => {
  const recording = { id: 'rec-1', state: 'complete', seconds: 61, size: 4321, location: 's3://b/k', error: null };
  const failed = { ...recording, id: 'rec-2', state: 'failed', seconds: null, error: 'The egress was not there.' };
  const fetchFile = vi.fn(async () => new Blob(['OggS']));
  render(<Recordings call="call 1" recordings={[recording, failed]} fetchFile={fetchFile} />);
  expect(screen.getByText('The egress was not there.')).toBeTruthy();
  expect(fetchFile).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Listen' }));
  expect(fetchFile).toHaveBeenCalledWith('/v1/calls/call%201/recordings/rec-1/audio');
  expect((await screen.findByLabelText('Recording of the call')).getAttribute('src')).toMatch(/^blob:/);
});

it('a recording that cannot be had says so', async () => {
  const recording = { id: 'rec-1', state: 'complete', seconds: 61, size: 4321, location: 's3://b/k', error: null };
  const fetchFile = async () => {
    throw new ApiError('unreachable');
  };
  render(<Recordings call="c" recordings={[recording]} fetchFile={fetchFile} />);
  await userEvent.click(screen.getByRole('button', { name: 'Listen' }));
  expect(await screen.findByText('The service does not answer.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Listen' })).toBeTruthy();
});

const room = vi.hoisted(() => ({ write: vi.fn(async (_: string) => undefined) }));
vi.mock('@/desk/room.ts', () => ({
  join: async () => ({ mute: async () => undefined, leave: () => undefined, write: room.write }),
}));

it('an operator writes to the caller, and what could not be sent stays', async () => {
  render(<TalkPanel id="c" name="" ask={answering(null)} onEnd={() => undefined} />);
  const field = await screen.findByLabelText('Write to the caller', { selector: 'input' });
  room.write.mockRejectedValueOnce(new Error('gone'));
  await userEvent.type(field, ' ABC 123 {Enter}');
  expect(await screen.findByText('That could not be sent.')).toBeTruthy();
  expect((field as HTMLInputElement).value).toBe(' ABC 123 ');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(room.write).toHaveBeenLastCalledWith('ABC 123');
  expect((field as HTMLInputElement).value).toBe('');
});

it('two versions of the agent stand beside each other, and the address says which', async () => {
  render(<Revisions ask={answering(REVISIONS)} filters={new URLSearchParams()} />);
  const row = async (name: string) =>
    within(await screen.findByRole('row', { name: new RegExp(`^${name}`) }))
      .getAllByRole('cell')
      .map((cell) => cell.textContent);
  expect(await row('First sound, median')).toEqual(['1.14 s', '0.82 s']);
  expect(await row('Failed')).toEqual(['9 (8 %)', '1 (3 %)']);
  expect(await row('Ended by: silence')).toEqual(['3 (3 %)', '0 (0 %)']);
  expect(await row('Cost of a call')).toEqual(['≥ $0.0510', '$0.0410']);
  await userEvent.selectOptions(screen.getByLabelText('This version'), '3f2a9c01b7de');
  expect(new URLSearchParams(location.search).get('a')).toBe('3f2a9c01b7de');
  expect(await row('First sound, median')).toEqual(['0.82 s', '0.82 s']);
  await userEvent.click(screen.getAllByRole('link', { name: '3f2a9c01b7de' })[0] as HTMLElement);
  expect(location.search).toBe('?view=calls&revision=3f2a9c01b7de');
});

it('one version alone stands beside nothing', async () => {
  const alone = { revisions: REVISIONS.revisions.slice(0, 1) };
  render(<Revisions ask={answering(alone)} filters={new URLSearchParams()} />);
  const row = await screen.findByRole('row', { name: /^Calls/ });
  expect(within(row).getAllByRole('cell')).toHaveLength(1);
  expect(screen.queryByLabelText('This version')).toBeNull();
});

it('a day in an address that is none filters nothing', () => {
  const filters = filtersOf(new URLSearchParams('since=nonsense&until=2026-11-29&revision=3f2a9c01b7de'));
  expect([...filters.keys()]).toEqual(['until', 'revision']);
});

it('what else is known of an event is words, and no JSON', () => {
  const times = { first_token_ms: 456, provider_ms: 0, words_ms: null };
  expect(told({ turn_id: 'item_8481', pipeline: 'text', times, corrected: 0 })).toBe(
    'pipeline text, times first token 0.46 s',
  );
  const models = [
    { stage: 'chat', provider: 'openai', model: 'm' },
    { stage: 'speech', provider: 'aws', model: 'n' },
  ];
  expect(told({ models })).toBe('models stage chat, provider openai, model m; stage speech, provider aws, model n');
});
