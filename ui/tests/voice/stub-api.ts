import { vi } from 'vitest';
import started from '../fixtures/session_started.json' with { type: 'json' };
import status from '../fixtures/session_status.json' with { type: 'json' };

/** What the API answers, by method and path; a test may change it. */
export type Answers = Record<string, { code: number; body: unknown }>;

/** An API with one session whose agent is on its way, and a browser that has microphones. */
export function stubApi(): Answers {
  const coming = { code: 200, body: { ...status, verdict: 'dispatched', gave_up: false } };
  const answers: Answers = {
    'POST /v1/sessions': { code: 201, body: started },
    'GET /v1/sessions/sess_12345678': coming,
    'POST /v1/sessions/sess_12345678/dispatch': coming,
  };
  vi.stubGlobal(
    'fetch',
    vi.fn(async (path: string, init?: RequestInit) => {
      const answer = answers[`${init?.method ?? 'GET'} ${path}`] ?? { code: 404, body: null };
      return new Response(JSON.stringify(answer.body), { status: answer.code });
    }),
  );
  vi.stubGlobal('navigator', { ...navigator, mediaDevices: {}, languages: ['en'] });
  return answers;
}
