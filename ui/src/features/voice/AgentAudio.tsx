import { useTracks } from '@livekit/components-react';
import { RemoteAudioTrack, type Room, Track } from 'livekit-client';
import { useEffect, useRef } from 'react';

type Props = { room: Room; muted: boolean };

/** Plays every remote voice of the room. */
export function AgentAudio({ room, muted }: Props) {
  const tracks = useTracks([Track.Source.Microphone, Track.Source.Unknown], { room, onlySubscribed: true });
  return (
    <div hidden>
      {tracks.map(({ publication }) =>
        publication.track instanceof RemoteAudioTrack ? (
          <Voice key={publication.trackSid} track={publication.track} muted={muted} />
        ) : null,
      )}
    </div>
  );
}

/** Muting is local, so that it takes effect within one audio buffer, whatever the network does. */
function Voice({ track, muted }: { track: RemoteAudioTrack; muted: boolean }) {
  const element = useRef<HTMLAudioElement>(null);

  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    track.attach(audio);
    return () => {
      track.detach(audio);
    };
  }, [track]);

  // After attaching, because attaching sets `muted` too.
  useEffect(() => {
    if (element.current) element.current.muted = muted;
  }, [muted]);

  // biome-ignore lint/a11y/useMediaCaption: the transcript on the page is the caption.
  return <audio ref={element} />;
}
