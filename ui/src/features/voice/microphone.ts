/** Opening the microphone, with every way in which it can be absent as a value and not an exception. */
import {
  type LocalTrack,
  MediaDeviceFailure,
  type Participant,
  type Room,
  RoomEvent,
  Track,
  type TrackPublication,
} from 'livekit-client';
import type { Microphone } from '@/features/conversation/phases.ts';

/** What came of it. */
export type Opened = Exclude<Microphone['is'], 'held' | 'asking' | 'muted'>;

/**
 * Asks for the microphone and publishes it; before the room is joined, what is said is kept and sent after. The call
 * goes on whatever the answer is. When `over` aborts the microphone is closed, also one that is allowed only later.
 */
export async function openMicrophone(room: Room, over: AbortSignal): Promise<Opened> {
  if (!navigator.mediaDevices) return 'missing';
  let track: LocalTrack | undefined;
  try {
    const [created] = await room.localParticipant.createTracks({ audio: true });
    if (!created) return 'missing';
    track = created;
    if (over.aborted) {
      track.stop();
      return 'off';
    }
    over.addEventListener('abort', () => created.stop(), { once: true });
    // As the library's own setMicrophoneEnabled does, which leaves nothing in hand to close before it is published.
    if (room.options.publishDefaults?.preConnectBuffer) track.startPreConnectBuffer();
    await room.localParticipant.publishTrack(track);
    return over.aborted ? 'off' : 'on';
  } catch (error) {
    track?.stop();
    return over.aborted ? 'off' : microphoneFailure(error);
  }
}

/** Why there is no microphone. */
export function microphoneFailure(error: unknown): Opened {
  const failure = error instanceof Error ? MediaDeviceFailure.getFailure(error) : undefined;
  if (failure === MediaDeviceFailure.PermissionDenied) return 'denied';
  if (failure === MediaDeviceFailure.NotFound) return 'missing';
  return 'failed';
}

const isOwn = (publication: TrackPublication, participant: Participant): boolean =>
  participant.isLocal && publication.source === Track.Source.Microphone;

/**
 * Tells of a microphone that was unplugged or whose permission was taken back (the library mutes it then, and the user's
 * own mute is known before), of one that is back, and asks for one again when a device has come where there was none.
 */
export function followMicrophone(
  room: Room,
  is: () => Microphone['is'],
  tell: (microphone: Opened) => void,
  again: () => void,
): void {
  room
    .on(RoomEvent.TrackMuted, (publication, participant) => {
      if (isOwn(publication, participant) && ['on', 'held'].includes(is())) tell('failed');
    })
    .on(RoomEvent.TrackUnmuted, (publication, participant) => {
      if (isOwn(publication, participant)) tell('on');
    })
    .on(RoomEvent.MediaDevicesChanged, () => {
      if (['failed', 'missing'].includes(is())) again();
    });
}
