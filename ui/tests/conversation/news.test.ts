/** What is news for who listens to the page, and what is not. */
import { describe, expect, it } from 'vitest';
import { newsOf } from '@/features/conversation/news.ts';
import type { State } from '@/features/conversation/state.ts';
import { onwards, STATES, type Step } from '@/gallery/states.ts';
import { resultsMessage } from '../fixtures.ts';

const told = (from: State, steps: Step[], captions = false): unknown[] => {
  let before = from;
  return steps.flatMap((step) => {
    const after = onwards(before, step);
    const news = newsOf(before, after, captions);
    before = after;
    return news.map((each) =>
      each.kind === 'status'
        ? each.status
        : each.kind === 'found'
          ? each.shown
          : each.kind === 'said'
            ? each.entry.text
            : each.kind,
    );
  });
};
const agent = (is: 'listening' | 'thinking' | 'speaking'): Step => ({ type: 'agent', agent: is });
const words = (text: string, final: boolean): Step => ({
  type: 'speech',
  id: 'a9',
  side: 'assistant',
  text,
  final,
  at: 1,
});

describe('the state of the call', () => {
  it('is not told with every turn', () => {
    const turns = [agent('thinking'), agent('speaking'), agent('listening')];
    expect(told(STATES.listening, [...turns, ...turns])).toEqual([]);
    const typing = onwards(STATES.typed, agent('listening'));
    expect(told(typing, [...turns, ...turns])).toEqual([]);
  });
  it('is told when it is pressed to and fro once, and not with each press', () => {
    const muted: Step[] = [
      { type: 'microphone', microphone: 'muted' },
      { type: 'microphone', microphone: 'on' },
    ];
    expect(told(STATES.listening, muted)).toEqual(['muted', 'listening']);
    const hold = (hold: 'open' | 'closed'): Step => ({ type: 'hold', hold });
    expect(told(onwards(STATES.listening, hold('closed')), [hold('open'), hold('closed')])).toEqual([]);
  });
});

it('words are told when they are complete, and only where no voice says them', () => {
  const grown = [words('I found', false), words('I found six', false), words('I found six.', true)];
  expect(told(STATES.listening, grown)).toEqual([]);
  expect(told(STATES.listening, grown, true)).toEqual(['I found six.']);
});

it('flights that come in pieces are told when all of them are there', () => {
  const whole = resultsMessage({ selected: null });
  const first = { ...whole, partial: true, result: { ...whole.result, offers: whole.result.offers.slice(0, 2) } };
  const pieces = [first, { ...whole, partial: true }, whole].map((message): Step => ({ type: 'results', message }));
  const counts = told(STATES.searching, pieces).filter((each) => typeof each === 'number');
  expect(counts).toEqual([whole.result.offers.length]);
});

it('a message that nobody was there to read is told', () => {
  expect(told(STATES.typed, [{ type: 'refused', reason: 'session' }])).toEqual(['undelivered']);
});
