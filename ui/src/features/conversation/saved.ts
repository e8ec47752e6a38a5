/** The conversation as files, for keeping: plain text, captions with their times, and data. */
import type { Results } from './searches.ts';
import type { Entry, Side } from './transcript.ts';

export const FORMATS = ['txt', 'vtt', 'json'] as const;
export type Format = (typeof FORMATS)[number];
export const TYPES: Record<Format, string> = { txt: 'text/plain', vtt: 'text/vtt', json: 'application/json' };

type Names = Record<Side, string>;

const said = (entry: Entry): string => `${entry.text.trim()}${entry.interrupted ? ' …' : ''}`;

export function asText(entries: readonly Entry[], names: Names, clock: (at: number) => string): string {
  return entries.map((entry) => `[${clock(entry.at)}] ${names[entry.side]}: ${said(entry)}`).join('\n');
}

/** Longest that a caption stays where nothing follows it. */
const LAST_MS = 6_000;
const LEAST_MS = 500;

function stamp(milliseconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = String(Math.floor(milliseconds % 1000)).padStart(3, '0');
  return `${two(milliseconds / 3_600_000)}:${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}.${rest}`;
}

/** Letters that WebVTT gives a meaning, and blank lines, which would end a caption. */
const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\s*\n\s*/g, '\n');

/** WebVTT, with times from the first word on: beside a recording of the call these are its captions. */
export function asVtt(entries: readonly Entry[], names: Names): string {
  const start = entries[0]?.at ?? 0;
  const cues = entries.map((entry, index) => {
    const from = Math.max(0, entry.at - start);
    const next = entries[index + 1];
    const until = next ? Math.max(next.at - start, from + LEAST_MS) : from + LAST_MS;
    return `${index + 1}\n${stamp(from)} --> ${stamp(until)}\n<v ${escaped(names[entry.side])}>${escaped(said(entry))}</v>`;
  });
  return `${['WEBVTT', ...cues].join('\n\n')}\n`;
}

/** What was said, and the flights that are on the screen, for programs. */
export function asJson(entries: readonly Entry[], results: Results | null): string {
  const words = entries.map(({ at, side, language, text, typed, interrupted }) => ({
    at: new Date(at).toISOString(),
    side,
    language,
    text,
    typed,
    interrupted,
  }));
  const search = results && { query: results.result.query, offers: results.result.offers };
  return JSON.stringify({ version: 1, entries: words, search }, null, 2);
}
