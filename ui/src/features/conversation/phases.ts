/**
 * A call as a union of its phases, each with what it has in that phase and nothing else: a microphone after the end, a
 * search without an assistant, "stopped" over a new answer and a muted microphone that hears nothing have no spelling.
 */
import type { Pipeline, SessionStatus } from '@/api/schemas.ts';

export type Session = {
  pipeline: Pipeline;
  /** What opens the traveller's own record after the call; null where nothing can be kept. */
  receipt: string | null;
};

export type Microphone =
  /** The browser is asking whether it may be used. */
  | { is: 'asking' }
  /** Open all the time; `unheard`: it is open and only silence comes. */
  | { is: 'on'; unheard: boolean }
  /** Open only while it is pressed: silent by the user's own wish. */
  | { is: 'held'; pressed: boolean }
  | { is: 'muted' }
  /** Everything is typed. */
  | { is: 'off' }
  | { is: 'denied' | 'missing' | 'failed' };

type Heard = { is: 'heard' };
/** The user has stopped it, and the stopped turn is not over. `told`: that it has stopped has been said long enough. */
type Stopping = { is: 'stopping'; told: boolean };
/** The stopped turn is over; the next word is a new turn's. */
type Silenced = { is: 'silenced'; told: boolean };

/** An assistant that can be talked to. `searching`: a search of its is on its way. */
export type Present = { searching: boolean } & (
  | { is: 'listening'; voice: Heard | Silenced }
  | { is: 'thinking'; voice: Heard | Stopping | Silenced }
  | { is: 'speaking'; voice: Heard | Stopping }
);
/**
 * Not here yet, not any more, or still in the room with nothing coming from it; `status`: what the API says of that.
 * Who has died is in the room until the media server notices.
 */
export type Missing = { is: 'awaited' | 'gone' | 'silent'; status: SessionStatus | null };
export type Assistant = Present | Missing;

/** How the room is reached; `silent`: nothing comes from it, although nobody has given it up. */
export type Connection = 'good' | 'weak' | 'silent';

/** What is so in a room, whatever its connection does. */
export type InRoom = {
  id: number;
  session: Session;
  microphone: Microphone;
  assistant: Assistant;
  /** The language that the assistant says it is answering in. */
  spoken: string | null;
  /** The media server records the call. */
  recording: boolean;
  /** The traveller shares the screen. */
  sharing: boolean;
  /** The browser plays no sound without a gesture. */
  soundBlocked: boolean;
};

export type EndReason = 'left' | 'goodbye' | 'lost' | 'elsewhere' | 'reloaded';
export type RefusalReason = 'session' | 'busy' | 'media' | 'rejected' | 'refused';

export type Connecting = { phase: 'connecting'; id: number; microphone: Microphone; session: Session | null };
export type Live = { phase: 'live'; connection: Connection } & InRoom;
export type Reconnecting = { phase: 'reconnecting' } & InRoom;
/** The assistant has said goodbye: nothing that is said or typed now is answered. */
export type Ending = { phase: 'ending' } & InRoom;
export type Ended = { phase: 'ended'; id: number; reason: EndReason; session: Session | null };
/** It never came about. */
export type Refused = { phase: 'refused'; id: number; reason: RefusalReason; session: Session | null };

export type CallState = { phase: 'idle' } | Connecting | Live | Reconnecting | Ending | Ended | Refused;
/** The phases in which a microphone may be open. */
export type Open = Connecting | Live | Reconnecting | Ending;

/** What the room says that its agent does: `lk.agent.state`, and `absent` while there is none. */
export type RoomAgent = 'absent' | 'initializing' | 'idle' | 'listening' | 'thinking' | 'speaking';

/** What happens to the call itself; words, cards and notices are not in here. */
export type CallEvent =
  | { type: 'session'; pipeline: Pipeline; receipt?: string | null }
  | { type: 'connected' }
  | { type: 'reconnecting' }
  | { type: 'quality'; connection: Connection }
  | { type: 'microphone'; microphone: Exclude<Microphone['is'], 'held'> }
  | { type: 'hold'; hold: 'closed' | 'open' | null }
  | { type: 'unheard' }
  | { type: 'heard' }
  | { type: 'recording'; on: boolean }
  | { type: 'sharing'; on: boolean }
  | { type: 'sound-blocked'; blocked: boolean }
  | { type: 'agent'; agent: RoomAgent }
  | { type: 'agent-silent' }
  | { type: 'agent-language'; language: string }
  | { type: 'agent-pipeline'; pipeline: Pipeline }
  | { type: 'status'; status: SessionStatus }
  | { type: 'searching'; on: boolean }
  | { type: 'asked'; typed: boolean }
  | { type: 'goodbye' }
  | { type: 'stop' }
  | { type: 'stop-told' }
  | { type: 'refused'; reason: RefusalReason }
  | { type: 'ended'; reason: EndReason };

const HEARD: Heard = { is: 'heard' };

export function never(value: never): never {
  throw new Error(`unforeseen: ${JSON.stringify(value)}`);
}

export const isOpen = (call: CallState): call is Open =>
  call.phase === 'connecting' || call.phase === 'live' || call.phase === 'reconnecting' || call.phase === 'ending';
export const isInRoom = (call: CallState): call is Exclude<Open, Connecting> =>
  isOpen(call) && call.phase !== 'connecting';
export const isPresent = (assistant: Assistant): assistant is Present =>
  assistant.is !== 'awaited' && assistant.is !== 'gone' && assistant.is !== 'silent';

/** What a stop before has left, when the room says what the agent does now. */
function afterRoom(assistant: Assistant, agent: 'listening' | 'thinking' | 'speaking'): Present {
  const searching = isPresent(assistant) && assistant.searching;
  const voice = isPresent(assistant) ? assistant.voice : HEARD;
  switch (agent) {
    case 'listening':
      // Whoever listens has ended the turn that was stopped.
      return { is: agent, searching, voice: voice.is === 'stopping' ? { is: 'silenced', told: voice.told } : voice };
    case 'thinking':
      return { is: agent, searching, voice };
    case 'speaking':
      // After silence, speech can only be a new turn's.
      return { is: agent, searching, voice: voice.is === 'stopping' ? voice : HEARD };
    default:
      return never(agent);
  }
}

function onAgent(assistant: Assistant, agent: RoomAgent): Assistant {
  switch (agent) {
    case 'absent':
    case 'initializing':
      return isPresent(assistant) || assistant.is === 'silent' ? { is: 'gone', status: null } : assistant;
    case 'idle':
      return afterRoom(assistant, 'listening');
    case 'listening':
    case 'thinking':
    case 'speaking':
      return afterRoom(assistant, agent);
    default:
      return never(agent);
  }
}

function stopped(assistant: Present): Present {
  const searching = false;
  switch (assistant.is) {
    case 'listening':
      return { ...assistant, searching, voice: { is: 'silenced', told: false } };
    case 'thinking':
    case 'speaking':
      return { ...assistant, searching, voice: { is: 'stopping', told: false } };
    default:
      return never(assistant);
  }
}

/** A question ends the turn that was stopped, also where nobody saw it end. */
function asked(assistant: Present, typed: boolean): Present {
  if (assistant.voice.is !== 'stopping') return assistant;
  return {
    is: typed ? 'thinking' : 'listening',
    searching: assistant.searching,
    voice: { is: 'silenced', told: true },
  };
}

function told(assistant: Present): Present {
  if (assistant.voice.is === 'heard') return assistant;
  // The same kind of voice as before, which the compiler cannot follow.
  return { ...assistant, voice: { ...assistant.voice, told: true } } as Present;
}

function onMicrophone(before: Microphone, is: Exclude<Microphone['is'], 'held'>): Microphone {
  if (is !== 'on') return { is };
  return before.is === 'held' || before.is === 'on' ? before : { is, unheard: false };
}

function onHold(before: Microphone, hold: 'closed' | 'open' | null): Microphone {
  if (before.is !== 'on' && before.is !== 'held') return before;
  return hold === null ? { is: 'on', unheard: false } : { is: 'held', pressed: hold === 'open' };
}

// Sound and the room tell many times a second what is known: then nothing has changed, and nothing is drawn again.
function withMicrophone(call: CallState, change: (before: Microphone) => Microphone): CallState {
  if (!isOpen(call)) return call;
  const microphone = change(call.microphone);
  return microphone === call.microphone ? call : { ...call, microphone };
}
function withRoom(call: CallState, change: Partial<InRoom> | ((room: InRoom) => Partial<InRoom>)): CallState {
  if (!isInRoom(call)) return call;
  const changed = typeof change === 'function' ? change(call) : change;
  const news = Object.entries(changed).some(([name, value]) => call[name as keyof InRoom] !== value);
  return news ? { ...call, ...changed } : call;
}
const withAssistant = (call: CallState, change: (before: Present) => Present): CallState =>
  isInRoom(call) && isPresent(call.assistant) ? { ...call, assistant: change(call.assistant) } : call;
const unheard = (call: CallState, unheard: boolean): CallState =>
  withMicrophone(call, (before) =>
    before.is === 'on' && before.unheard !== unheard ? { ...before, unheard } : before,
  );

const roomOf = ({ id, session, microphone, assistant, spoken, recording, sharing, soundBlocked }: InRoom): InRoom => ({
  id,
  session,
  microphone,
  assistant,
  spoken,
  recording,
  sharing,
  soundBlocked,
});
const onSession = (call: CallState, session: Session): CallState =>
  call.phase === 'connecting' ? { ...call, session } : call;
const onPipeline = (session: Session, pipeline: Pipeline): Session =>
  session.pipeline === pipeline ? session : { ...session, pipeline };
const onQuality = (call: CallState, connection: Connection): CallState =>
  call.phase === 'live' && call.connection !== connection ? { ...call, connection } : call;
/** What moves in it or is searched by it is not known any more. */
const onSilent = (assistant: Assistant): Assistant =>
  isPresent(assistant) ? { is: 'silent', status: null } : assistant;
/** The watch looks every few seconds; what this page sees of its own room is newer. */
const onStatus = (assistant: Assistant, status: SessionStatus): Assistant =>
  isPresent(assistant) ? assistant : { ...assistant, status };
const onReconnecting = (call: CallState): CallState =>
  call.phase === 'live' ? { phase: 'reconnecting', ...roomOf(call) } : call;
const onGoodbye = (call: CallState): CallState => (isInRoom(call) ? { phase: 'ending', ...roomOf(call) } : call);
const onRefused = (call: CallState, reason: RefusalReason): CallState =>
  isOpen(call) ? { phase: 'refused', id: call.id, reason, session: call.session } : call;
const onEnded = (call: CallState, reason: EndReason): CallState =>
  isOpen(call) ? { phase: 'ended', id: call.id, reason, session: call.session } : call;

function onConnected(call: CallState): CallState {
  if (call.phase === 'reconnecting') return { ...call, phase: 'live', connection: 'good' };
  if (call.phase !== 'connecting' || !call.session) return call;
  const { id, microphone, session } = call;
  const assistant: Assistant = { is: 'awaited', status: null };
  const quiet = { spoken: null, recording: false, sharing: false, soundBlocked: false };
  return { phase: 'live', connection: 'good', id, microphone, session, assistant, ...quiet };
}

/** The next phase; what does not belong to the phase that is changes nothing. */
export function advance(call: CallState, event: CallEvent): CallState {
  switch (event.type) {
    case 'session':
      return onSession(call, { pipeline: event.pipeline, receipt: event.receipt ?? null });
    case 'connected':
      return onConnected(call);
    case 'reconnecting':
      return onReconnecting(call);
    case 'quality':
      return onQuality(call, event.connection);
    case 'microphone':
      return withMicrophone(call, (before) => onMicrophone(before, event.microphone));
    case 'hold':
      return withMicrophone(call, (before) => onHold(before, event.hold));
    case 'unheard':
      return unheard(call, true);
    case 'heard':
      return unheard(call, false);
    case 'recording':
      return withRoom(call, { recording: event.on });
    case 'sharing':
      return withRoom(call, { sharing: event.on });
    case 'sound-blocked':
      return withRoom(call, { soundBlocked: event.blocked });
    case 'agent':
      return withRoom(call, (room) => ({ assistant: onAgent(room.assistant, event.agent) }));
    case 'agent-silent':
      return withRoom(call, (room) => ({ assistant: onSilent(room.assistant) }));
    case 'agent-language':
      return withRoom(call, { spoken: event.language });
    case 'agent-pipeline':
      return withRoom(call, ({ session }) => ({ session: onPipeline(session, event.pipeline) }));
    case 'status':
      return withRoom(call, ({ assistant }) => ({ assistant: onStatus(assistant, event.status) }));
    case 'searching':
      return withAssistant(call, (before) => ({ ...before, searching: event.on }));
    case 'asked':
      return withAssistant(call, (before) => asked(before, event.typed));
    case 'goodbye':
      return onGoodbye(call);
    case 'stop':
      return withAssistant(call, stopped);
    case 'stop-told':
      return withAssistant(call, told);
    case 'refused':
      return onRefused(call, event.reason);
    case 'ended':
      return onEnded(call, event.reason);
    default:
      return never(event);
  }
}
