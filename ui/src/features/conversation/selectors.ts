/** What the state means in words: the status line, and whether the user needs another way on. */
import type { Pipeline } from '@/api/schemas.ts';
import {
  type CallState,
  type EndReason,
  isInRoom,
  isOpen,
  isPresent,
  type Microphone,
  never,
  type Present,
  type RefusalReason,
  type Session,
} from './phases.ts';
import { type Results, shownOf } from './searches.ts';
import type { State } from './state.ts';

export type StatusKey =
  | 'connecting'
  | 'offline'
  | 'silent'
  | 'waiting'
  | 'returning'
  | 'reconnecting'
  | 'ending'
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

/** What the page is about: how to begin, a call that goes on, or one to look back at. */
export function stageOf({ call }: State): 'idle' | 'live' | 'ended' {
  switch (call.phase) {
    case 'idle':
      return 'idle';
    case 'connecting':
    case 'live':
    case 'reconnecting':
    case 'ending':
      return 'live';
    case 'ended':
    case 'refused':
      return 'ended';
    default:
      return never(call);
  }
}

/** The flights on the screen. */
export const resultsOf = (state: State): Results | null => shownOf(state.searches);

/** The microphone, which only a call that is not over has. */
export const microphoneOf = ({ call }: State): Microphone => (isOpen(call) ? call.microphone : { is: 'off' });

export const sessionOf = (call: CallState): Session | null => (call.phase === 'idle' ? null : call.session);
export const pipelineOf = ({ call }: State): Pipeline | null => sessionOf(call)?.pipeline ?? null;
export const receiptOf = ({ call }: State): string | null => sessionOf(call)?.receipt ?? null;

/** The language that the assistant answers in now. */
export const spokenOf = ({ call }: State): string | null => (isInRoom(call) ? call.spoken : null);

/** How the microphone is held; null where it is not to be. */
export function holdOf(state: State): 'closed' | 'open' | null {
  const microphone = microphoneOf(state);
  if (microphone.is !== 'held') return null;
  return microphone.pressed ? 'open' : 'closed';
}

/** The assistant that can take a message now. */
export function assistantOf({ call }: State): Present | null {
  return isInRoom(call) && isPresent(call.assistant) ? call.assistant : null;
}

export const agentReady = (state: State): boolean => assistantOf(state) !== null;

/** Whether nothing goes out or comes in, by the browser's word or by what is seen of the room. */
const isCutOff = ({ offline, call }: State): boolean =>
  offline || (call.phase === 'live' && call.connection === 'silent');

/** Whether what is said or typed now arrives: an assistant that lives, and a connection to it. */
export const isReachable = (state: State): boolean =>
  agentReady(state) && state.call.phase === 'live' && !isCutOff(state);

/** Whether flights are on their way: the assistant's, or the form's. */
export const isSearching = (state: State): boolean =>
  (assistantOf(state)?.searching ?? false) || (resultsOf(state)?.coming ?? false);

export type Failure = {
  kind: RefusalReason | Extract<EndReason, 'lost' | 'elsewhere'> | 'agent' | 'agent-lost';
  /** The API's own words in the session's language, if it has any. */
  message: string | null;
};

function withoutAgent(call: CallState): Failure | null {
  if (!isInRoom(call) || isPresent(call.assistant)) return null;
  const { status } = call.assistant;
  if (!status) return null;
  if (status.verdict === 'rejected') return { kind: 'rejected', message: status.message };
  if (status.gave_up) return { kind: 'agent', message: status.message };
  return status.verdict === 'lost' ? { kind: 'agent-lost', message: status.message } : null;
}

/** Why the assistant cannot be talked to, when waiting will not help; null while all is well or may become well. */
export function failure({ call }: State): Failure | null {
  switch (call.phase) {
    case 'refused':
      return { kind: call.reason, message: null };
    case 'ended':
      return call.reason === 'lost' || call.reason === 'elsewhere' ? { kind: call.reason, message: null } : null;
    case 'idle':
    case 'connecting':
    case 'ending':
      return null;
    case 'live':
    case 'reconnecting':
      return withoutAgent(call);
    default:
      return never(call);
  }
}

function heardBy(microphone: Microphone, pipeline: Pipeline): StatusKey {
  if (pipeline === 'text') return 'typing';
  switch (microphone.is) {
    case 'on':
      return 'listening';
    case 'held':
      return microphone.pressed ? 'listening' : 'hold';
    case 'muted':
      return 'muted';
    case 'asking':
    case 'off':
    case 'denied':
    case 'missing':
    case 'failed':
      return 'typing';
    default:
      return never(microphone);
  }
}

function presentStatus(assistant: Present, microphone: Microphone, pipeline: Pipeline): StatusKey {
  if (assistant.searching) return 'searching';
  if (assistant.voice.is === 'stopping' || (assistant.voice.is === 'silenced' && !assistant.voice.told))
    return 'stopped';
  return assistant.is === 'listening' ? heardBy(microphone, pipeline) : assistant.is;
}

const MISSING = { awaited: 'waiting', gone: 'returning', silent: 'silent' } as const;

/** The one status in words. */
export function statusOf(state: State): StatusKey {
  const { call } = state;
  switch (call.phase) {
    case 'ended':
    case 'refused':
      return 'ended';
    case 'idle':
    case 'connecting':
      return state.offline ? 'offline' : 'connecting';
    case 'ending':
      return 'ending';
    case 'reconnecting':
    case 'live': {
      if (failure(state)) return 'failed';
      // Whoever is told that they may type believes that it is read.
      if (isCutOff(state)) return 'offline';
      if (call.phase === 'reconnecting') return 'reconnecting';
      const { assistant, microphone, session } = call;
      return isPresent(assistant) ? presentStatus(assistant, microphone, session.pipeline) : MISSING[assistant.is];
    }
    default:
      return never(call);
  }
}

/** Whether what the assistant says must not be heard: it was stopped. */
export const isSilenced = (state: State): boolean => (assistantOf(state)?.voice.is ?? 'heard') !== 'heard';

/** True while the assistant's voice can be heard: a screen reader must not read the same words over it. */
export function assistantAudible(state: State): boolean {
  return pipelineOf(state) !== 'text' && agentReady(state) && isInRoom(state.call) && !state.call.soundBlocked;
}

/** Whether a stop would do anything. */
export function canStop(state: State): boolean {
  const assistant = assistantOf(state);
  return assistant !== null && (assistant.searching || assistant.is !== 'listening');
}
