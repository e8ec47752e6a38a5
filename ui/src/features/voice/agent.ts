/** Which participant is the agent, and what it says about itself. */
import { ParticipantKind, type RemoteParticipant, type Room } from 'livekit-client';
import { type Pipeline, pipelineSchema } from '@/api/schemas.ts';
import type { RoomAgent } from '@/features/conversation/phases.ts';
import { pause } from '@/lib/pause.ts';
import { ATTRIBUTE_AGENT_STATE, ATTRIBUTE_LANGUAGE, ATTRIBUTE_PIPELINE, ATTRIBUTE_PUBLISH_ON_BEHALF } from './names.ts';

const STATES: readonly string[] = ['initializing', 'idle', 'listening', 'thinking', 'speaking'] satisfies RoomAgent[];

/** The agent that answers; one that only publishes for another is not it. The newest, where an old one lingers. */
export function findAgent(room: Pick<Room, 'remoteParticipants'>): RemoteParticipant | null {
  const agents = [...room.remoteParticipants.values()].filter(
    (who) => who.kind === ParticipantKind.AGENT && !(ATTRIBUTE_PUBLISH_ON_BEHALF in who.attributes),
  );
  return agents.reduce<RemoteParticipant | null>(
    (newest, who) => ((who.joinedAt?.getTime() ?? 0) >= (newest?.joinedAt?.getTime() ?? 0) ? who : newest),
    null,
  );
}

export type AgentFacts = { agent: RoomAgent; language: string | null; pipeline: Pipeline | null };

/** What the room shows of the agent; a state that we do not know counts as still starting. */
export function agentFacts(participant: RemoteParticipant | null): AgentFacts {
  if (!participant) return { agent: 'absent', language: null, pipeline: null };
  const state = participant.attributes[ATTRIBUTE_AGENT_STATE] ?? '';
  const pipeline = pipelineSchema.safeParse(participant.attributes[ATTRIBUTE_PIPELINE]);
  return {
    agent: STATES.includes(state) ? (state as RoomAgent) : 'initializing',
    language: participant.attributes[ATTRIBUTE_LANGUAGE] || null,
    pipeline: pipeline.success ? pipeline.data : null,
  };
}

/** By what a living agent is known: nobody has a method of that name, and who lives says so. */
const RPC_NOBODY = 'polyglot.alive';
const UNSUPPORTED_METHOD = 1400;
const ALIVE_MS = 3_000;

/** Whether the agent's end of the room answers at all; for an agent that sends no sound. */
export async function isAlive(
  { localParticipant }: Pick<Room, 'localParticipant'>,
  identity: string,
): Promise<boolean> {
  const asked = localParticipant.performRpc({ destinationIdentity: identity, method: RPC_NOBODY, payload: '' });
  const answered = asked.then(
    () => true,
    (error: unknown) => (error as { code?: number } | null)?.code === UNSUPPORTED_METHOD,
  );
  return Promise.race([answered, pause(ALIVE_MS).then(() => false)]);
}

const RPC_TIMEOUT_MS = 10_000;

/** What the agent answers to a call by name; null where it does not, in time or at all. */
export async function askAgent(room: Room, identity: string, method: string, payload: string): Promise<string | null> {
  const { localParticipant } = room;
  const asked = { destinationIdentity: identity, method, payload, responseTimeout: RPC_TIMEOUT_MS };
  return localParticipant.performRpc(asked).catch(() => null);
}
