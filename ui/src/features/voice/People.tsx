import { type TrackReference, useIsSpeaking, useParticipants, useTracks } from '@livekit/components-react';
import { type Participant, ParticipantKind, type Room, Track } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { OPERATOR_PREFIX } from './names.ts';

const isPerson = (who: Participant): boolean => !who.isLocal && who.identity.startsWith(OPERATOR_PREFIX);

/** Who is in the call, once a person of the company has come, and the screen that they share. */
export function People({ room }: { room: Room }) {
  const { t } = useTranslation();
  const all = useParticipants({ room });
  const screens = useTracks([Track.Source.ScreenShare], { room, onlySubscribed: true }).filter(({ participant }) =>
    isPerson(participant),
  );
  const people = all.filter(isPerson);
  if (people.length === 0) return null;
  const shown = all.filter((who) => who.isLocal || isPerson(who) || who.kind === ParticipantKind.AGENT);
  return (
    <section className="people" aria-label={t('people.title')}>
      <ul className="chips">
        {shown.map((who) => (
          <Person key={who.identity} who={who} />
        ))}
      </ul>
      {screens.map((screen) => (
        <Screen key={screen.publication.trackSid} screen={screen} name={nameOf(screen.participant)} />
      ))}
    </section>
  );
}

const nameOf = (who: Participant): string => who.name || who.identity.slice(OPERATOR_PREFIX.length);

function Person({ who }: { who: Participant }) {
  const { t } = useTranslation();
  const speaking = useIsSpeaking(who);
  const usual = who.isLocal ? t('transcript.you') : t('transcript.assistant');
  return (
    <li className="person" data-speaking={speaking}>
      <bdi>{isPerson(who) ? nameOf(who) || t('transcript.operator') : usual}</bdi>
      {speaking && <span className="sr-only"> {t('people.speaking')}</span>}
    </li>
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
