/** The one state of the page: the call and its phase, what was said, and what was found. Pure, without livekit. */
import type { NoticeMessage, ResultsMessage, SearchResult, View } from '@/api/schemas.ts';
import { advance, type CallEvent, type CallState, isInRoom, isOpen, isPresent, never } from './phases.ts';
import { broken, brought, closed, fromAssistant, fromForm, NONE, type Searches, selected, viewed } from './searches.ts';
import { type Entry, interrupt, isCutOff, relabel, undelivered, upsert } from './transcript.ts';

export type State = {
  call: CallState;
  /** How many calls this page has begun: each has its number. */
  calls: number;
  /** The language that the user asked for: `auto` or a code. */
  language: string;
  /** The browser says that there is no network. */
  offline: boolean;
  notice: NoticeMessage | null;
  entries: Entry[];
  searches: Searches;
};

export const initialState: State = {
  call: { phase: 'idle' },
  calls: 0,
  language: 'auto',
  offline: false,
  notice: null,
  entries: [],
  searches: NONE,
};

type Speech = { type: 'speech'; id: string; side: Entry['side']; text: string; final: boolean; at: number };
type Typed = { type: 'typed'; id: string; text: string; delivery: Entry['delivery']; at: number };

/** What one call tells; `call` is its number, and what another call tells changes nothing. */
export type Told =
  | Exclude<CallEvent, { type: 'searching' | 'asked' | 'goodbye' }>
  | Speech
  | Typed
  | { type: 'results'; message: ResultsMessage }
  | { type: 'notice'; notice: NoticeMessage };

/** What the user does, or the page itself. */
export type Done =
  | { type: 'started'; language: string; typing?: boolean }
  | { type: 'offline'; offline: boolean }
  /** Back to where nothing had been searched for. */
  | { type: 'home' }
  | { type: 'language'; language: string }
  | { type: 'delivery'; id: string; delivery: Entry['delivery'] }
  | { type: 'found'; result: SearchResult; language: string; partial?: boolean }
  | { type: 'select'; number: number | null }
  | { type: 'view'; view: View }
  | { type: 'show'; searchId: string }
  | { type: 'warned'; notice: NoticeMessage }
  | { type: 'dismiss-notice' }
  | { type: 'erased' };

export type Action = Done | (Told & { call: number });

/** Code for the `lang` attribute of words whose language nobody has stated. */
export function assumedLanguage(state: State): string {
  const { call, language } = state;
  return (isInRoom(call) ? call.spoken : null) ?? (language === 'auto' ? '' : language);
}

const lastTurn = (state: State): string | null => state.entries.findLast(({ side }) => side === 'user')?.id ?? null;

/** The call with one thing more that happened in it. */
function advanced(state: State, event: CallEvent): State {
  const call = advance(state.call, event);
  return call === state.call ? state : { ...state, call };
}

function onSpeech(state: State, { id, side, text, final, at }: Speech, call: number): State {
  const isNew = !state.entries.some((entry) => entry.id === id);
  const interrupted = side === 'assistant' && final && isCutOff(text);
  const language = side === 'operator' ? '' : assumedLanguage(state);
  const entry: Entry = { id, call, side, text, final, language, typed: false, interrupted, delivery: null, at };
  const heard = { ...state, entries: upsert(state.entries, entry) };
  if (side !== 'user') return heard;
  const known = advanced(heard, { type: 'heard' });
  return isNew ? advanced(known, { type: 'asked', typed: false }) : known;
}

function onTyped(state: State, { id, text, delivery, at }: Typed, call: number): State {
  const language = assumedLanguage(state);
  const entry: Entry = {
    id,
    call,
    side: 'user',
    text,
    final: true,
    language,
    typed: true,
    interrupted: false,
    delivery,
    at,
  };
  return advanced({ ...state, entries: upsert(state.entries, entry) }, { type: 'asked', typed: true });
}

function onNotice(state: State, notice: NoticeMessage): State {
  if (notice.kind === 'searching') return advanced(state, { type: 'searching', on: true });
  const over = { ...advanced(state, { type: 'searching', on: false }), searches: closed(state.searches) };
  // "Stopped" is what the user asked for and hears: the status line says it. The end of a search is no news either.
  if (notice.kind === 'stopped' || notice.kind === 'search_ended') return { ...over, notice: null };
  const told = { ...over, notice };
  return notice.kind === 'goodbye' ? advanced(told, { type: 'goodbye' }) : told;
}

function onResults(state: State, message: ResultsMessage, call: number): State {
  const on = isInRoom(state.call) && isPresent(state.call.assistant) && state.call.assistant.searching;
  // After a stop nothing is on its way any more.
  const partial = message.partial && on;
  const searches = fromAssistant(state.searches, { ...message, partial }, { call, turn: lastTurn(state) });
  return { ...advanced(state, { type: 'searching', on: partial }), notice: null, searches };
}

/** Ends what was under way in a call that is over or was stopped. */
const interrupted = (state: State): State => ({
  ...state,
  entries: interrupt(state.entries),
  searches: closed(state.searches),
});

function onTold(state: State, told: Told & { call: number }): State {
  switch (told.type) {
    case 'speech':
      return onSpeech(state, told, told.call);
    case 'typed':
      return onTyped(state, told, told.call);
    case 'results':
      return onResults(state, told.message, told.call);
    case 'notice':
      return onNotice(state, told.notice);
    case 'agent-language': {
      const same = isInRoom(state.call) && state.call.spoken === told.language;
      const next = advanced(state, told);
      return same ? next : { ...next, entries: relabel(state.entries, told.language) };
    }
    case 'stop':
      // What was being said stops where it is: nothing of it is on its way any more.
      return interrupted(advanced(state, told));
    case 'refused':
    case 'ended': {
      const over = interrupted(advanced(state, told));
      // What waited for an assistant is read by none.
      return { ...over, entries: undelivered(over.entries) };
    }
    case 'connected':
      // The room was reached after the browser had said that there is no network: of this call that is not so.
      return advanced({ ...state, offline: false }, told);
    default:
      return advanced(state, told);
  }
}

function onStarted(state: State, { language, typing = false }: Extract<Done, { type: 'started' }>): State {
  const id = state.calls + 1;
  const microphone = { is: typing ? 'off' : 'asking' } as const;
  return { ...state, calls: id, language, notice: null, call: { phase: 'connecting', id, microphone, session: null } };
}

function onDone(state: State, done: Done): State {
  switch (done.type) {
    case 'started':
      return onStarted(state, done);
    case 'offline':
      return { ...state, offline: done.offline };
    case 'language':
      return { ...state, language: done.language };
    case 'delivery':
      return {
        ...state,
        entries: state.entries.map((entry) => (entry.id === done.id ? { ...entry, delivery: done.delivery } : entry)),
      };
    case 'found': {
      const { result, language, partial: coming = false } = done;
      const asked = { call: isOpen(state.call) ? state.call.id : null, turn: null };
      return { ...state, searches: fromForm(state.searches, { result, language, coming }, asked) };
    }
    case 'select':
      return { ...state, searches: selected(state.searches, done.number) };
    case 'view':
      return { ...state, searches: viewed(state.searches, done.view) };
    case 'show':
      return { ...state, searches: brought(state.searches, done.searchId) };
    case 'home':
      // What a call shows is its own, whatever the address says.
      return isOpen(state.call) ? state : { ...state, searches: { ...broken(state.searches), shown: null } };
    case 'warned':
      return { ...state, notice: done.notice };
    case 'dismiss-notice':
      return { ...state, notice: null };
    case 'erased':
      // What the traveller has erased is not kept on the screen or in the tab either.
      return { ...state, entries: [], searches: NONE };
    default:
      return never(done);
  }
}

export function reduce(state: State, action: Action): State {
  if (!('call' in action)) return onDone(state, action);
  // What a call before still tells, and what this one tells after its end, is about nothing any more.
  return isOpen(state.call) && state.call.id === action.call ? onTold(state, action) : state;
}
