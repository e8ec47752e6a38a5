/** Feels whether anything still comes from the room: the library notices a dead network only after ten seconds and more. */
import type { Room } from 'livekit-client';
import { pause } from '@/lib/pause.ts';
import { findAgent } from './agent.ts';

const LOOK_MS = 1_000;
/** Looks in a row without a byte. In a live room the assistant's silence comes several times a second, and ICE's checks every three. */
const SILENT_LOOKS = 4;

/** Bytes that have come over the connection that carries the assistant's voice; null while there is none. */
export async function bytesReceived(room: Pick<Room, 'remoteParticipants'>): Promise<number | null> {
  const track = findAgent(room)?.audioTrackPublications.values().next().value?.track;
  const reports = await track?.getRTCStatsReport();
  const pairs = [...(reports?.values() ?? [])].filter((report) => report.type === 'candidate-pair');
  return pairs.length ? pairs.reduce((sum: number, pair) => sum + (pair.bytesReceived ?? 0), 0) : null;
}

/** Looks every second, and tells when the room falls silent and when it is heard again; stops when `signal` aborts. */
export async function watchPulse(
  received: () => Promise<number | null>,
  onSilence: (silent: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let last: number | null = null;
  let unchanged = 0;
  let silent = false;
  while (!signal.aborted) {
    const now = await received().catch(() => null);
    if (signal.aborted) return;
    unchanged = now !== null && now === last ? unchanged + 1 : 0;
    last = now;
    if (silent !== unchanged >= SILENT_LOOKS) {
      silent = !silent;
      onSilence(silent);
    }
    await pause(LOOK_MS, signal);
  }
}
