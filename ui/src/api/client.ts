/** Calls to our own API: every one has a time limit, and every failure is an `ApiError` that is safe to show by kind. */
import type * as z from 'zod/mini';
import { home } from '@/lib/home.ts';
import { type Traveller, traveller } from '@/lib/traveller.ts';
import {
  type Erased,
  erasedSchema,
  handlingSchema,
  type Place,
  type Problem,
  placesFoundSchema,
  problemSchema,
  recordSchema,
  type SessionStarted,
  type SessionStatus,
  sessionStartedSchema,
  sessionStatusSchema,
} from './schemas.ts';

const TIMEOUT_MS = 15_000;

export type ApiErrorKind = 'unreachable' | 'busy' | 'invalid' | 'unavailable' | 'malformed' | 'failed' | 'superseded';

/** What went wrong, without the words of whoever failed: those may hold a token. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  readonly problem: Problem | null;

  constructor(kind: ApiErrorKind, problem: Problem | null = null) {
    super(`API call failed: ${kind}`);
    this.kind = kind;
    this.problem = problem;
  }
}

/** `locale`: also the language to be greeted in while `language` is `auto`. */
export type SessionRequest = Traveller & {
  /** `auto` or a language code. */
  language: string;
  /** Who answers; left out: the first one of the installation. */
  persona?: string;
  /** Left out: as the operator has chosen. `text`: without a voice. */
  pipeline?: 'text';
  /** `version` and `language` are those of the text that the traveller was shown. */
  consent: { store_turns: boolean; record?: boolean; version: string; language: string };
  /** ISO 4217 that was chosen. */
  currency?: string;
};

export function kindOf(status: number): ApiErrorKind {
  if (status === 429) return 'busy';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 400 && status < 500 ? 'invalid' : 'failed';
}

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** One trace for all that this page asks, as W3C Trace Context writes it; a random number that says nothing of anybody. */
const trace = hex(16);
const traceparent = (): string => `00-${trace}-${hex(8)}-01`;

/** The API's answer to one question, whatever it is. Throws ApiError where there is none. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const page = home.pageToken ? { 'X-Page-Token': home.pageToken } : {};
  const headers = { Accept: 'application/json', traceparent: traceparent(), ...page, ...init.headers };
  try {
    return await fetch(home.api + path, { ...init, signal, headers });
  } catch {
    throw new ApiError('unreachable');
  }
}

/** The problem that a refusal tells; null where it tells none. */
export async function problemOf(response: Response): Promise<Problem | null> {
  const problem = problemSchema.safeParse(await response.json().catch(() => null));
  return problem.success ? problem.data : null;
}

/** One question to the API, answered in the schema's shape. Throws ApiError. */
export async function request<T extends z.ZodMiniType>(
  schema: T,
  path: string,
  init: RequestInit = {},
): Promise<z.infer<T>> {
  const response = await send(path, init);
  if (!response.ok) throw new ApiError(kindOf(response.status), await problemOf(response));
  const parsed = schema.safeParse(response.status === 204 ? null : await response.json().catch(() => null));
  if (!parsed.success) throw new ApiError('malformed');
  return parsed.data;
}

const session = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;

/** Asks for a fresh room and a token for it. */
export function startSession(body: SessionRequest, signal?: AbortSignal): Promise<SessionStarted> {
  return request(sessionStartedSchema, '/v1/sessions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

/** A session and the token of its room: its id alone opens nothing. */
export type OwnSession = Pick<SessionStarted, 'session_id' | 'participant_token'>;

export const asOwner = (own: OwnSession): HeadersInit => ({ Authorization: `Bearer ${own.participant_token}` });

/** The API's verdict on whether the session's agent really came. */
export function sessionStatus(own: OwnSession, signal?: AbortSignal): Promise<SessionStatus> {
  return request(sessionStatusSchema, session(own.session_id), {
    cache: 'no-store',
    headers: asOwner(own),
    ...(signal ? { signal } : {}),
  });
}

/** Asks for another agent in the same room. */
export function dispatchAgain(own: OwnSession): Promise<SessionStatus> {
  return request(sessionStatusSchema, `${session(own.session_id)}/dispatch`, {
    method: 'POST',
    headers: asOwner(own),
  });
}

/** Whether calls may be recorded here, where their traveller agrees. */
export const recordingOffered = async (): Promise<boolean> => (await request(handlingSchema, '/v1/privacy')).recording;

const withReceipt = (receipt: string): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ receipt }),
});

/** Everything that is kept of the call of a receipt code, as the API tells it. */
export async function exportRecord(receipt: string): Promise<string> {
  return JSON.stringify(await request(recordSchema, '/v1/privacy/export', withReceipt(receipt)), null, 2);
}

/** Erases everything that is kept of the call of a receipt code. */
export function eraseRecord(receipt: string): Promise<Erased> {
  return request(erasedSchema, '/v1/privacy/erase', withReceipt(receipt));
}

/** Places that some letters can mean, the likeliest first, named in the language. */
export async function findPlaces(text: string, language: string): Promise<Place[]> {
  return (
    await request(placesFoundSchema, `/v1/places?${new URLSearchParams({ q: text, ...traveller(language), language })}`)
  ).places;
}
