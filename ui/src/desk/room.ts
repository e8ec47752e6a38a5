/** The desk in rooms of the media server: waiting for calls that need a person, and being in one. Fetched when wanted. */
import { type RemoteTrack, Room, RoomEvent, setLogLevel, Track } from 'livekit-client';
import { type Ask, deskTokenSchema, type HandoffOffer, handoffOfferSchema } from './api.ts';

setLogLevel('warn');

/** As `contracts.names.TOPIC_HANDOFF`, and LiveKit's own topics of what is spoken and what is typed. */
const TOPIC_HANDOFF = 'polyglot.handoff';
const TOPIC_CHAT = 'lk.chat';
const TOPICS_OF_WORDS = ['lk.transcription', TOPIC_CHAT];

export type Offer = HandoffOffer;

/** What somebody in a call says, as far as it has been heard. */
export type Line = { id: string; who: string; text: string };

/** What came over the wire, if it is an offer. */
export function offerOf(payload: Uint8Array, topic: string | undefined): Offer | null {
  if (topic !== TOPIC_HANDOFF) return null;
  try {
    const parsed = handoffOfferSchema.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Waits at the desk. Returns what ends it. Throws ApiError, or the library's own error. */
export async function wait(
  ask: Ask,
  name: string,
  onOffer: (offer: Offer) => void,
  onGone: () => void,
): Promise<() => void> {
  const { server_url, participant_token } = await ask(deskTokenSchema, '/v1/desk/token', { name });
  const room = new Room();
  room.on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
    // From the API alone, which is nobody in the room.
    const offer = participant ? null : offerOf(payload, topic);
    if (offer) onOffer(offer);
  });
  room.on(RoomEvent.Disconnected, onGone);
  await room.connect(server_url, participant_token);
  return () => {
    room.off(RoomEvent.Disconnected, onGone);
    void room.disconnect();
  };
}

export type Talk = {
  mute: (muted: boolean) => Promise<void>;
  /** Shows the caller a screen, a window or a tab; tells whether one is shown now. */
  share: (on: boolean) => Promise<boolean>;
  /** Shows the caller something in writing. Rejects when it could not be sent. */
  write: (text: string) => Promise<void>;
  leave: () => void;
};

/** Joins a call with the operator's voice, and plays the others'. Throws as `wait`. */
export async function join(
  ask: Ask,
  callId: string,
  name: string,
  onLine: (line: Line) => void,
  onGone: () => void,
): Promise<Talk> {
  const path = `/v1/desk/calls/${encodeURIComponent(callId)}/join`;
  const { server_url, participant_token } = await ask(deskTokenSchema, path, { name });
  const room = new Room();
  const voices = new Map<string, HTMLMediaElement>();
  const silence = (track: RemoteTrack): void => {
    for (const element of track.detach()) element.remove();
  };
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== Track.Kind.Audio) return;
    const element = track.attach();
    voices.set(track.sid ?? '', element);
    document.body.append(element);
  });
  room.on(RoomEvent.TrackUnsubscribed, silence);
  for (const topic of TOPICS_OF_WORDS) {
    room.registerTextStreamHandler(topic, async (reader, { identity }) => {
      const id = reader.info.attributes?.['lk.segment_id'] ?? reader.info.id;
      let text = '';
      for await (const part of reader) {
        text += part;
        onLine({ id, who: identity, text });
      }
    });
  }
  room.on(RoomEvent.Disconnected, () => {
    for (const element of voices.values()) element.remove();
    onGone();
  });
  await room.connect(server_url, participant_token);
  // Without a microphone an operator can still listen.
  await room.localParticipant.setMicrophoneEnabled(true).catch(() => undefined);
  return {
    mute: async (muted) => {
      await room.localParticipant.setMicrophoneEnabled(!muted).catch(() => undefined);
    },
    share: async (on) => {
      // Who chooses no screen shares none.
      await room.localParticipant.setScreenShareEnabled(on, { audio: false }).catch(() => undefined);
      return room.localParticipant.isScreenShareEnabled;
    },
    write: async (text) => {
      const { id } = await room.localParticipant.sendText(text, { topic: TOPIC_CHAT });
      onLine({ id, who: room.localParticipant.identity, text });
    },
    leave: () => void room.disconnect(),
  };
}
