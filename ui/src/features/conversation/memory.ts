/** The conversation over a reload: words, cards and receipt come back as those of a call that has ended. */
import * as z from 'zod/mini';
import { searchResultSchema, viewSchema } from '@/api/schemas.ts';
import { applyView } from '@/features/flights/view.ts';
import { keep, recall } from '@/lib/tab.ts';
import { initialState, type State } from './state.ts';
import { interrupt } from './transcript.ts';

const KEY = 'conversation';
const ENTRIES_MAX = 500;

const keptSchema = z.object({
  version: z.literal(1),
  requestedLanguage: z.string(),
  receipt: z.nullable(z.string()),
  entries: z.array(
    z.object({
      id: z.string(),
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
  results: z.nullable(
    z.object({
      source: z.enum(['assistant', 'form']),
      language: z.string(),
      view: viewSchema,
      totalOffers: z.number(),
      result: searchResultSchema,
    }),
  ),
});

/** The state that a reloaded page begins with. */
export function remembered(): State {
  const kept = recall(KEY, keptSchema);
  if (!kept || (kept.entries.length === 0 && !kept.results)) return initialState;
  const { results } = kept;
  return {
    ...initialState,
    // Flights that were found without a call are no end of one.
    ...(kept.entries.length === 0 && !kept.receipt
      ? {}
      : { phase: 'ended' as const, connection: 'disconnected' as const }),
    requestedLanguage: kept.requestedLanguage,
    receipt: kept.receipt,
    // What was waiting for an assistant was never read by one.
    entries: interrupt(kept.entries).map((entry) =>
      entry.delivery === 'queued' ? { ...entry, delivery: 'failed' as const } : entry,
    ),
    results: results && {
      ...results,
      all: results.result.offers,
      selected: null,
      result: { ...results.result, offers: applyView(results.result.offers, results.view) },
    },
  };
}

/** Keeps what a reload must not lose. */
export function remember(state: State): void {
  const { results } = state;
  keep(KEY, {
    version: 1,
    requestedLanguage: state.requestedLanguage,
    receipt: state.receipt,
    entries: state.entries.slice(-ENTRIES_MAX),
    results: results && {
      source: results.source,
      language: results.language,
      view: results.view,
      totalOffers: results.totalOffers,
      result: { ...results.result, offers: results.all },
    },
  });
}
