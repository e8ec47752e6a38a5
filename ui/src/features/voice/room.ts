import { Room } from 'livekit-client';

/** The room with the settings of a call. */
export function createRoom(): Room {
  return new Room({
    // One channel: the agent's side would stretch what is kept of two to twice its length.
    audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    // Here, because only here does it take effect: words spoken before the agent listens are kept and sent to it.
    publishDefaults: { preConnectBuffer: true },
    disconnectOnPageLeave: true,
    stopLocalTrackOnUnpublish: true,
  });
}
