/** Text streams of the room, checked and turned into actions. */
import type { Room, TextStreamReader } from 'livekit-client';
import type * as z from 'zod/mini';
import { noticeMessageSchema, resultsMessageSchema } from '@/api/schemas.ts';
import type { Told } from '@/features/conversation/state.ts';
import {
  ATTRIBUTE_SEGMENT_ID,
  ATTRIBUTE_TRANSCRIPTION_FINAL,
  OPERATOR_PREFIX,
  TOPIC_CHAT,
  TOPIC_NOTICE,
  TOPIC_RESULTS,
  TOPIC_TRANSCRIPTION,
} from './names.ts';

type Dispatch = (told: Told) => void;
type Sender = { identity: string };

/** The JSON of a message when it is what the schema says, else null: a bad message must not break the page. */
export function parseMessage<T extends z.ZodMiniType>(schema: T, text: string): z.infer<T> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/**
 * Follows one transcription stream. An assistant's segment is one stream that grows; each tentative hearing of the user
 * is a stream of its own with the same segment id.
 */
export async function followTranscription(
  reader: TextStreamReader,
  sender: Sender,
  self: string,
  dispatch: Dispatch,
): Promise<void> {
  const side = sender.identity === self ? 'user' : 'assistant';
  const id = reader.info.attributes?.[ATTRIBUTE_SEGMENT_ID] ?? reader.info.id;
  const at = Date.now();
  let text = '';
  const tell = (final: boolean): void => dispatch({ type: 'speech', id, side, text, final, at });
  try {
    for await (const delta of reader) {
      text += delta;
      tell(side === 'user' && reader.info.attributes?.[ATTRIBUTE_TRANSCRIPTION_FINAL] === 'true');
    }
  } catch {
    // Cut off in the middle: what was received stays, as final as it will ever be.
  }
  if (text && (side === 'assistant' || reader.info.attributes?.[ATTRIBUTE_TRANSCRIPTION_FINAL] === 'true')) tell(true);
}

/** Registers every handler. Must run before the room connects, so that nothing that is sent early is missed. */
export function receiveStreams(room: Room, isAgent: (identity: string) => boolean, dispatch: Dispatch): void {
  const onMessage = <T extends z.ZodMiniType>(topic: string, schema: T, use: (message: z.infer<T>) => void): void => {
    room.registerTextStreamHandler(topic, async (reader, sender) => {
      const text = await reader.readAll().catch(() => null);
      if (text === null || !isAgent(sender.identity)) return;
      const message = parseMessage(schema, text);
      if (message) use(message);
    });
  };
  onMessage(TOPIC_RESULTS, resultsMessageSchema, (message) => dispatch({ type: 'results', message }));
  onMessage(TOPIC_NOTICE, noticeMessageSchema, (notice) => dispatch({ type: 'notice', notice }));
  // In writing from a person who has joined; what others type is theirs.
  room.registerTextStreamHandler(TOPIC_CHAT, async (reader, { identity }) => {
    if (!identity.startsWith(OPERATOR_PREFIX)) return;
    const text = await reader.readAll().catch(() => '');
    dispatch({ type: 'speech', id: reader.info.id, side: 'operator', text, final: true, at: Date.now() });
  });
  room.registerTextStreamHandler(TOPIC_TRANSCRIPTION, (reader, sender) => {
    void followTranscription(reader, sender, room.localParticipant.identity, dispatch);
  });
}
