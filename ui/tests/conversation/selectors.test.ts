import { describe, expect, it } from 'vitest';
import {
  assistantAudible,
  assistantOf,
  canStop,
  failure,
  isReachable,
  isSilenced,
  microphoneOf,
  stageOf,
  statusOf,
} from '@/features/conversation/selectors.ts';
import { initialState } from '@/features/conversation/state.ts';
import { onwards, type Step, stateAfter } from '@/gallery/states.ts';
import { noticeMessage, resultsMessage, sessionStatus } from '../fixtures.ts';

const begun: Step[] = [
  { type: 'started', language: 'auto' },
  { type: 'session', pipeline: 'realtime' },
];
const room: Step[] = [...begun, { type: 'microphone', microphone: 'on' }, { type: 'connected' }];
const agent = (agent: Extract<Step, { type: 'agent' }>['agent']): Step => ({ type: 'agent', agent });
const live = (...steps: Step[]) => stateAfter(...room, agent('listening'), ...steps);
const searching: Step = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) };
const absent: Step = agent('absent');
const told = (change: Parameters<typeof sessionStatus>[0] = {}): Step => ({
  type: 'status',
  status: sessionStatus(change),
});

describe('the status in words', () => {
  it.each([
    ['connecting', stateAfter(...begun)],
    ['waiting', stateAfter(...room)],
    ['waiting', stateAfter(...room, agent('initializing'))],
    ['listening', live()],
    ['listening', live(agent('idle'))],
    ['reconnecting', live({ type: 'reconnecting' })],
    ['listening', live({ type: 'reconnecting' }, { type: 'connected' })],
    ['returning', live(absent)],
    ['silent', live({ type: 'agent-silent' })],
    ['returning', live({ type: 'agent-silent' }, absent)],
    ['listening', live({ type: 'agent-silent' }, agent('listening'))],
    ['waiting', stateAfter(...room, { type: 'agent-silent' })],
    ['offline', live({ type: 'offline', offline: true })],
    ['offline', live({ type: 'reconnecting' }, { type: 'offline', offline: true })],
    ['offline', stateAfter(...begun, { type: 'offline', offline: true })],
    ['listening', live({ type: 'offline', offline: true }, { type: 'offline', offline: false })],
    ['offline', live({ type: 'quality', connection: 'silent' })],
    ['listening', live({ type: 'quality', connection: 'weak' })],
    // A browser that sees no network, and a call that is reached all the same: one on this machine.
    ['listening', stateAfter({ type: 'offline', offline: true }, ...room, agent('listening'))],
    ['muted', live({ type: 'microphone', microphone: 'muted' })],
    ['typing', live({ type: 'microphone', microphone: 'denied' })],
    ['typing', live({ type: 'microphone', microphone: 'missing' })],
    ['typing', live({ type: 'agent-pipeline', pipeline: 'text' })],
    ['hold', live({ type: 'hold', hold: 'closed' })],
    ['listening', live({ type: 'hold', hold: 'open' })],
    ['thinking', live(agent('thinking'))],
    ['searching', live(agent('thinking'), searching)],
    ['speaking', live(agent('speaking'))],
    ['speaking', live({ type: 'microphone', microphone: 'denied' }, agent('speaking'))],
    ['stopped', live(agent('speaking'), { type: 'stop' })],
    ['ending', live({ type: 'notice', notice: noticeMessage({ kind: 'goodbye' }) })],
    ['ended', live({ type: 'ended', reason: 'left' })],
    ['ended', stateAfter(...begun, { type: 'refused', reason: 'busy' })],
    ['failed', stateAfter(...room, told())],
  ])('%s', (key, state) => {
    expect(statusOf(state)).toBe(key);
  });
});

describe('failure', () => {
  it.each([
    [null, live()],
    [null, stateAfter(...room, told({ gave_up: false }))],
    ['agent', stateAfter(...room, told())],
    ['rejected', stateAfter(...room, told({ verdict: 'rejected', gave_up: false }))],
    ['agent-lost', live(absent, told({ verdict: 'lost', gave_up: false }))],
    ['media', stateAfter(...begun, { type: 'refused', reason: 'media' })],
    ['lost', live({ type: 'ended', reason: 'lost' })],
    ['elsewhere', live({ type: 'ended', reason: 'elsewhere' })],
    [null, live({ type: 'ended', reason: 'goodbye' })],
  ])('%s', (kind, state) => {
    expect(failure(state)?.kind ?? null).toBe(kind);
  });

  it('believes the room rather than an old verdict', () => {
    expect(failure(stateAfter(...room, told(), agent('listening'), told()))).toBeNull();
  });

  it('passes on the words of the API', () => {
    expect(failure(stateAfter(...room, told()))?.message).toBe('No assistant could join this call.');
  });
});

it('is audible only where a voice can be heard', () => {
  expect(assistantAudible(live())).toBe(true);
  for (const step of [
    { type: 'agent-pipeline', pipeline: 'text' },
    absent,
    { type: 'ended', reason: 'left' },
    { type: 'sound-blocked', blocked: true },
  ] as const) {
    expect(assistantAudible(live(step)), JSON.stringify(step)).toBe(false);
  }
});

it('offers a stop when there is something to stop', () => {
  expect(canStop(live())).toBe(false);
  expect(canStop(live(agent('speaking')))).toBe(true);
  expect(canStop(live(searching))).toBe(true);
  expect(canStop(live(searching, absent))).toBe(false);
});

describe('in every phase', () => {
  const phases = {
    idle: initialState,
    connecting: stateAfter(...begun),
    live: live(agent('speaking'), searching, { type: 'results', message: resultsMessage({ partial: true }) }),
    reconnecting: live({ type: 'reconnecting' }),
    ending: live({ type: 'notice', notice: noticeMessage({ kind: 'goodbye' }) }),
    ended: live({ type: 'ended', reason: 'left' }),
    refused: stateAfter(...begun, { type: 'refused', reason: 'session' }),
  };
  const everything: Step[] = [
    { type: 'session', pipeline: 'cascade' },
    { type: 'reconnecting' },
    { type: 'quality', connection: 'silent' },
    { type: 'agent-silent' },
    { type: 'microphone', microphone: 'on' },
    { type: 'hold', hold: 'open' },
    { type: 'unheard' },
    { type: 'heard' },
    { type: 'recording', on: true },
    { type: 'sharing', on: true },
    { type: 'sound-blocked', blocked: true },
    agent('speaking'),
    { type: 'agent-language', language: 'es' },
    told(),
    searching,
    { type: 'stop' },
    { type: 'stop-told' },
    { type: 'results', message: resultsMessage({ partial: true }) },
    { type: 'speech', id: 'late', side: 'assistant', text: 'Late', final: false, at: 9 },
    { type: 'typed', id: 'late-too', text: 'Late', delivery: 'queued', at: 9 },
    { type: 'ended', reason: 'lost' },
  ];

  const INVITING = ['listening', 'hold', 'typing'];

  it.each(Object.keys(phases) as (keyof typeof phases)[])(
    '%s: whatever is told, nothing false can be shown',
    (phase) => {
      for (const step of everything) {
        const state = onwards(phases[phase], step);
        const microphone = microphoneOf(state);
        const where = `${phase} + ${step.type}`;
        if (stageOf(state) !== 'live') {
          expect(microphone.is, where).toBe('off');
          expect([assistantOf(state), canStop(state), isSilenced(state), assistantAudible(state)], where).toEqual([
            null,
            false,
            false,
            false,
          ]);
          expect(
            state.entries.some(({ final, delivery }) => !final || delivery === 'queued'),
            where,
          ).toBe(false);
        }
        // A status of "stopped" needs an assistant that was stopped; one of "listening" an open microphone.
        const status = statusOf(state);
        if (status === 'stopped') expect(assistantOf(state)?.voice.is, where).not.toBe('heard');
        if (status === 'listening') expect(['on', 'held'], where).toContain(microphone.is);
        // Nobody is invited whose words arrive nowhere.
        expect(!INVITING.includes(status) || isReachable(state), where).toBe(true);
        if (status === 'searching') expect(assistantOf(state)?.searching, where).toBe(true);
      }
    },
  );

  it.each(['idle', 'ended', 'refused'] as const)('%s: nothing that a call tells changes anything', (phase) => {
    for (const step of everything) expect(onwards(phases[phase], step), step.type).toBe(phases[phase]);
  });
});
