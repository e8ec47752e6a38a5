/**
 * Feels whether anything still comes from the room, and from the agent: the library notices a dead network only after ten
 * seconds and more, and the media server a dead agent after as long.
 */
import type { Room } from 'livekit-client';
import { pause } from '@/lib/pause.ts';
import { findAgent, isAlive } from './agent.ts';

const LOOK_MS = 1_000;
/** Between two questions to an agent that sends nothing by itself. */
const ASK_MS = 3_000;
/** Looks in a row without a sign. In a live room the assistant's silence comes several times a second, and ICE's checks every three. */
const SILENT_LOOKS = 4;
/** Looks in a row without a packet of the agent's voice, of which even its silence has several a second. */
const VOICELESS_LOOKS = 3;

/** What has come so far; null where there is nothing to measure. */
export type Pulse = {
  /** Bytes over the connection that carries the assistant's voice, and ICE's checks, which browsers count apart. */
  line: number | null;
  /** Packets of that voice; of an agent that sends none, whether it answers. */
  agent: number | boolean | null;
};
/** What has fallen silent: all of the room, or the agent alone. */
export type Silent = { line: boolean; agent: boolean };

/** Reads the counters of the room, or asks an agent that has none: it is muted, or has no voice, or not yet. */
export async function pulseOf(room: Pick<Room, 'remoteParticipants' | 'localParticipant'>): Promise<Pulse> {
  const agent = findAgent(room);
  if (!agent) return { line: null, agent: null };
  const publication = agent.audioTrackPublications.values().next().value;
  const reports = [...((await publication?.track?.getRTCStatsReport())?.values() ?? [])];
  const pairs = reports.filter(({ type }) => type === 'candidate-pair');
  const voices = publication?.isMuted ? [] : reports.filter(({ type }) => type === 'inbound-rtp');
  const packets = sum(voices, 'packetsReceived');
  const line = sum(pairs, 'bytesReceived', 'requestsReceived', 'responsesReceived');
  return { line, agent: packets ?? (await isAlive(room, agent.identity)) };
}

const sum = (reports: Record<string, number | undefined>[], ...names: string[]): number | null =>
  reports.length ? reports.reduce((all, report) => names.reduce((so, name) => so + (report[name] ?? 0), all), 0) : null;

/** Looks every second, and tells when something falls silent and when it is heard again; stops when `signal` aborts. */
export async function watchPulse(
  pulse: () => Promise<Pulse>,
  onSilence: (silent: Silent) => void,
  signal: AbortSignal,
): Promise<void> {
  const line = counter();
  const voice = counter();
  let told: Silent = { line: false, agent: false };
  while (!signal.aborted) {
    const now = await pulse().catch(() => null);
    if (signal.aborted) return;
    const quiet = line(now?.line ?? null) >= SILENT_LOOKS;
    const agent = now?.agent ?? null;
    const voiceless = typeof agent === 'boolean' ? !agent : voice(agent) >= VOICELESS_LOOKS;
    // Who is not heard because nothing is heard may well live.
    const silent = { line: quiet, agent: voiceless && !quiet };
    if (silent.line !== told.line || silent.agent !== told.agent) onSilence(silent);
    told = silent;
    await pause(typeof agent === 'boolean' && now?.line === null ? ASK_MS : LOOK_MS, signal);
  }
}

/** Counts how many looks in a row saw the same. */
function counter(): (now: number | null) => number {
  let last: number | null = null;
  let unchanged = 0;
  return (now) => {
    unchanged = now !== null && now === last ? unchanged + 1 : 0;
    last = now;
    return unchanged;
  };
}
