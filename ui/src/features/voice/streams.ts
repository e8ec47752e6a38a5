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
  TRAVELLER_PREFIXES,
} from './names.ts';

type Dispatch = (told: Told) => void;

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
  side: 'user' | 'assistant',
  dispatch: Dispatch,
): Promise<void> {
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

/** Who writes: a person of the company, or the traveller elsewhere; what anybody else writes is theirs. */
function sideOf(identity: string): 'operator' | 'user' | null {
  if (identity.startsWith(OPERATOR_PREFIX)) return 'operator';
  return TRAVELLER_PREFIXES.some((prefix) => identity.startsWith(prefix)) ? 'user' : null;
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
  // In writing, from a person who has joined or on another screen of the traveller's.
  room.registerTextStreamHandler(TOPIC_CHAT, async (reader, { identity }) => {
    const side = sideOf(identity);
    if (!side) return;
    const text = await reader.readAll().catch(() => '');
    dispatch({ type: 'speech', id: reader.info.id, side, text, final: true, at: Date.now() });
  });
  // The traveller speaks on one screen and reads it on all of them.
  room.registerTextStreamHandler(TOPIC_TRANSCRIPTION, (reader, { identity }) => {
    void followTranscription(reader, isAgent(identity) ? 'assistant' : 'user', dispatch);
  });
}
