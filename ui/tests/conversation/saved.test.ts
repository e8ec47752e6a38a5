import { expect, it } from 'vitest';
import { asJson, asText, asVtt } from '@/features/conversation/saved.ts';
import { resultsOf } from '@/features/conversation/selectors.ts';
import { initialState, reduce } from '@/features/conversation/state.ts';
import type { Entry } from '@/features/conversation/transcript.ts';
import { resultsMessage } from '../fixtures.ts';

const AT = Date.parse('2026-11-21T10:00:00Z');
const entry = (side: Entry['side'], text: string, after: number, interrupted = false): Entry => ({
  id: `${after}`,
  call: 1,
  side,
  text,
  final: true,
  language: 'en',
  typed: side === 'user',
  interrupted,
  delivery: null,
  at: AT + after,
});
const entries = [
  entry('assistant', 'Where to?', 0),
  entry('user', 'a <b> & "c" -->\n\nd', 2_500),
  entry('operator', 'I am here', 3_661_042, true),
];
const names = { user: 'You', assistant: 'Polyglot', operator: 'Op <1>' };

it('as text: who said what, when, and what was cut off', () => {
  expect(asText(entries, names, (at) => new Date(at).toISOString().slice(11, 16)).split('\n')).toEqual([
    '[10:00] Polyglot: Where to?',
    '[10:00] You: a <b> & "c" -->',
    '',
    'd',
    '[11:01] Op <1>: I am here …',
  ]);
});

it('as WebVTT: captions in order with times from the first word, and nothing that ends or forges one', () => {
  expect(asVtt(entries, names)).toBe(
    [
      'WEBVTT',
      '1\n00:00:00.000 --> 00:00:02.500\n<v Polyglot>Where to?</v>',
      '2\n00:00:02.500 --> 01:01:01.042\n<v You>a &lt;b&gt; &amp; "c" --&gt;\nd</v>',
      '3\n01:01:01.042 --> 01:01:07.042\n<v Op &lt;1&gt;>I am here …</v>\n',
    ].join('\n\n'),
  );
  expect(asVtt([], names)).toBe('WEBVTT\n');
});

it('as data: words with their times, and the flights on the screen', () => {
  const { result } = resultsMessage();
  const results = resultsOf(reduce(initialState, { type: 'found', result, language: 'en' }));
  const data = JSON.parse(asJson(entries, results));
  expect(data.entries[1]).toEqual({
    at: '2026-11-21T10:00:02.500Z',
    side: 'user',
    language: 'en',
    text: 'a <b> & "c" -->\n\nd',
    typed: true,
    interrupted: false,
  });
  expect(data.search.offers).toHaveLength(4);
  expect(JSON.parse(asJson(entries, null)).search).toBeNull();
});
