/** Which participant is the agent, and what it says about itself. */
import { ParticipantKind, type RemoteParticipant, type Room } from 'livekit-client';
import { type Pipeline, pipelineSchema } from '@/api/schemas.ts';
import type { Agent } from '@/features/conversation/state.ts';
import { ATTRIBUTE_AGENT_STATE, ATTRIBUTE_LANGUAGE, ATTRIBUTE_PIPELINE, ATTRIBUTE_PUBLISH_ON_BEHALF } from './names.ts';

const STATES: readonly string[] = ['initializing', 'idle', 'listening', 'thinking', 'speaking'] satisfies Agent[];

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

export type AgentFacts = { agent: Agent; language: string | null; pipeline: Pipeline | null };

/** What the room shows of the agent; a state that we do not know counts as still starting. */
export function agentFacts(participant: RemoteParticipant | null): AgentFacts {
  if (!participant) return { agent: 'absent', language: null, pipeline: null };
  const state = participant.attributes[ATTRIBUTE_AGENT_STATE] ?? '';
  const pipeline = pipelineSchema.safeParse(participant.attributes[ATTRIBUTE_PIPELINE]);
  return {
    agent: STATES.includes(state) ? (state as Agent) : 'initializing',
    language: participant.attributes[ATTRIBUTE_LANGUAGE] || null,
    pipeline: pipeline.success ? pipeline.data : null,
  };
}
