/** What the debug drawer tells of a call: names, numbers and states, and nothing that anybody said or was called. */
import type { Room } from 'livekit-client';
import { shownOf } from '@/features/conversation/searches.ts';
import type { State } from '@/features/conversation/state.ts';

/** `livekit-client`'s `RoomEvent`s, by value, so that the drawer needs none of its weight. */
export const EVENTS = [
  'connected',
  'signalReconnecting',
  'reconnecting',
  'reconnected',
  'disconnected',
  'participantConnected',
  'participantDisconnected',
  'participantAttributesChanged',
  'trackSubscribed',
  'trackUnsubscribed',
  'trackMuted',
  'trackUnmuted',
  'localTrackPublished',
  'localTrackUnpublished',
  'connectionQualityChanged',
  'audioPlaybackChanged',
  'mediaDevicesError',
  'activeDeviceChanged',
  'recordingStatusChanged',
  'dataReceived',
] as const;

/** The state without a word that anybody said, and without what opens their record. */
export function factsOf({ call, entries, searches, notice, ...plain }: State): Record<string, string> {
  const receipt = 'session' in call ? { session: call.session?.pipeline ?? null } : {};
  const offers = shownOf(searches)?.result.offers.length ?? 0;
  const counts = { entries: entries.length, searches: searches.list.length, offers, notice: notice?.kind ?? 'none' };
  const facts = Object.entries({ ...call, ...receipt, ...plain, ...counts });
  return Object.fromEntries(
    facts.map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value, withoutWords) : String(value),
    ]),
  );
}

/** The API's own message is in the traveller's language, and about a call of theirs. */
const withoutWords = (name: string, value: unknown): unknown => (name === 'message' ? undefined : value);

/** Which of these have changed, and what they are now. */
export function changesOf(before: State, now: State): string {
  const old = factsOf(before);
  return Object.entries(factsOf(now))
    .filter(([name, value]) => old[name] !== value)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

/** An event with what it says of itself: a reason, a quality, a topic, names of attributes. */
export function eventWords(name: (typeof EVENTS)[number], given: readonly unknown[]): string {
  switch (name) {
    case 'connectionQualityChanged':
    case 'disconnected':
    case 'audioPlaybackChanged':
    case 'recordingStatusChanged':
      return `${name} ${String(given[0] ?? '')}`.trim();
    case 'participantAttributesChanged':
      return `${name} ${Object.keys((given[0] as object | undefined) ?? {}).join(' ')}`.trim();
    case 'dataReceived':
      return `${name} ${typeof given[3] === 'string' ? given[3] : ''}`.trim();
    case 'mediaDevicesError':
      return `${name} ${given[0] instanceof Error ? given[0].name : ''}`.trim();
    default:
      return name;
  }
}

/** Milliseconds to the media server and back, by WebRTC's own statistics; null where there are none. */
export async function roundTripOf(room: Room): Promise<number | null> {
  const tracks = [room.localParticipant, ...room.remoteParticipants.values()].flatMap((one) =>
    [...one.trackPublications.values()].map(({ track }) => track),
  );
  for (const track of tracks) {
    const report = await track?.getRTCStatsReport().catch(() => undefined);
    for (const stats of report?.values() ?? []) {
      if (stats.type === 'candidate-pair' && stats.nominated && typeof stats.currentRoundTripTime === 'number') {
        return Math.round(stats.currentRoundTripTime * 1000);
      }
    }
  }
  return null;
}
