/** What the desk asks of the API, with the operator's credentials; the same rights as over `curl`, and nothing more. */
import type * as z from 'zod/mini';
import { ApiError, request } from '@/api/client.ts';
import { problemSchema } from '@/api/schemas.ts';

export { erasedSchema } from '@/api/schemas.ts';
export * from './desk.generated.ts';

/** Asks the API with a key. */
export type Ask = <T extends z.ZodMiniType>(schema: T, path: string, body?: unknown) => Promise<z.infer<T>>;
/** Fetches a file with the same key. Throws ApiError. */
export type Fetch = (path: string) => Promise<Blob>;

/**
 * Every question of the desk; a body makes it a POST. `credential` gives the key or token of each question, null asks as
 * a stranger; `onOver` is told when the API does not take it any more.
 */
export const asking =
  (credential: (() => Promise<string>) | null, onOver?: () => void): Ask =>
  async (schema, path, body) => {
    const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
    if (credential) headers.Authorization = `Bearer ${await credential()}`;
    try {
      return await request(schema, path, {
        cache: 'no-store',
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (error instanceof ApiError && error.problem?.status === 401) onOver?.();
      throw error;
    }
  };

const FILE_TIMEOUT_MS = 120_000;

/** A file of the API, such as a recording. */
export const fetching =
  (credential: () => Promise<string>): Fetch =>
  async (path) => {
    try {
      const headers = { Authorization: `Bearer ${await credential()}` };
      const response = await fetch(path, { cache: 'no-store', headers, signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
      if (response.ok) return await response.blob();
      const problem = problemSchema.safeParse(await response.json().catch(() => null));
      throw new ApiError('failed', problem.success ? problem.data : null);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('unreachable');
    }
  };
