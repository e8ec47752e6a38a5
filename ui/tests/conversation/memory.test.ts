import { afterEach, expect, it, vi } from 'vitest';
import { remember, remembered } from '@/features/conversation/memory.ts';
import { initialState, reduce } from '@/features/conversation/state.ts';
import { ALL } from '@/features/flights/view.ts';
import { STATES } from '@/gallery/states.ts';
import { resultsMessage } from '../fixtures.ts';

afterEach(() => vi.unstubAllGlobals());

it('brings words, cards and receipt back as those of a call that has ended', () => {
  const call = { ...STATES.results, receipt: 'ABCDEFGHJKLMNPQRSTUV' };
  remember(call);
  const state = remembered();
  expect(state).toMatchObject({ phase: 'ended', microphone: 'off', agent: 'absent', receipt: call.receipt });
  expect(state.entries.map(({ text }) => text)).toEqual(call.entries.map(({ text }) => text));
  expect(state.results?.result.offers.map(({ id }) => id)).toEqual(call.results?.result.offers.map(({ id }) => id));
  expect(reduce(state, { type: 'started', language: 'en' }).phase).toBe('live');
});

it('says of what nobody has read that it was not delivered, and of what was being said that it was cut off', () => {
  const typed = reduce(STATES.listening, { type: 'typed', id: 't', text: 'to Rome', delivery: 'queued', at: 1 });
  const half = { type: 'speech', id: 'a', side: 'assistant', text: 'I fou', final: false, at: 2 } as const;
  remember(reduce(typed, half));
  expect(remembered().entries.slice(-2)).toMatchObject([{ delivery: 'failed' }, { final: true, interrupted: true }]);
});

it('keeps every offer that it had, and the choice from them', () => {
  const shown = reduce(initialState, { type: 'results', message: resultsMessage() });
  const narrow = reduce(shown, {
    type: 'view',
    view: { ...ALL, max_stops: 0 },
  });
  remember(narrow);
  const { results } = remembered();
  expect([results?.result.offers.length, results?.all.length]).toEqual([1, 4]);
});

it('keeps nothing of a call that was erased', () => {
  const erased = reduce({ ...STATES.ended, receipt: 'ABCDEFGHJKLMNPQRSTUV' }, { type: 'erased' });
  expect([erased.entries, erased.results]).toEqual([[], null]);
  remember(erased);
  expect(sessionStorage.getItem('polyglot.conversation')).not.toContain('Berlin');
  expect(remembered()).toBe(initialState);
});

it.each(['', 'null', '{', '{"version":2}', '{"version":1,"entries":[{"id":1}]}'])(
  'begins anew with what it cannot read: %s',
  (text) => {
    sessionStorage.setItem('polyglot.conversation', text);
    expect(remembered()).toBe(initialState);
  },
);

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
  expect(remembered()).toMatchObject({ phase: 'idle', connection: 'idle', results: { source: 'form' } });
});
