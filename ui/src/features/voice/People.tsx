import { type TrackReference, useParticipants, useSpeakingParticipants, useTracks } from '@livekit/components-react';
import { type Participant, ParticipantKind, type Room, Track } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { OPERATOR_PREFIX } from './names.ts';
import { PeopleView } from './PeopleView.tsx';

const isPerson = (who: Participant): boolean => !who.isLocal && who.identity.startsWith(OPERATOR_PREFIX);

/** Who is in the call, once a person of the company has come, and the screen that they share. */
export function People({ room }: { room: Room }) {
  const { t } = useTranslation();
  const all = useParticipants({ room });
  const speakers = useSpeakingParticipants({ room });
  const screens = useTracks([Track.Source.ScreenShare], { room, onlySubscribed: true }).filter(({ participant }) =>
    isPerson(participant),
  );
  const people = all.filter(isPerson);
  if (people.length === 0) return null;
  const shown = all.filter((who) => who.isLocal || isPerson(who) || who.kind === ParticipantKind.AGENT);
  const nameFor = (who: Participant): string => {
    // Who has given no name is not called by the signs that the room knows them by.
    if (isPerson(who)) return who.name || t('transcript.operator');
    return t(who.isLocal ? 'transcript.you' : 'transcript.assistant');
  };
  return (
    <PeopleView
      people={shown.map((who) => ({
        id: who.identity,
        name: nameFor(who),
        speaking: speakers.some(({ identity }) => identity === who.identity),
      }))}
    >
      {screens.map((screen) => (
        <Screen key={screen.publication.trackSid} screen={screen} name={nameFor(screen.participant)} />
      ))}
    </PeopleView>
  );
}

function Screen({ screen, name }: { screen: TrackReference; name: string }) {
  const { t } = useTranslation();
  const element = useRef<HTMLVideoElement>(null);
  const { track } = screen.publication;
  useEffect(() => {
    const video = element.current;
    if (!video || !track) return;
    track.attach(video);
    return () => {
      track.detach(video);
    };
  }, [track]);
  return (
    <figure>
      {/* biome-ignore lint/a11y/useMediaCaption: a screen says nothing; who shares it speaks, and the transcript has it. */}
      <video ref={element} playsInline controls aria-label={t('people.screen', { name })} />
      <figcaption className="muted small">{t('people.screen', { name })}</figcaption>
    </figure>
  );
}
