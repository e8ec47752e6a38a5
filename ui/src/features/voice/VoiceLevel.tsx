import { useLocalParticipant, useTracks, useTrackVolume } from '@livekit/components-react';
import { LocalAudioTrack, ParticipantKind, type Room, Track } from 'livekit-client';
import { useEffect } from 'react';
import { LevelMeter } from '@/ui/LevelMeter.tsx';

type Props = {
  room: Room;
  /** The assistant is not heard: then it does not move either. */
  silent: boolean;
  onSound: () => void;
};

/** Who is heard just now, and how loud: the user's own microphone, or the assistant; says when the user makes a sound. */
export function VoiceLevel({ room, silent, onSound }: Props) {
  const { microphoneTrack, isMicrophoneEnabled } = useLocalParticipant({ room });
  const track = microphoneTrack?.track;
  const volume = useTrackVolume(track instanceof LocalAudioTrack ? track : undefined, ANALYSER);
  const own = isMicrophoneEnabled ? volume : 0;
  const voice = useTracks([Track.Source.Microphone], { room, onlySubscribed: true }).find(
    ({ participant }) => participant.kind === ParticipantKind.AGENT,
  );
  const heard = useTrackVolume(voice, ANALYSER);
  const other = silent ? 0 : heard;
  const sounds = own > SOUND;
  useEffect(() => {
    if (sounds) onSound();
  }, [sounds, onSound]);
  return <LevelMeter level={Math.max(own, other)} side={other > own ? 'assistant' : 'user'} />;
}

/** Above the noise of a quiet room. */
const SOUND = 0.05;
const ANALYSER = { fftSize: 128, smoothingTimeConstant: 0.4 };
