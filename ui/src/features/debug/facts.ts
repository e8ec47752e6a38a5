/** What the debug drawer tells of a call: names, numbers and states, and nothing that anybody said or was called. */
import type { Room } from 'livekit-client';
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

/** Which of the state's plain fields have changed, and what they are now; empty: only words or cards have. */
export function changesOf(before: State, now: State): string {
  return (Object.keys(now) as (keyof State)[])
    .filter((name) => before[name] !== now[name] && name !== 'receipt')
    .flatMap((name) => {
      const value = now[name];
      if (name === 'entries') return [`entries: ${now.entries.length}`];
      if (name === 'results') return [`offers: ${now.results?.result.offers.length ?? 0}`];
      if (name === 'notice') return [`notice: ${now.notice?.kind ?? 'none'}`];
      return typeof value === 'object' && value !== null ? [name] : [`${name}: ${String(value)}`];
    })
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
