import { describe, expect, it } from 'vitest';
import { assistantAudible, canStop, failure, statusOf } from '@/features/conversation/selectors.ts';
import { initialState, type State } from '@/features/conversation/state.ts';
import { sessionStatus } from '../fixtures.ts';

const live = (change: Partial<State> = {}): State => ({
  ...initialState,
  phase: 'live',
  connection: 'connected',
  microphone: 'on',
  agent: 'listening',
  agentSeen: true,
  pipeline: 'realtime',
  ...change,
});

describe('the status in words', () => {
  it.each<[string, Partial<State>]>([
    ['connecting', { connection: 'connecting' }],
    ['reconnecting', { connection: 'reconnecting' }],
    ['waiting', { agent: 'absent', agentSeen: false }],
    ['waiting', { agent: 'initializing', agentSeen: false }],
    ['returning', { agent: 'absent' }],
    ['listening', {}],
    ['muted', { microphone: 'muted' }],
    ['typing', { microphone: 'denied' }],
    ['typing', { microphone: 'missing' }],
    ['typing', { pipeline: 'text', microphone: 'off' }],
    ['thinking', { agent: 'thinking' }],
    ['searching', { agent: 'thinking', searching: true }],
    ['speaking', { agent: 'speaking' }],
    ['speaking', { agent: 'speaking', microphone: 'denied' }],
    ['stopped', { agent: 'speaking', playback: 'stopping' }],
    ['ended', { phase: 'ended' }],
    ['failed', { agent: 'absent', status: sessionStatus() }],
  ])('%s', (key, change) => {
    expect(statusOf(live(change))).toBe(key);
  });
});

describe('failure', () => {
  const absent = { agent: 'absent' } as const;
  it.each<[string | null, Partial<State>]>([
    [null, {}],
    [null, { ...absent, status: sessionStatus({ gave_up: false }) }],
    ['agent', { ...absent, status: sessionStatus() }],
    ['rejected', { ...absent, status: sessionStatus({ verdict: 'rejected', gave_up: false }) }],
    ['agent-lost', { ...absent, status: sessionStatus({ verdict: 'lost', gave_up: false }) }],
    ['media', { trouble: 'media' }],
    ['lost', { phase: 'ended', trouble: 'lost' }],
  ])('%s', (kind, change) => {
    expect(failure(live(change))?.kind ?? null).toBe(kind);
  });

  it('believes the room rather than an old verdict', () => {
    expect(failure(live({ status: sessionStatus() }))).toBeNull();
  });

  it('passes on the words of the API', () => {
    expect(failure(live({ ...absent, status: sessionStatus() }))?.message).toBe('No assistant could join this call.');
  });
});

it('is audible only where a voice can be heard', () => {
  expect(assistantAudible(live())).toBe(true);
  for (const change of [
    { pipeline: 'text' },
    { agent: 'absent' },
    { phase: 'ended' },
    { playbackBlocked: true },
  ] as const) {
    expect(assistantAudible(live(change)), JSON.stringify(change)).toBe(false);
  }
});

it('offers a stop when there is something to stop', () => {
  expect(canStop(live())).toBe(false);
  expect(canStop(live({ agent: 'speaking' }))).toBe(true);
  expect(canStop(live({ searching: true }))).toBe(true);
  expect(canStop(live({ agent: 'absent', searching: true }))).toBe(false);
});
