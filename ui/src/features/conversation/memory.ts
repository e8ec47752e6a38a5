/** The conversation over a reload: words, cards and receipt come back as those of a call that has ended. */
import * as z from 'zod/mini';
import { pipelineSchema, searchResultSchema, viewSchema } from '@/api/schemas.ts';
import { applyView } from '@/features/flights/view.ts';
import { keep, recall } from '@/lib/tab.ts';
import { sessionOf } from './selectors.ts';
import { initialState, type State } from './state.ts';
import { interrupt, undelivered } from './transcript.ts';

const KEY = 'conversation';
const ENTRIES_MAX = 500;

const keptSchema = z.object({
  version: z.literal(2),
  language: z.string(),
  session: z.nullable(z.object({ pipeline: pipelineSchema, receipt: z.nullable(z.string()) })),
  entries: z.array(
    z.object({
      id: z.string(),
      call: z.number(),
      side: z.enum(['user', 'assistant', 'operator']),
      text: z.string(),
      final: z.boolean(),
      language: z.string(),
      typed: z.boolean(),
      interrupted: z.boolean(),
      delivery: z.nullable(z.enum(['queued', 'sent', 'failed'])),
      at: z.number(),
    }),
  ),
  searches: z.array(
    z.object({
      source: z.enum(['assistant', 'form']),
      call: z.nullable(z.number()),
      turn: z.nullable(z.string()),
      language: z.string(),
      view: viewSchema,
      totalOffers: z.number(),
      selected: z._default(z.nullable(z.number()), null),
      result: searchResultSchema,
    }),
  ),
  shown: z.nullable(z.string()),
});

/** The state that a reloaded page begins with. */
export function remembered(): State {
  const kept = recall(KEY, keptSchema);
  if (!kept || (kept.entries.length === 0 && kept.searches.length === 0)) return initialState;
  const calls = Math.max(0, ...kept.entries.map(({ call }) => call));
  return {
    ...initialState,
    // Flights that were found without a call are no end of one.
    call:
      kept.entries.length === 0 && !kept.session?.receipt
        ? { phase: 'idle' }
        : { phase: 'ended', id: calls, reason: 'reloaded', session: kept.session },
    calls,
    language: kept.language,
    // What was waiting for an assistant was never read by one.
    entries: undelivered(interrupt(kept.entries)),
    searches: {
      shown: kept.shown,
      list: kept.searches.map((one) => ({
        ...one,
        all: one.result.offers,
        coming: false,
        result: { ...one.result, offers: applyView(one.result.offers, one.view) },
      })),
    },
  };
}

/** Keeps what a reload must not lose. */
export function remember(state: State): void {
  keep(KEY, {
    version: 2,
    language: state.language,
    session: sessionOf(state.call),
    entries: state.entries.slice(-ENTRIES_MAX),
    shown: state.searches.shown,
    // What the page itself was still looking for is looked for again, by its address.
    searches: state.searches.list
      .filter(({ source, coming }) => source !== 'form' || !coming)
      .map(({ source, call, turn, language, view, totalOffers, selected, coming, result, all }) => ({
        source,
        call,
        turn,
        language,
        view,
        totalOffers,
        selected,
        result: { ...result, offers: all, complete: result.complete && !coming },
      })),
  });
}
