/** Opening the microphone, with every way in which it can be absent as a value and not an exception. */
import { MediaDeviceFailure, type Room } from 'livekit-client';
import type { Microphone } from '@/features/conversation/state.ts';

/** Asks for the microphone and publishes it. The call goes on whatever the answer is. */
export async function openMicrophone(room: Room): Promise<Microphone> {
  if (!navigator.mediaDevices) return 'missing';
  try {
    await room.localParticipant.setMicrophoneEnabled(true);
    return 'on';
  } catch (error) {
    return microphoneFailure(error);
  }
}

/** Why there is no microphone. */
export function microphoneFailure(error: unknown): Microphone {
  const failure = error instanceof Error ? MediaDeviceFailure.getFailure(error) : undefined;
  if (failure === MediaDeviceFailure.PermissionDenied) return 'denied';
  if (failure === MediaDeviceFailure.NotFound) return 'missing';
  return 'failed';
}
