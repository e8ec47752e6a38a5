/** A turn that pauses have parted is one turn; a question after it, or in another way, is another. */
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { TranscriptView } from '@/features/conversation/TranscriptView.tsx';
import { type Entry, inTurns } from '@/features/conversation/transcript.ts';

const said = (text: string, at: number, more: Partial<Entry> = {}): Entry => ({
  id: text,
  call: 1,
  side: 'user',
  text,
  final: true,
  language: 'en',
  typed: false,
  interrupted: false,
  delivery: null,
  at,
  ...more,
});
const texts = (...entries: Entry[]): string[] => inTurns(entries).map(({ text }) => text);

describe('the pieces of a spoken turn', () => {
  it('are one line, spaced as its language is', () => {
    const english = [said('Find me a flight', 0), said('to Berlin', 2000), said('tomorrow.', 4000)];
    render(<TranscriptView entries={english} />);
    expect(screen.getAllByRole('listitem').map((line) => line.lastChild?.textContent)).toEqual([
      'Find me a flight to Berlin tomorrow.',
    ]);
    const japanese = { language: 'ja' };
    expect(texts(said('水曜日にオスロから', 0, japanese), said('ストックホルムまで', 1700, japanese))).toEqual([
      '水曜日にオスロからストックホルムまで',
    ]);
  });

  it('keep the first one’s place and say what the last one says of the turn', () => {
    const [turn] = inTurns([said('To Rome', 0), said('on Mon', 900, { final: false })]);
    expect(turn).toMatchObject({ id: 'To Rome', at: 0, final: false });
  });

  it('are not joined with what is no part of the turn', () => {
    const answer = said('Which day?', 1000, { side: 'assistant' });
    expect(texts(said('To Rome', 0), answer, said('Monday', 2000))).toHaveLength(3);
    expect(texts(said('To Rome', 0), said('Monday', 2000, { typed: true }))).toHaveLength(2);
    expect(texts(said('To Rome', 0), said('Monday', 2000, { call: 2 }))).toHaveLength(2);
    expect(texts(said('To Rome', 0), said('Hello?', 10_000))).toHaveLength(2);
    expect(texts(said('a', 0, { side: 'operator' }), said('b', 1, { side: 'operator' }))).toHaveLength(2);
  });
});
