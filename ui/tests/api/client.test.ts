import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ApiError, dispatchAgain, sessionStatus, startSession } from '@/api/client.ts';
import problem from '../fixtures/problem.json' with { type: 'json' };
import started from '../fixtures/session_started.json' with { type: 'json' };
import status from '../fixtures/session_status.json' with { type: 'json' };

const answer = (body: unknown, code = 200): void => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status: code })),
  );
};
const called = (): [string, RequestInit] => vi.mocked(fetch).mock.calls[0] as [string, RequestInit];
const failureOf = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => Promise.reject(new Error('no failure')),
    (e) => e,
  );

afterEach(() => vi.unstubAllGlobals());

const request = {
  language: 'es',
  locale: 'es-MX',
  consent: { store_turns: true, version: '2026-11', language: 'en', return_date: '', adults: '1' },
  time_zone: 'Europe/Madrid',
};

describe('startSession', () => {
  it('posts the choices and returns the room', async () => {
    answer(started, 201);
    const session = await startSession(request);
    const [path, init] = called();
    expect([path, init.method]).toEqual(['/v1/sessions', 'POST']);
    expect(JSON.parse(String(init.body))).toEqual(request);
    expect(session.room_name).toBe('room-1');
  });

  it.each([
    [429, 'busy'],
    [503, 'unavailable'],
    [422, 'invalid'],
    [500, 'failed'],
  ])('tells %i apart', async (code, kind) => {
    answer({ ...problem, status: code }, code);
    expect((await failureOf(startSession(request))).kind).toBe(kind);
  });

  it('does not pass on words that may hold a token', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('bad token eyJhbGciOi')));
    const error = await failureOf(startSession(request));
    expect([error.kind, error.message.includes('eyJ'), error.cause]).toEqual(['unreachable', false, undefined]);
  });

  it.each([
    ['<html>', 200],
    [{ session_id: 'x' }, 201],
  ])('refuses an answer of another shape: %j', async (body, code) => {
    answer(body, code);
    expect((await failureOf(startSession(request))).kind).toBe('malformed');
  });
});

describe('the other calls', () => {
  it('escapes the session id', async () => {
    answer(status);
    await sessionStatus({ session_id: 'a/b', participant_token: 'token' });
    expect(called()[0]).toBe('/v1/sessions/a%2Fb');
  });

  it('proves that the session is its own', async () => {
    answer(status);
    await sessionStatus({ session_id: 'sess_12345678', participant_token: 'token' });
    expect(called()[1].headers).toMatchObject({ Authorization: 'Bearer token' });
  });

  it('asks for another agent', async () => {
    answer(status);
    expect((await dispatchAgain({ session_id: 'sess_12345678', participant_token: 'token' })).gave_up).toBe(true);
    expect(called()).toMatchObject(['/v1/sessions/sess_12345678/dispatch', { method: 'POST' }]);
  });
});
