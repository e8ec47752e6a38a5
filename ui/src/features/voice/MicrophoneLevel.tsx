import { useLocalParticipant, useTrackVolume } from '@livekit/components-react';
import { LocalAudioTrack, type Room } from 'livekit-client';
import { LevelMeter } from '@/ui/LevelMeter.tsx';

/** Level of the user's own microphone. */
export function MicrophoneLevel({ room }: { room: Room }) {
  const { microphoneTrack, isMicrophoneEnabled } = useLocalParticipant({ room });
  const track = microphoneTrack?.track;
  const volume = useTrackVolume(track instanceof LocalAudioTrack ? track : undefined, ANALYSER);
  return <LevelMeter level={isMicrophoneEnabled ? volume : 0} />;
}

const ANALYSER = { fftSize: 128, smoothingTimeConstant: 0.4 };
