import { ApiError } from '@/api/client.ts';
import type { RefusalReason } from '@/features/conversation/phases.ts';

/** Why no session could be had: too many, one that may not be (a persona that is not offered, a page without a token), or nobody who answers. */
export function troubleOf(error: unknown): RefusalReason {
  const kind = error instanceof ApiError ? error.kind : null;
  if (kind === 'busy') return 'busy';
  if (error instanceof ApiError && error.problem?.status === 401) return 'refused';
  return kind === 'invalid' ? 'rejected' : 'session';
}
