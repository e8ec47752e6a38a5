import { afterEach, expect, it, vi } from 'vitest';
import { remember, remembered } from '@/features/conversation/memory.ts';
import { resultsOf } from '@/features/conversation/selectors.ts';
import { initialState, reduce, type State } from '@/features/conversation/state.ts';
import { ALL } from '@/features/flights/view.ts';
import { onwards, STATES, type Step, stateAfter } from '@/gallery/states.ts';
import { noticeMessage, resultsMessage } from '../fixtures.ts';

const RECEIPT = 'ABCDEFGHJKLMNPQRSTUV';
const BEGUN: Step[] = [
  { type: 'started', language: 'auto' },
  { type: 'session', pipeline: 'cascade', receipt: RECEIPT },
  { type: 'connected' },
  { type: 'agent', agent: 'listening' },
  { type: 'speech', id: 'u', side: 'user', text: 'To Berlin.', final: true, at: 1 },
];

afterEach(() => vi.unstubAllGlobals());

it('brings words, cards and receipt back as those of a call that has ended', () => {
  const call = stateAfter(...BEGUN, { type: 'results', message: resultsMessage() });
  remember(call);
  const state = remembered();
  expect(state).toMatchObject({
    call: { phase: 'ended', reason: 'reloaded', session: { pipeline: 'cascade', receipt: RECEIPT } },
    calls: 1,
  });
  expect(state.entries.map(({ text }) => text)).toEqual(call.entries.map(({ text }) => text));
  const ids = (of: State) => resultsOf(of)?.result.offers.map(({ id }) => id);
  expect(ids(state)).toEqual(ids(call));
  expect(resultsOf(state)).toMatchObject({ call: 1, turn: 'u' });
  expect(reduce(state, { type: 'started', language: 'en' })).toMatchObject({ call: { phase: 'connecting', id: 2 } });
});

it('says of what nobody has read that it was not delivered, and of what was being said that it was cut off', () => {
  const typed = onwards(STATES.listening, { type: 'typed', id: 't', text: 'to Rome', delivery: 'queued', at: 1 });
  const half = { type: 'speech', id: 'a', side: 'assistant', text: 'I fou', final: false, at: 2 } as const;
  remember(onwards(typed, half));
  expect(remembered().entries.slice(-2)).toMatchObject([{ delivery: 'failed' }, { final: true, interrupted: true }]);
});

it('keeps every offer that it had, and the choice from them', () => {
  remember(
    stateAfter(
      ...BEGUN,
      { type: 'results', message: resultsMessage() },
      { type: 'view', view: { ...ALL, max_stops: 0 } },
    ),
  );
  const results = resultsOf(remembered());
  expect([results?.result.offers.length, results?.all.length]).toEqual([1, 4]);
});

it('keeps the flight that is open', () => {
  remember(onwards(STATES.results, { type: 'select', number: 3 }));
  expect(resultsOf(remembered())?.selected).toBe(3);
});

it('keeps no half of a search as if it were whole', () => {
  const { result } = resultsMessage();
  const found = { type: 'found', result, language: 'en', partial: true } as const;
  // By form: the address asks for it again.
  remember(reduce(initialState, found));
  expect(resultsOf(remembered())).toBeNull();
  // By an assistant that is gone with the page.
  const searching = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) } as const;
  remember(onwards(STATES.listening, searching, { type: 'results', message: resultsMessage({ partial: true }) }));
  expect(resultsOf(remembered())).toMatchObject({ coming: false, result: { complete: false } });
});

it('keeps nothing of a call that was erased', () => {
  const erased = reduce(STATES.ended, { type: 'erased' });
  expect([erased.entries, resultsOf(erased)]).toEqual([[], null]);
  remember(erased);
  expect(sessionStorage.getItem('polyglot.conversation')).not.toContain('Berlin');
  expect(remembered()).toBe(initialState);
});

it.each([
  '',
  'null',
  '{',
  '{"version":2}',
  '{"version":1,"entries":[],"results":null}',
  '{"version":2,"entries":[{"id":1}]}',
])('begins anew with what it cannot read: %s', (text) => {
  sessionStorage.setItem('polyglot.conversation', text);
  expect(remembered()).toBe(initialState);
});

it('works where storage is forbidden', () => {
  const denied = () => {
    throw new Error('denied');
  };
  vi.stubGlobal('sessionStorage', { getItem: denied, setItem: denied, clear: () => undefined });
  remember(STATES.results);
  expect(remembered()).toBe(initialState);
});

it('flights that were found without a call come back as such', () => {
  const { result } = resultsMessage();
  remember(reduce(initialState, { type: 'found', result, language: 'en' }));
  expect(remembered()).toMatchObject({ call: { phase: 'idle' } });
  expect(resultsOf(remembered())?.source).toBe('form');
});
