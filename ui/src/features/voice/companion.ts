/** A call on another screen of its traveller: the link to it, who comes by one, and what is shown there already. */
import * as z from 'zod/mini';
import { asOwner, type OwnSession, request } from '@/api/client.ts';
import { type ResultsMessage, type SessionStarted, sessionStartedSchema } from '@/api/schemas.ts';
import { screenSchema } from '@/api/trips.ts';
import { applyView } from '@/features/flights/view.ts';
import { home } from '@/lib/home.ts';
import { forget, keep, recall } from '@/lib/tab.ts';

/** Begins the part of an address that no server is told; `lib/kept.ts` looks for it, too. */
const MARK = '#call=';
const KEY = 'companion';
const ticketSchema = z.object({ session_id: z.string(), participant_token: z.string() });

const path = (own: OwnSession): string => `/v1/sessions/${encodeURIComponent(own.session_id)}`;

/** A token for one more screen of the call that the given one is of. Throws ApiError where the call is over. */
export const accompany = (own: OwnSession, signal?: AbortSignal): Promise<SessionStarted> =>
  request(sessionStartedSchema, `${path(own)}/companions`, {
    method: 'POST',
    headers: asOwner(own),
    ...(signal ? { signal } : {}),
  });

/** The address of one more screen. Throws ApiError. */
export async function linkTo(own: OwnSession): Promise<string> {
  const { session_id, participant_token } = await accompany(own);
  return `${home.api || location.origin}/${MARK}${session_id}.${participant_token}`;
}

/** What this page may join a call with: from its address, which is rid of it, or from before a reload. */
export function ticket(): OwnSession | null {
  const [, session_id, participant_token] = /^#call=([\w-]{8,64})\.([\w.-]+)$/.exec(location.hash) ?? [];
  if (!session_id || !participant_token) return recall(KEY, ticketSchema);
  history.replaceState(null, '', location.pathname + location.search);
  keep(KEY, { session_id, participant_token });
  return { session_id, participant_token };
}

/** The call is over, or has been left: a reload joins nothing. */
export const tearUp = (): void => forget(KEY);

/** What the call shows now, as its assistant would send it; null for nothing. Throws ApiError. */
export async function shownIn(own: OwnSession): Promise<ResultsMessage | null> {
  const { search, view, selected } = await request(screenSchema, `${path(own)}/screen`, {
    cache: 'no-store',
    headers: asOwner(own),
  });
  if (!search) return null;
  const offers = applyView(search.offers, view);
  return {
    version: 1,
    language: document.documentElement.lang,
    summary: '',
    total_offers: search.offers.length,
    view,
    result: { ...search, offers },
    partial: false,
    selected: offers.findIndex((offer) => offer.id === selected) + 1 || null,
  };
}
