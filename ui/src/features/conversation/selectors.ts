/** What the state means in words: the status line, and whether the user needs another way on. */
import type { State } from './state.ts';

export type StatusKey =
  | 'connecting'
  | 'waiting'
  | 'returning'
  | 'reconnecting'
  | 'ended'
  | 'failed'
  | 'searching'
  | 'speaking'
  | 'thinking'
  | 'stopped'
  | 'listening'
  | 'muted'
  | 'hold'
  | 'typing';

/** Whether the agent can take a message now. */
export function agentReady(state: State): boolean {
  return state.agent !== 'absent' && state.agent !== 'initializing';
}

export type Failure = {
  kind: 'session' | 'busy' | 'media' | 'lost' | 'elsewhere' | 'agent' | 'rejected' | 'refused' | 'agent-lost';
  /** The API's own words in the session's language, if it has any. */
  message: string | null;
};

/** Why the assistant cannot be talked to, when waiting will not help; null while all is well or may become well. */
export function failure(state: State): Failure | null {
  if (state.trouble) return { kind: state.trouble, message: null };
  const { status } = state;
  if (!status || agentReady(state) || state.phase !== 'live') return null;
  if (status.verdict === 'rejected') return { kind: 'rejected', message: status.message };
  if (status.gave_up) return { kind: 'agent', message: status.message };
  if (status.verdict === 'lost') return { kind: 'agent-lost', message: status.message };
  return null;
}

const isTalking = (state: State): boolean => state.agent === 'speaking';

const canHear = (state: State): boolean => state.microphone === 'on' && state.pipeline !== 'text';

function agentStatus(state: State): StatusKey {
  if (state.searching) return 'searching';
  if (state.justStopped || (state.playback !== 'on' && isTalking(state))) return 'stopped';
  if (state.agent === 'speaking') return 'speaking';
  if (state.agent === 'thinking') return 'thinking';
  if (state.microphone === 'muted') return 'muted';
  if (canHear(state) && state.hold === 'closed') return 'hold';
  return canHear(state) ? 'listening' : 'typing';
}

/** The one status in words. */
export function statusOf(state: State): StatusKey {
  if (state.phase === 'ended') return 'ended';
  if (failure(state)) return 'failed';
  if (state.connection === 'reconnecting') return 'reconnecting';
  if (state.connection !== 'connected') return 'connecting';
  if (!agentReady(state)) return state.agentSeen ? 'returning' : 'waiting';
  return agentStatus(state);
}

/** True while the assistant's voice can be heard: a screen reader must not read the same words over it. */
export function assistantAudible(state: State): boolean {
  return state.phase === 'live' && state.pipeline !== 'text' && agentReady(state) && !state.playbackBlocked;
}

/** Whether a stop would do anything. */
export function canStop(state: State): boolean {
  return agentReady(state) && (state.searching || state.agent === 'speaking' || state.agent === 'thinking');
}
