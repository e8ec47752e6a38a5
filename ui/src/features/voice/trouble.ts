import { ApiError } from '@/api/client.ts';
import type { Trouble } from '@/features/conversation/state.ts';

/** Why no session could be had: too many, one that may not be (a persona that is not offered), or nobody who answers. */
export function troubleOf(error: unknown): Trouble {
  const kind = error instanceof ApiError ? error.kind : null;
  if (kind === 'busy') return 'busy';
  return kind === 'invalid' ? 'rejected' : 'session';
}
