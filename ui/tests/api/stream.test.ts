import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ApiError } from '@/api/client.ts';
import { anyFlight } from '@/api/query.ts';
import { giveUp, searchFlights } from '@/api/stream.ts';
import { traveller } from '@/lib/traveller.ts';
import problem from '../fixtures/problem.json' with { type: 'json' };
import results from '../fixtures/results.json' with { type: 'json' };
import { streamed } from '../stream.ts';

const whole = results.result;
const part = { ...whole, offers: whole.offers.slice(0, 1), complete: false };
const query = { ...anyFlight('São Paulo', 'BER', '2026-11-22'), adults: 2, children: [4], cabin: 'business' as const };

const bytes = new TextEncoder();

/** Answers in the pieces that a network makes of it, each when it is let. */
function answer(pieces: (string | Uint8Array<ArrayBuffer>)[], status = 200) {
  let send: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      send = controller;
    },
  });
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => new Response(body, { status }));
  vi.stubGlobal('fetch', fetched);
  const next = (): void => {
    const piece = pieces.shift();
    if (piece === undefined) send?.close();
    else send?.enqueue(typeof piece === 'string' ? bytes.encode(piece) : piece);
  };
  const all = (): void => {
    for (let left = pieces.length; left >= 0; left--) next();
  };
  return { fetched, next, all };
}

const failureOf = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => Promise.reject(new Error('no failure')),
    (error) => error,
  );

afterEach(() => vi.unstubAllGlobals());

describe('searchFlights', () => {
  it('asks with what was typed', async () => {
    const { fetched, all } = answer([streamed(['done', whole])]);
    all();
    expect((await searchFlights(query, 'pt')).offers).toHaveLength(4);
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect([path, JSON.parse(String(init?.body))]).toEqual([
      '/v1/flights/search/stream',
      { ...query, ...traveller('pt'), language: 'pt' },
    ]);
  });

  it('gives what the first source has while another is late', async () => {
    const server = answer([streamed(['offers', part]), streamed(['done', whole])]);
    const onPart = vi.fn();
    const asking = searchFlights(query, 'pt', onPart);
    server.next();
    await vi.waitFor(() => expect(onPart).toHaveBeenCalledOnce(), { timeout: 10_000 });
    expect(onPart.mock.calls[0]?.[0].offers).toHaveLength(1);
    server.all();
    expect((await asking).offers).toHaveLength(4);
  });

  it('reads events however they are cut, in the middle of a letter too', async () => {
    const raw = bytes.encode(streamed(['offers', part], ['done', whole]).replaceAll('\n', '\r\n'));
    const pieces = Array.from({ length: Math.ceil(raw.length / 7) }, (_, n) => raw.slice(n * 7, n * 7 + 7));
    const { all } = answer(pieces);
    all();
    const onPart = vi.fn();
    expect((await searchFlights(query, 'pt', onPart)).search_id).toBe(whole.search_id);
    expect(onPart).toHaveBeenCalledOnce();
  });

  it.each([
    ['a refusal before the stream', JSON.stringify(problem), 422, 'invalid', 1],
    ['a problem in it', streamed(['problem', { ...problem, status: 503 }]), 200, 'unavailable', 1],
    ['an end before anything', '', 200, 'unreachable', 0],
    ['something else', streamed(['done', { search_id: 'x' }]), 200, 'malformed', 0],
    ['no events at all', '<html>', 200, 'unreachable', 0],
  ])('tells %s', async (_name, body, status, kind, fields) => {
    const { all } = answer([body], status);
    all();
    const error = await failureOf(searchFlights(query, 'en'));
    expect([error.kind, error.problem?.errors.length ?? 0]).toEqual([kind, fields]);
  });

  it('what there is when it breaks off is the answer, and not complete', async () => {
    const { all } = answer([streamed(['offers', { ...part, complete: true }])]);
    all();
    const found = await searchFlights(query, 'en', vi.fn());
    expect([found.offers.length, found.complete]).toEqual([1, false]);
  });

  it('what was asked for before comes too late when what was asked for after it has come', async () => {
    const older = answer([streamed(['offers', part]), streamed(['done', whole])]);
    const late = failureOf(searchFlights(query, 'en', vi.fn()));
    const newer = answer([streamed(['done', whole])]);
    const asking = searchFlights(query, 'en');
    newer.all();
    expect((await asking).offers).toHaveLength(4);
    older.all();
    expect((await late).kind).toBe('superseded');
  });

  it('what was asked for before goes on where what was asked for after it fails', async () => {
    const older = answer([streamed(['done', whole])]);
    const first = searchFlights(query, 'en');
    answer(['{}'], 503).all();
    expect((await failureOf(searchFlights(query, 'en'))).kind).toBe('unavailable');
    older.all();
    expect((await first).offers).toHaveLength(4);
  });

  it('what nobody waits for any more is given up', async () => {
    const { all } = answer([streamed(['done', whole])]);
    const left = failureOf(searchFlights(query, 'en'));
    giveUp();
    all();
    expect((await left).kind).toBe('superseded');
  });
});
