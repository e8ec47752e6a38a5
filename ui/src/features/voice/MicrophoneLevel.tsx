import { useLocalParticipant, useTrackVolume } from '@livekit/components-react';
import { LocalAudioTrack, type Room } from 'livekit-client';
import { useEffect } from 'react';
import { LevelMeter } from '@/ui/LevelMeter.tsx';

type Props = { room: Room; onSound: () => void };

/** Level of the user's own microphone; says when there is sound. */
export function MicrophoneLevel({ room, onSound }: Props) {
  const { microphoneTrack, isMicrophoneEnabled } = useLocalParticipant({ room });
  const track = microphoneTrack?.track;
  const volume = useTrackVolume(track instanceof LocalAudioTrack ? track : undefined, ANALYSER);
  const sounds = isMicrophoneEnabled && volume > SOUND;
  useEffect(() => {
    if (sounds) onSound();
  }, [sounds, onSound]);
  return <LevelMeter level={isMicrophoneEnabled ? volume : 0} />;
}

/** Above the noise of a quiet room. */
const SOUND = 0.05;
const ANALYSER = { fftSize: 128, smoothingTimeConstant: 0.4 };
