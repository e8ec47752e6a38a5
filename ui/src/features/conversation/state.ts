/** The one state of a conversation: what was said, what is on the screen, and who is there. Pure, without livekit. */
import type {
  NoticeMessage,
  Offer,
  Pipeline,
  ResultsMessage,
  SearchResult,
  SessionStatus,
  View,
} from '@/api/schemas.ts';
import { ALL, applyView } from '@/features/flights/view.ts';
import { type Entry, interrupt, isCutOff, relabel, upsert } from './transcript.ts';

export type Connection = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'disconnected';
export type Microphone = 'off' | 'pending' | 'on' | 'muted' | 'denied' | 'missing' | 'failed';
/** `lk.agent.state`, and `absent` while no agent is in the room. */
export type Agent = 'absent' | 'initializing' | 'idle' | 'listening' | 'thinking' | 'speaking';
/** Whether the assistant is audible: after a stop it is not, until its next new turn. */
export type Playback = 'on' | 'stopping' | 'silenced';
/** Why a call could not start or go on; each has a text of ours. */
export type Trouble = 'session' | 'busy' | 'media' | 'lost' | 'elsewhere' | 'rejected' | 'refused' | null;

export type Results = {
  source: 'assistant' | 'form';
  result: SearchResult;
  language: string;
  view: View;
  /** Every offer of this search that the page has seen, whatever is chosen from them now. */
  all: Offer[];
  totalOffers: number;
  selected: number | null;
};

export type State = {
  /** `idle` before the first call; `ended` keeps transcript and cards for reading. */
  phase: 'idle' | 'live' | 'ended';
  connection: Connection;
  unstable: boolean;
  microphone: Microphone;
  unheard: boolean;
  agent: Agent;
  /** Whether an agent of this call has been ready at least once. */
  agentSeen: boolean;
  status: SessionStatus | null;
  trouble: Trouble;
  pipeline: Pipeline | null;
  playback: Playback;
  /** For a moment after a stop: then the assistant listens, and the page says so. */
  justStopped: boolean;
  playbackBlocked: boolean;
  /** The microphone is open only while it is held: `closed` or `open`; null where it is always open. */
  hold: 'closed' | 'open' | null;
  /** The language that the user asked for: `auto` or a code. */
  requestedLanguage: string;
  /** The language that the assistant says it is answering in. */
  spokenLanguage: string | null;
  searching: boolean;
  /** The media server records the call. */
  recording: boolean;
  /** The traveller shares the screen. */
  sharing: boolean;
  /** The browser says that there is no network. */
  offline: boolean;
  /** What opens the traveller's own record after the call; null where nothing can be kept. */
  receipt: string | null;
  notice: NoticeMessage | null;
  entries: Entry[];
  results: Results | null;
};

export const initialState: State = {
  phase: 'idle',
  connection: 'idle',
  unstable: false,
  microphone: 'off',
  unheard: false,
  agent: 'absent',
  agentSeen: false,
  status: null,
  trouble: null,
  pipeline: null,
  playback: 'on',
  justStopped: false,
  playbackBlocked: false,
  hold: null,
  requestedLanguage: 'auto',
  spokenLanguage: null,
  searching: false,
  recording: false,
  sharing: false,
  offline: false,
  receipt: null,
  notice: null,
  entries: [],
  results: null,
};

export type Action =
  | { type: 'started'; language: string }
  | { type: 'session'; pipeline: Pipeline; receipt?: string | null }
  | { type: 'connection'; connection: Connection }
  | { type: 'quality'; unstable: boolean }
  | { type: 'microphone'; microphone: Microphone }
  | { type: 'unheard' }
  | { type: 'heard' }
  | { type: 'recording'; on: boolean }
  | { type: 'sharing'; on: boolean }
  | { type: 'offline'; offline: boolean }
  | { type: 'agent'; agent: Agent }
  | { type: 'agent-language'; language: string }
  | { type: 'agent-pipeline'; pipeline: Pipeline }
  | { type: 'status'; status: SessionStatus }
  | { type: 'trouble'; trouble: Trouble }
  | { type: 'language'; language: string }
  | { type: 'speech'; id: string; side: Entry['side']; text: string; final: boolean; at: number }
  | { type: 'typed'; id: string; text: string; delivery: Entry['delivery']; at: number }
  | { type: 'delivery'; id: string; delivery: Entry['delivery'] }
  | { type: 'results'; message: ResultsMessage }
  | { type: 'found'; result: SearchResult; language: string; partial?: boolean }
  | { type: 'select'; number: number | null }
  | { type: 'view'; view: View }
  | { type: 'notice'; notice: NoticeMessage }
  | { type: 'dismiss-notice' }
  | { type: 'stop' }
  | { type: 'stop-settled' }
  | { type: 'stop-told' }
  | { type: 'playback-blocked'; blocked: boolean }
  | { type: 'hold'; hold: State['hold'] }
  | { type: 'ended' }
  | { type: 'erased' }
  | { type: 'reset' };

/** Code for the `lang` attribute of words whose language nobody has stated. */
export function assumedLanguage(state: State): string {
  return state.spokenLanguage ?? (state.requestedLanguage === 'auto' ? '' : state.requestedLanguage);
}

const isTalking = (agent: Agent): boolean => agent === 'speaking' || agent === 'thinking';

/**
 * Silence after a stop has two halves: until the stopped turn is over (`stopping`), when "speaking" still means the old
 * turn, and after it (`silenced`), when "speaking" can only mean a new one.
 */
function playbackAfterAgent(state: State, agent: Agent): Playback {
  if (state.playback === 'stopping') return isTalking(agent) ? 'stopping' : 'silenced';
  if (state.playback === 'silenced' && agent === 'speaking') return 'on';
  return state.playback;
}

function onAgent(state: State, agent: Agent): State {
  return {
    ...state,
    agent,
    agentSeen: state.agentSeen || (agent !== 'absent' && agent !== 'initializing'),
    playback: agent === 'absent' ? 'on' : playbackAfterAgent(state, agent),
    justStopped: state.justStopped && agent !== 'speaking',
    searching: state.searching && agent !== 'absent',
  };
}

function onSpeech(state: State, action: Extract<Action, { type: 'speech' }>): State {
  const isNew = !state.entries.some((entry) => entry.id === action.id);
  const entry: Entry = {
    id: action.id,
    side: action.side,
    text: action.text,
    final: action.final,
    language: action.side === 'operator' ? '' : assumedLanguage(state),
    typed: false,
    interrupted: action.side === 'assistant' && action.final && isCutOff(action.text),
    delivery: null,
    at: action.at,
  };
  return {
    ...state,
    entries: upsert(state.entries, entry),
    unheard: action.side === 'user' ? false : state.unheard,
    // A new utterance of the user ends the stopped turn, even when its end was not seen.
    playback: isNew && action.side === 'user' && state.playback === 'stopping' ? 'silenced' : state.playback,
  };
}

function onTyped(state: State, action: Extract<Action, { type: 'typed' }>): State {
  const entry: Entry = {
    id: action.id,
    side: 'user',
    text: action.text,
    final: true,
    language: assumedLanguage(state),
    typed: true,
    interrupted: false,
    delivery: action.delivery,
    at: action.at,
  };
  return {
    ...state,
    entries: upsert(state.entries, entry),
    playback: state.playback === 'stopping' ? 'silenced' : state.playback,
  };
}

function onNotice(state: State, notice: NoticeMessage): State {
  if (notice.kind === 'searching') return { ...state, searching: true };
  // "Stopped" is what the user asked for and hears: the status line says it. The end of a search is no news either.
  const silent = notice.kind === 'stopped' || notice.kind === 'search_ended';
  return { ...state, searching: false, notice: silent ? null : notice };
}

/** The offers of a search that were known already, and those that came with another view of it. */
function seen(before: Results | null, result: SearchResult): Offer[] {
  if (before?.result.search_id !== result.search_id) return result.offers;
  const known = new Set(before.all.map((offer) => offer.id));
  return [...before.all, ...result.offers.filter((offer) => !known.has(offer.id))];
}

/** Another choice from what the page itself has; the assistant's own comes as results. */
function onView(state: State, view: View): State {
  const { results } = state;
  if (!results) return state;
  const chosen = applyView(results.all, view);
  return { ...state, results: { ...results, view, selected: null, result: { ...results.result, offers: chosen } } };
}

function onResults(state: State, message: ResultsMessage): State {
  return {
    ...state,
    searching: message.partial && state.searching,
    notice: null,
    results: {
      source: 'assistant',
      result: message.result,
      language: message.language,
      view: message.view,
      all: seen(state.results, message.result),
      totalOffers: message.total_offers,
      selected: message.selected,
    },
  };
}

/** What came by form; more of the same search keeps what was chosen from it. `partial`: more is to come. */
function onFound(state: State, { result, language, partial = false }: Extract<Action, { type: 'found' }>): State {
  const before = state.results?.result.search_id === result.search_id ? state.results : null;
  const view = before?.view ?? ALL;
  const offers = before ? applyView(result.offers, view) : result.offers;
  const chosen = before?.selected ? before.result.offers[before.selected - 1]?.id : undefined;
  const results: Results = {
    source: 'form',
    result: { ...result, offers },
    language,
    view,
    all: result.offers,
    totalOffers: result.offers.length,
    selected: offers.findIndex((offer) => offer.id === chosen) + 1 || null,
  };
  return { ...state, searching: partial, results };
}

function onStatus(state: State, status: SessionStatus): State {
  // The watch looks every few seconds; what this page sees of its own room is newer.
  return { ...state, status, trouble: status.verdict === 'ready' && state.trouble === 'lost' ? null : state.trouble };
}

function onSelect(state: State, number: number | null): State {
  const { results } = state;
  const known = results !== null && (number === null || number <= results.result.offers.length);
  return known ? { ...state, results: { ...results, selected: number } } : state;
}

function onStop(state: State): State {
  const playback = isTalking(state.agent) ? 'stopping' : 'silenced';
  // What was being said stops where it is: nothing of it is on its way any more.
  return { ...state, searching: false, justStopped: true, playback, entries: interrupt(state.entries) };
}

type Handlers = { [T in Action['type']]: (state: State, action: Extract<Action, { type: T }>) => State };

const handlers: Handlers = {
  started: (state, { language }) => ({
    ...initialState,
    offline: state.offline,
    entries: state.entries,
    results: state.results,
    phase: 'live',
    connection: 'connecting',
    microphone: 'pending',
    requestedLanguage: language,
  }),
  session: (state, { pipeline, receipt = null }) => ({ ...state, pipeline, receipt }),
  connection: (state, { connection }) => ({ ...state, connection, unstable: false }),
  quality: (state, { unstable }) => ({ ...state, unstable }),
  // A microphone that was allowed after the call is over is not open: see openMicrophone.
  microphone: (state, { microphone }) =>
    state.phase === 'live' ? { ...state, microphone, unheard: false } : { ...state, microphone: 'off' },
  // A microphone that is closed until it is held is silent by the user's own wish.
  unheard: (state) => ({ ...state, unheard: state.microphone === 'on' && state.hold !== 'closed' }),
  heard: (state) => (state.unheard ? { ...state, unheard: false } : state),
  recording: (state, { on }) => ({ ...state, recording: on && state.phase === 'live' }),
  sharing: (state, { on }) => ({ ...state, sharing: on && state.phase === 'live' }),
  offline: (state, { offline }) => ({ ...state, offline }),
  agent: (state, { agent }) => onAgent(state, agent),
  'agent-language': (state, { language }) => ({
    ...state,
    spokenLanguage: language,
    entries: state.spokenLanguage === language ? state.entries : relabel(state.entries, language),
  }),
  'agent-pipeline': (state, { pipeline }) => ({ ...state, pipeline }),
  status: (state, { status }) => onStatus(state, status),
  trouble: (state, { trouble }) => ({ ...state, trouble }),
  language: (state, { language }) => ({ ...state, requestedLanguage: language }),
  speech: onSpeech,
  typed: onTyped,
  delivery: (state, { id, delivery }) => ({
    ...state,
    entries: state.entries.map((entry) => (entry.id === id ? { ...entry, delivery } : entry)),
  }),
  results: (state, { message }) => onResults(state, message),
  found: onFound,
  select: (state, { number }) => onSelect(state, number),
  view: (state, { view }) => onView(state, view),
  notice: (state, { notice }) => onNotice(state, notice),
  'dismiss-notice': (state) => ({ ...state, notice: null }),
  stop: onStop,
  'stop-settled': (state) =>
    state.playback === 'stopping' && !isTalking(state.agent) ? { ...state, playback: 'silenced' } : state,
  'stop-told': (state) => ({ ...state, justStopped: false }),
  hold: (state, { hold }) => (state.hold === hold ? state : { ...state, hold, unheard: false }),
  'playback-blocked': (state, { blocked }) => ({ ...state, playbackBlocked: blocked }),
  ended: (state) => ({
    ...state,
    phase: 'ended',
    connection: 'disconnected',
    microphone: 'off',
    agent: 'absent',
    searching: false,
    recording: false,
    sharing: false,
    playback: 'on',
    justStopped: false,
    unheard: false,
    hold: null,
    entries: interrupt(state.entries),
  }),
  // What the traveller has erased is not kept on the screen or in the tab either.
  erased: (state) => ({ ...state, entries: [], results: null }),
  reset: () => initialState,
};

export function reduce(state: State, action: Action): State {
  const handle = handlers[action.type] as (state: State, action: Action) => State;
  return handle(state, action);
}
