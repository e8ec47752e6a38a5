import { describe, expect, it } from 'vitest';
import {
  assistantOf,
  isSearching,
  microphoneOf,
  resultsOf,
  stageOf,
  statusOf,
} from '@/features/conversation/selectors.ts';
import { initialState, reduce, type Told } from '@/features/conversation/state.ts';
import { onwards, stateAfter as run, type Step } from '@/gallery/states.ts';
import { noticeMessage, resultsMessage } from '../fixtures.ts';

const ready: Step[] = [
  { type: 'started', language: 'auto' },
  { type: 'session', pipeline: 'realtime' },
  { type: 'connected' },
  { type: 'agent', agent: 'listening' },
];
const say = (id: string, side: 'user' | 'assistant', text: string, final = true): Step => ({
  type: 'speech',
  id,
  side,
  text,
  final,
  at: 1,
});
const agent = (agent: Extract<Step, { type: 'agent' }>['agent']): Step => ({ type: 'agent', agent });

describe('silence after a stop', () => {
  const speaking = [...ready, agent('thinking'), agent('speaking')];
  const playback = (...steps: Step[]) => assistantOf(run(...speaking, ...steps))?.voice.is;

  it('begins at once, before anybody has answered', () => {
    expect(playback({ type: 'stop' })).toBe('stopping');
  });

  it('outlasts the rest of the stopped turn', () => {
    expect(playback({ type: 'stop' }, agent('thinking'), agent('speaking'))).toBe('stopping');
    expect(playback({ type: 'stop' }, agent('listening'))).toBe('silenced');
  });

  it('outlasts thinking about the next turn, and ends with its first word', () => {
    const next = [{ type: 'stop' }, agent('listening'), agent('thinking')] as Step[];
    expect(playback(...next)).toBe('silenced');
    expect(playback(...next, agent('speaking'))).toBe('heard');
  });

  it('does not swallow the answer to a new question when the end of the old turn was not seen', () => {
    expect(playback({ type: 'stop' }, say('u2', 'user', 'to Rome', false), agent('listening'), agent('speaking'))).toBe(
      'heard',
    );
    const typed: Step = { type: 'typed', id: 't', text: 'to Rome', delivery: 'sent', at: 2 };
    expect(playback({ type: 'stop' }, typed)).toBe('silenced');
    expect(playback({ type: 'stop' }, typed, agent('thinking'), agent('speaking'))).toBe('heard');
  });

  it('does not silence the next agent when this one has gone', () => {
    expect(playback({ type: 'stop' }, agent('absent'), agent('speaking'))).toBe('heard');
  });
});

describe('the transcript', () => {
  it('replaces tentative words and keeps final ones final', () => {
    const { entries } = run(
      ...ready,
      say('u1', 'user', 'Find', false),
      say('u1', 'user', 'Find me', true),
      say('u1', 'user', 'Find me', false),
    );
    expect(entries).toMatchObject([{ text: 'Find me', final: true }]);
  });

  it('labels what was said with the language that it turned out to be', () => {
    const state = run(
      ...ready,
      { type: 'agent-language', language: 'en' },
      say('a1', 'assistant', 'Hello'),
      say('u1', 'user', 'Hola'),
      { type: 'agent-language', language: 'es' },
      say('a2', 'assistant', 'Claro'),
    );
    expect(state.entries.map((entry) => entry.language)).toEqual(['en', 'es', 'es']);
  });

  it('survives the end of the call and the start of the next', () => {
    const ended = run(
      ...ready,
      say('u1', 'user', 'Find', false),
      { type: 'results', message: resultsMessage() },
      { type: 'ended', reason: 'left' },
    );
    const again = reduce(ended, { type: 'started', language: 'es' });
    expect(again.entries).toMatchObject([{ text: 'Find', final: true }]);
    expect(resultsOf(again)?.result.search_id).toBe('s_fixture01');
    expect([stageOf(again), assistantOf(again), again.language, again.calls]).toEqual(['live', null, 'es', 2]);
  });

  it('shows where a typed message is', () => {
    const typed: Step = { type: 'typed', id: 't1', text: 'hi', delivery: 'queued', at: 1 };
    expect(run(...ready, typed, { type: 'delivery', id: 't1', delivery: 'failed' }).entries[0]?.delivery).toBe(
      'failed',
    );
  });
});

describe('results and notices', () => {
  const searching: Step = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) };

  it('a search is over when its results come, when it fails, and when it is stopped', () => {
    expect(isSearching(run(...ready, searching))).toBe(true);
    for (const end of [
      { type: 'results', message: resultsMessage() },
      { type: 'notice', notice: noticeMessage() },
      { type: 'notice', notice: noticeMessage({ kind: 'search_ended' }) },
      { type: 'stop' },
      { type: 'agent', agent: 'absent' },
      { type: 'ended', reason: 'left' },
    ] as Step[]) {
      expect(isSearching(run(...ready, searching, end)), end.type).toBe(false);
    }
  });

  it('results replace a notice about the search before', () => {
    const state = run(
      ...ready,
      { type: 'notice', notice: noticeMessage() },
      { type: 'results', message: resultsMessage() },
    );
    const results = resultsOf(state);
    expect([state.notice, results?.selected, results?.totalOffers]).toEqual([null, 2, 6]);
  });

  it('selects only a card that is there', () => {
    const shown = run(...ready, { type: 'results', message: resultsMessage() });
    const select = (number: number) => resultsOf(reduce(shown, { type: 'select', number }))?.selected;
    expect([select(4), select(5)]).toEqual([4, 2]);
    expect(resultsOf(reduce(initialState, { type: 'select', number: 1 }))).toBeNull();
  });
});

describe('a stop', () => {
  const stopped = run(...ready, agent('speaking'), say('a', 'assistant', 'I found 13', false), { type: 'stop' });

  it('is told, and then that the assistant listens', () => {
    const listening = onwards(stopped, { type: 'microphone', microphone: 'on' }, agent('listening'));
    expect(statusOf(listening)).toBe('stopped');
    expect(statusOf(onwards(listening, { type: 'stop-told' }))).toBe('listening');
    // Also where nothing was being said.
    const open = run(...ready, { type: 'microphone', microphone: 'on' }, { type: 'stop' });
    expect([statusOf(open), statusOf(onwards(open, { type: 'stop-told' }))]).toEqual(['stopped', 'listening']);
  });

  it('is not said over the next answer, and while the old one is still coming it is', () => {
    expect(statusOf(onwards(stopped, { type: 'stop-told' }))).toBe('stopped');
    expect(statusOf(onwards(stopped, { type: 'stop-told' }, agent('listening')))).toBe('typing');
    const next = [agent('listening'), agent('thinking'), { type: 'stop-told' }, agent('thinking')] as Step[];
    expect(statusOf(onwards(stopped, ...next))).toBe('thinking');
  });

  it('leaves words that are marked as cut off', () => {
    expect(stopped.entries.at(-1)).toMatchObject({ final: true, interrupted: true, text: 'I found 13' });
  });
});

describe('cut off or finished', () => {
  const last = (...steps: Step[]) => run(...ready, ...steps).entries.at(-1)?.interrupted;

  it.each([
    ['I found 13', true],
    ['こ', true],
    ['I found 13 flights.', false],
    ['何か見つけますか？', false],
    ['He said “now.”', false],
  ])('%s', (text, cut) => {
    expect(last(say('a', 'assistant', text))).toBe(cut);
    expect(last(say('u', 'user', text))).toBe(false);
  });

  it('whoever goes on was not cut off after all', () => {
    expect(last(say('a', 'assistant', 'I found'), say('a', 'assistant', 'I found it.'))).toBe(false);
  });

  it('what was still being said when the call ended was', () => {
    expect(last(say('u', 'user', 'Find me a', false), { type: 'ended', reason: 'lost' })).toBe(true);
  });
});

describe('the call', () => {
  it('has no microphone after its end, whatever comes late', () => {
    const over = run(...ready, { type: 'ended', reason: 'left' }, { type: 'microphone', microphone: 'on' });
    expect(microphoneOf(over)).toEqual({ is: 'off' });
  });

  it('believes its own meter about a microphone that is heard', () => {
    const mute = run(...ready, { type: 'microphone', microphone: 'on' }, { type: 'unheard' });
    expect(microphoneOf(onwards(mute, { type: 'heard' }))).toEqual({ is: 'on', unheard: false });
  });

  it('forgets a silent microphone when the user is heard', () => {
    const mute = run(...ready, { type: 'microphone', microphone: 'on' }, { type: 'unheard' });
    expect(microphoneOf(mute)).toEqual({ is: 'on', unheard: true });
    expect(microphoneOf(onwards(mute, say('u', 'user', 'hi')))).toEqual({ is: 'on', unheard: false });
  });

  it('that is over tells nothing of the one that has begun since', () => {
    const second = run(...ready, { type: 'ended', reason: 'left' }, { type: 'started', language: 'auto' });
    for (const late of [
      { type: 'microphone', microphone: 'failed' },
      { type: 'refused', reason: 'media' },
      { type: 'ended', reason: 'lost' },
      { type: 'connected' },
      say('late', 'assistant', 'Late'),
      { type: 'results', message: resultsMessage() },
    ] as Told[]) {
      expect(reduce(second, { ...late, call: 1 }), late.type).toBe(second);
    }
    expect(microphoneOf(second)).toEqual({ is: 'asking' });
  });

  it('leaves no words that wait for an assistant', () => {
    const typed: Step = { type: 'typed', id: 't', text: 'to Rome', delivery: 'queued', at: 2 };
    for (const over of [
      { type: 'ended', reason: 'left' },
      { type: 'refused', reason: 'media' },
    ] as Step[]) {
      expect(run({ type: 'started', language: 'auto' }, typed, over).entries).toMatchObject([{ delivery: 'failed' }]);
    }
  });

  it('each word is of its call', () => {
    const first = run(...ready, say('a', 'user', 'Hi.'), { type: 'ended', reason: 'left' });
    expect(onwards(first, ...ready, say('b', 'user', 'Hi.')).entries.map(({ call }) => call)).toEqual([1, 2]);
  });
});

describe('a search whose parts come one after the other', () => {
  const { result } = resultsMessage();
  const part = { ...result, offers: result.offers.slice(2, 3), complete: false };
  const found = (found: typeof result, partial = false): Step => ({
    type: 'found',
    result: found,
    language: 'en',
    partial,
  });

  it('shows what is there, says that it goes on, and keeps what was chosen meanwhile', () => {
    const first = run(found(part, true));
    expect([resultsOf(first)?.result.offers.length, isSearching(first)]).toEqual([1, true]);
    const whole = run(found(part, true), { type: 'select', number: 1 }, found(result));
    expect([resultsOf(whole)?.totalOffers, isSearching(whole)]).toEqual([result.offers.length, false]);
    const { selected, result: shown } = resultsOf(whole) ?? {};
    expect(shown?.offers[(selected ?? 0) - 1]?.id).toBe(part.offers[0]?.id);
    // Another search begins anew.
    const other = run(found(part), { type: 'select', number: 1 }, found({ ...result, search_id: 'other' }));
    expect(resultsOf(other)?.selected).toBeNull();
  });

  it('by voice too', () => {
    const message = resultsMessage({ partial: true, result: part });
    const searching: Step = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) };
    expect(isSearching(run(...ready, searching, { type: 'results', message }))).toBe(true);
    expect(isSearching(run(...ready, searching, { type: 'results', message: resultsMessage() }))).toBe(false);
    // After a stop nothing is on its way any more.
    expect(isSearching(run(...ready, searching, { type: 'stop' }, { type: 'results', message }))).toBe(false);
  });
});
