/**
 * What somebody who listens to the page must be told, once and in whole sentences: what changed, but for what they hear
 * anyway. What is shown as a banner tells itself; words that grow are told when they are complete.
 */
import { assistantAudible, failure, holdOf, resultsOf, type StatusKey, statusOf } from './selectors.ts';
import type { State } from './state.ts';
import type { Entry } from './transcript.ts';

export type News =
  | { kind: 'status'; status: StatusKey }
  | { kind: 'found'; shown: number; total: number }
  | { kind: 'said'; entry: Entry }
  | { kind: 'undelivered' };

/** Whoever hears them hears that the assistant thinks or speaks; the others are banners and panes of their own. */
const UNTOLD: readonly StatusKey[] = ['thinking', 'speaking', 'reconnecting', 'offline', 'failed'];
/** After these it goes without saying that the assistant listens, or reads. */
const TURN: readonly (StatusKey | null)[] = ['thinking', 'speaking', 'searching', 'listening', 'hold', 'typing'];
const READY: readonly StatusKey[] = ['listening', 'hold', 'typing'];

/** What changes only as the microphone is pressed and let go is no news. */
const heldOr = (state: State): StatusKey => {
  const status = statusOf(state);
  return status === 'listening' && holdOf(state) ? 'hold' : status;
};

function statusNews(before: State, after: State): News[] {
  if (before.call.phase === 'idle' && after.call.phase === 'idle') return [];
  const was = before.call.phase === 'idle' ? null : heldOr(before);
  const now = heldOr(after);
  if (now === was || UNTOLD.includes(now) || (now === 'ended' && failure(after))) return [];
  if (READY.includes(now) && TURN.includes(was)) return [];
  return [{ kind: 'status', status: now }];
}

function foundNews(before: State, after: State): News[] {
  const was = resultsOf(before);
  const now = resultsOf(after);
  if (!now || now === was) return [];
  const same = was?.result.search_id === now.result.search_id && JSON.stringify(was.view) === JSON.stringify(now.view);
  // What comes in pieces is told when all of it is there.
  const news = !now.coming && (!same || was.coming);
  return news ? [{ kind: 'found', shown: now.result.offers.length, total: now.totalOffers }] : [];
}

function saidNews(before: State, after: State, captions: boolean): News[] {
  if (before.entries === after.entries) return [];
  const known = new Map(before.entries.map((entry) => [entry.id, entry]));
  const heard = assistantAudible(after) && !captions;
  return after.entries.flatMap((entry): News[] => {
    const was = known.get(entry.id);
    if (entry.delivery === 'failed' && was?.delivery === 'queued') return [{ kind: 'undelivered' }];
    // A person of the company writes: no voice says it.
    const told = entry.side === 'operator' || (entry.side === 'assistant' && !heard);
    return told && entry.final && !was?.final ? [{ kind: 'said', entry }] : [];
  });
}

/** What is news of `after`; `captions`: the assistant is read and not heard. */
export const newsOf = (before: State, after: State, captions: boolean): News[] => [
  ...saidNews(before, after, captions),
  ...statusNews(before, after),
  ...foundNews(before, after),
];
