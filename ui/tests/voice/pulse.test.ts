import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bytesReceived, watchPulse } from '@/features/voice/pulse.ts';

const LONG_MS = 6_000;

let over: AbortController;
let bytes: number | null;
let heard: boolean[];

beforeEach(() => {
  vi.useFakeTimers();
  over = new AbortController();
  bytes = 1;
  heard = [];
});

afterEach(() => {
  over.abort();
  vi.useRealTimers();
});

const watch = (received: () => Promise<number | null> = async () => bytes): Promise<void> =>
  watchPulse(received, (silent) => heard.push(silent), over.signal);

async function live(milliseconds: number): Promise<void> {
  for (let spent = 0; spent < milliseconds; spent += 500) {
    if (bytes !== null) bytes += 1;
    await vi.advanceTimersByTimeAsync(500);
  }
}

it('tells once that nothing comes any more, and once that it does again', async () => {
  void watch();
  await live(LONG_MS);
  expect(heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(LONG_MS);
  expect(heard).toEqual([true]);
  await live(LONG_MS);
  expect(heard).toEqual([true, false]);
});

it('knows nothing where there is nothing to measure', async () => {
  bytes = null;
  void watch();
  await vi.advanceTimersByTimeAsync(2 * LONG_MS);
  void watch(() => Promise.reject(new Error('closed')));
  await vi.advanceTimersByTimeAsync(2 * LONG_MS);
  expect(heard).toEqual([]);
});

it('is over with the call', async () => {
  const watching = watch();
  over.abort();
  await watching;
  await vi.advanceTimersByTimeAsync(2 * LONG_MS);
  expect(heard).toEqual([]);
});

it('counts what came over the connection of the assistant alone', async () => {
  const reports = new Map<string, unknown>([
    ['a', { type: 'candidate-pair', bytesReceived: 40 }],
    ['b', { type: 'candidate-pair', bytesReceived: 2 }],
    ['c', { type: 'candidate-pair' }],
    ['d', { type: 'inbound-rtp', bytesReceived: 1000 }],
  ]);
  const track = { getRTCStatsReport: async () => reports };
  const agent = { kind: 4, attributes: {}, audioTrackPublications: new Map([['voice', { track }]]) };
  const someone = { kind: 0, attributes: {}, audioTrackPublications: new Map() };
  const room = (...who: unknown[]) =>
    ({ remoteParticipants: new Map(who.map((one, index) => [String(index), one])) }) as never;
  expect(await bytesReceived(room(someone, agent))).toBe(42);
  expect(await bytesReceived(room(someone))).toBeNull();
  expect(await bytesReceived(room({ ...agent, audioTrackPublications: new Map() }))).toBeNull();
  reports.clear();
  expect(await bytesReceived(room(agent))).toBeNull();
});
