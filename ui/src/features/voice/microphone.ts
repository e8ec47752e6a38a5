/** Opening the microphone, with every way in which it can be absent as a value and not an exception. */
import { type LocalTrack, MediaDeviceFailure, type Room } from 'livekit-client';
import type { Microphone } from '@/features/conversation/state.ts';

/**
 * Asks for the microphone and publishes it; before the room is joined, what is said is kept and sent after. The call
 * goes on whatever the answer is. When `over` aborts the microphone is closed, also one that is allowed only later.
 */
export async function openMicrophone(room: Room, over: AbortSignal): Promise<Microphone> {
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
export function microphoneFailure(error: unknown): Microphone {
  const failure = error instanceof Error ? MediaDeviceFailure.getFailure(error) : undefined;
  if (failure === MediaDeviceFailure.PermissionDenied) return 'denied';
  if (failure === MediaDeviceFailure.NotFound) return 'missing';
  return 'failed';
}
