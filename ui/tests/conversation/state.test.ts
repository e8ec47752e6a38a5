import { describe, expect, it } from 'vitest';
import { statusOf } from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import { noticeMessage, resultsMessage, sessionStatus } from '../fixtures.ts';

const run = (...actions: Action[]): State => actions.reduce(reduce, initialState);
const ready: Action[] = [
  { type: 'started', language: 'auto' },
  { type: 'connection', connection: 'connected' },
  { type: 'agent', agent: 'listening' },
];
const say = (id: string, side: 'user' | 'assistant', text: string, final = true): Action => ({
  type: 'speech',
  id,
  side,
  text,
  final,
  at: 1,
});
const agent = (state: State['agent']): Action => ({ type: 'agent', agent: state });

describe('silence after a stop', () => {
  const speaking = [...ready, agent('thinking'), agent('speaking')];
  const playback = (...actions: Action[]): string => run(...speaking, ...actions).playback;

  it('begins at once, before anybody has answered', () => {
    expect(playback({ type: 'stop' })).toBe('stopping');
  });

  it('outlasts the rest of the stopped turn', () => {
    expect(playback({ type: 'stop' }, agent('thinking'), agent('speaking'))).toBe('stopping');
    expect(playback({ type: 'stop' }, agent('listening'))).toBe('silenced');
    expect(playback({ type: 'stop' }, { type: 'stop-settled' })).toBe('stopping');
  });

  it('outlasts thinking about the next turn, and ends with its first word', () => {
    const next = [{ type: 'stop' }, agent('listening'), agent('thinking')] as Action[];
    expect(playback(...next)).toBe('silenced');
    expect(playback(...next, agent('speaking'))).toBe('on');
  });

  it('does not swallow the answer to a new question when the end of the old turn was not seen', () => {
    expect(playback({ type: 'stop' }, say('u2', 'user', 'to Rome', false), agent('listening'), agent('speaking'))).toBe(
      'on',
    );
    const typed: Action = { type: 'typed', id: 't', text: 'to Rome', delivery: 'sent', at: 2 };
    expect(playback({ type: 'stop' }, typed)).toBe('silenced');
  });

  it('does not silence the next agent when this one has gone', () => {
    expect(playback({ type: 'stop' }, agent('absent'))).toBe('on');
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
      { type: 'ended' },
    );
    const again = reduce(ended, { type: 'started', language: 'es' });
    expect(again.entries).toMatchObject([{ text: 'Find', final: true }]);
    expect(again.results?.result.search_id).toBe('s_fixture01');
    expect([again.phase, again.agentSeen, again.requestedLanguage]).toEqual(['live', false, 'es']);
  });

  it('shows where a typed message is', () => {
    const typed: Action = { type: 'typed', id: 't1', text: 'hi', delivery: 'queued', at: 1 };
    expect(run(...ready, typed, { type: 'delivery', id: 't1', delivery: 'failed' }).entries[0]?.delivery).toBe(
      'failed',
    );
  });
});

describe('results and notices', () => {
  const searching: Action = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) };

  it('a search is over when its results come, when it fails, and when it is stopped', () => {
    expect(run(...ready, searching).searching).toBe(true);
    for (const end of [
      { type: 'results', message: resultsMessage() },
      { type: 'notice', notice: noticeMessage() },
      { type: 'notice', notice: noticeMessage({ kind: 'search_ended' }) },
      { type: 'stop' },
      { type: 'agent', agent: 'absent' },
      { type: 'ended' },
    ] as Action[]) {
      expect(run(...ready, searching, end).searching, end.type).toBe(false);
    }
  });

  it('results replace a notice about the search before', () => {
    const state = run(
      ...ready,
      { type: 'notice', notice: noticeMessage() },
      { type: 'results', message: resultsMessage() },
    );
    expect([state.notice, state.results?.selected, state.results?.totalOffers]).toEqual([null, 2, 6]);
  });

  it('selects only a card that is there', () => {
    const shown = run(...ready, { type: 'results', message: resultsMessage() });
    expect(reduce(shown, { type: 'select', number: 4 }).results?.selected).toBe(4);
    expect(reduce(shown, { type: 'select', number: 5 }).results?.selected).toBe(2);
    expect(reduce(initialState, { type: 'select', number: 1 })).toBe(initialState);
  });
});

describe('a stop', () => {
  const stopped = run(...ready, agent('speaking'), say('a', 'assistant', 'I found 13', false), { type: 'stop' });

  it('is told, and then that the assistant listens', () => {
    const listening = reduce({ ...stopped, microphone: 'on' }, agent('listening'));
    expect(statusOf(listening)).toBe('stopped');
    expect(statusOf(reduce(listening, { type: 'stop-told' }))).toBe('listening');
  });

  it('is not said over the next answer, and while the old one is still coming it is', () => {
    expect(statusOf(reduce(stopped, { type: 'stop-told' }))).toBe('stopped');
    const next = [agent('listening'), agent('thinking'), { type: 'stop-told' }, agent('thinking')] as Action[];
    expect(statusOf(next.reduce(reduce, stopped))).toBe('thinking');
  });

  it('leaves words that are marked as cut off', () => {
    expect(stopped.entries.at(-1)).toMatchObject({ final: true, interrupted: true, text: 'I found 13' });
  });
});

describe('cut off or finished', () => {
  const last = (...actions: Action[]) => run(...ready, ...actions).entries.at(-1)?.interrupted;

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
    expect(last(say('u', 'user', 'Find me a', false), { type: 'ended' })).toBe(true);
  });
});

describe('the call', () => {
  it('has no microphone after its end, whatever comes late', () => {
    const over = run(...ready, { type: 'ended' }, { type: 'microphone', microphone: 'on' });
    expect(over.microphone).toBe('off');
  });

  it('believes its own meter about a microphone that is heard', () => {
    const mute = run(...ready, { type: 'microphone', microphone: 'on' }, { type: 'unheard' });
    expect(reduce(mute, { type: 'heard' }).unheard).toBe(false);
  });

  it('forgets a silent microphone when the user is heard', () => {
    const mute = run(...ready, { type: 'microphone', microphone: 'on' }, { type: 'unheard' });
    expect(mute.unheard).toBe(true);
    expect(reduce(mute, say('u', 'user', 'hi')).unheard).toBe(false);
  });

  it('takes back "lost" when an agent is ready again', () => {
    const lost = run(...ready, { type: 'trouble', trouble: 'lost' });
    expect(
      reduce(lost, { type: 'status', status: sessionStatus({ verdict: 'ready', gave_up: false }) }).trouble,
    ).toBeNull();
  });
});

describe('a search whose parts come one after the other', () => {
  const { result } = resultsMessage();
  const part = { ...result, offers: result.offers.slice(2, 3), complete: false };
  const found = (found: typeof result, partial = false): Action => ({
    type: 'found',
    result: found,
    language: 'en',
    partial,
  });

  it('shows what is there, says that it goes on, and keeps what was chosen meanwhile', () => {
    const first = run(found(part, true));
    expect([first.results?.result.offers.length, first.searching]).toEqual([1, true]);
    const whole = run(found(part, true), { type: 'select', number: 1 }, found(result));
    expect([whole.results?.totalOffers, whole.searching]).toEqual([result.offers.length, false]);
    const { selected, result: shown } = whole.results ?? {};
    expect(shown?.offers[(selected ?? 0) - 1]?.id).toBe(part.offers[0]?.id);
    // Another search begins anew.
    expect(
      run(found(part), { type: 'select', number: 1 }, found({ ...result, search_id: 'other' })).results?.selected,
    ).toBeNull();
  });

  it('by voice too', () => {
    const message = resultsMessage({ partial: true, result: part });
    const searching: Action = { type: 'notice', notice: noticeMessage({ kind: 'searching' }) };
    expect(run(...ready, searching, { type: 'results', message }).searching).toBe(true);
    expect(run(...ready, searching, { type: 'results', message: resultsMessage() }).searching).toBe(false);
    // After a stop nothing is on its way any more.
    expect(run(...ready, searching, { type: 'stop' }, { type: 'results', message }).searching).toBe(false);
  });
});
