/** A search as it comes: what the first source has found is shown while the others are still asked. */
import { currencyOf, traveller } from '@/lib/traveller.ts';
import { ApiError, kindOf, problemOf, send } from './client.ts';
import type { FlightQuery } from './query.ts';
import { type SearchResult, searchResultSchema } from './schemas.ts';

type Told = { event: string; data: string };

/** The lines of a body as they come. Safari cannot iterate a stream. */
async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = `${rest}${read.value}`.split(/\r?\n/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** Server-sent events as our API writes them: `event` and `data` in a line each. */
async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Told> {
  let event = '';
  for await (const line of linesOf(body)) {
    const [, name, value = ''] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (name === 'event') event = value;
    else if (name === 'data') yield { event, data: value };
  }
}

const parsed = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
};

/** Searches that are on their way, the oldest first. */
const underWay = new Set<AbortController>();

/** Gives up every search that is on its way: nobody waits for any of them any more. */
export function giveUp(): void {
  for (const one of underWay) one.abort();
  underWay.clear();
}

/** What was asked for later has come: what was asked for before it comes too late. */
function overtake(own: AbortController): void {
  for (const one of underWay) {
    if (one === own) return;
    one.abort();
    underWay.delete(one);
  }
}

/**
 * Searches flights without an agent; `language` names the places. `onPart` is told of what is there before everybody
 * has answered; where it breaks off after that, what there is is the answer, and not complete. Throws ApiError,
 * `superseded` where a newer search has answered first.
 */
export async function searchFlights(
  query: FlightQuery,
  language: string,
  onPart?: (result: SearchResult) => void,
): Promise<SearchResult> {
  const own = new AbortController();
  underWay.add(own);
  let last: SearchResult | null = null;
  try {
    for await (const { event, result } of resultsOf(query, language, own.signal)) {
      if (own.signal.aborted) break;
      overtake(own);
      last = result;
      if (event === 'done') return result;
      onPart?.(result);
    }
    throw new ApiError('unreachable'); // it broke off
  } catch (error) {
    if (own.signal.aborted) throw new ApiError('superseded');
    if (last) return { ...last, complete: false };
    throw error instanceof ApiError ? error : new ApiError('unreachable');
  } finally {
    underWay.delete(own);
  }
}

/** Every result of one search, as it comes. Throws ApiError, or what the stream throws. */
async function* resultsOf(
  query: FlightQuery,
  language: string,
  signal: AbortSignal,
): AsyncGenerator<{ event: string; result: SearchResult }> {
  const response = await send('/v1/flights/search/stream', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify({ ...query, ...traveller(language), language, currency: currencyOf(query) }),
    signal,
  });
  if (!response.ok || !response.body) throw new ApiError(kindOf(response.status), await problemOf(response));
  for await (const { event, data } of eventsOf(response.body)) {
    const body = parsed(data);
    if (event === 'problem') {
      const problem = await problemOf(new Response(data));
      throw new ApiError(kindOf(problem?.status ?? 500), problem);
    }
    const result = searchResultSchema.safeParse(body);
    if (!result.success) throw new ApiError('malformed');
    yield { event, result: result.data };
  }
}
