import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Pulse, pulseOf, type Silent, watchPulse } from '@/features/voice/pulse.ts';

const LONG_MS = 6_000;

let over: AbortController;
let bytes: number | null;
let speaks = true;
let heard: Silent[];
let agent: Pulse['agent'];

beforeEach(() => {
  vi.useFakeTimers();
  over = new AbortController();
  bytes = 1;
  agent = null;
  heard = [];
});

afterEach(() => {
  over.abort();
  vi.useRealTimers();
});

const watch = (pulse: () => Promise<Pulse> = async () => ({ line: bytes, agent })): Promise<void> =>
  watchPulse(pulse, (silent) => heard.push(silent), over.signal);
const SILENT = { line: true, agent: false };
const VOICELESS = { line: false, agent: true };
const ALIVE = { line: false, agent: false };

async function live(milliseconds: number): Promise<void> {
  for (let spent = 0; spent < milliseconds; spent += 500) {
    if (bytes !== null) bytes += 1;
    if (typeof agent === 'number' && speaks) agent += 1;
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
  expect(heard).toEqual([SILENT]);
  await live(LONG_MS);
  expect(heard).toEqual([SILENT, ALIVE]);
});

it('tells of an agent from which nothing comes, while the room lives', async () => {
  agent = 1;
  void watch();
  await live(LONG_MS);
  expect(heard).toEqual([]);
  speaks = false;
  await live(LONG_MS);
  expect(heard).toEqual([VOICELESS]);
  speaks = true;
  await live(LONG_MS);
  expect(heard).toEqual([VOICELESS, ALIVE]);
  // Where nothing comes at all, the agent is not to blame.
  heard.length = 0;
  await vi.advanceTimersByTimeAsync(2_500);
  expect(heard).toEqual([]);
});

it('asks an agent that has no voice, and tells when it does not answer', async () => {
  agent = true;
  void watch();
  await live(LONG_MS);
  agent = false;
  await live(4_000);
  expect(heard).toEqual([VOICELESS]);
  agent = true;
  await live(4_000);
  expect(heard).toEqual([VOICELESS, ALIVE]);
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

it('counts what came over the connection of the assistant, and of its voice, alone', async () => {
  const reports = new Map<string, unknown>([
    ['a', { type: 'candidate-pair', bytesReceived: 40 }],
    ['b', { type: 'candidate-pair', bytesReceived: 2 }],
    // Of a room in which nobody says anything: a dead agent's, and the line is good.
    ['c', { type: 'candidate-pair', bytesReceived: 0, requestsReceived: 5, responsesReceived: 3 }],
    ['d', { type: 'inbound-rtp', bytesReceived: 1000, packetsReceived: 7 }],
  ]);
  const publication = { isMuted: false, track: { getRTCStatsReport: async () => reports } };
  const agent = { identity: 'a', kind: 4, attributes: {}, audioTrackPublications: new Map([['voice', publication]]) };
  const someone = { identity: 's', kind: 0, attributes: {}, audioTrackPublications: new Map() };
  const performRpc = vi.fn((_call: { destinationIdentity: string }) => Promise.resolve(''));
  const room = (...who: unknown[]) =>
    ({
      localParticipant: { performRpc },
      remoteParticipants: new Map(who.map((one, index) => [String(index), one])),
    }) as never;
  expect(await pulseOf(room(someone, agent))).toEqual({ line: 50, agent: 7 });
  expect(await pulseOf(room(someone))).toEqual({ line: null, agent: null });
  // One that is muted, or not heard yet, is asked by a name that nobody has: who lives refuses it.
  publication.isMuted = true;
  performRpc.mockReturnValueOnce(Promise.reject(Object.assign(new Error('unsupported'), { code: 1400 })));
  expect(await pulseOf(room(agent))).toEqual({ line: 50, agent: true });
  publication.isMuted = false;
  reports.clear();
  performRpc.mockReturnValueOnce(Promise.reject(Object.assign(new Error('timeout'), { code: 1501 })));
  expect(await pulseOf(room(agent))).toEqual({ line: null, agent: false });
  const mute = { ...agent, audioTrackPublications: new Map() };
  expect(await pulseOf(room(mute))).toEqual({ line: null, agent: true });
  expect(performRpc.mock.calls.map(([{ destinationIdentity }]) => destinationIdentity)).toEqual(['a', 'a', 'a']);
  performRpc.mockReturnValueOnce(new Promise(() => undefined));
  const asked = pulseOf(room(mute));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await asked).toEqual({ line: null, agent: false });
});
