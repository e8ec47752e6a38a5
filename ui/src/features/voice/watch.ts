/** Polls the API's verdict on the agent, because the room alone cannot tell "not yet" from "never". */
import { type OwnSession, sessionStatus } from '@/api/client.ts';
import type { SessionStatus } from '@/api/schemas.ts';
import { pause } from '@/lib/pause.ts';

const EAGER_MS = 1_000;
const CALM_MS = 5_000;

/** Looks every second until the agent is ready, then every five; stops when `signal` aborts. */
export async function watchSession(
  own: OwnSession,
  onStatus: (status: SessionStatus) => void,
  signal: AbortSignal,
): Promise<void> {
  let ready = false;
  while (!signal.aborted) {
    try {
      const status = await sessionStatus(own, signal);
      if (signal.aborted) return;
      ready = status.verdict === 'ready';
      onStatus(status);
    } catch {
      // The room itself still works without the API; the next look may succeed.
    }
    await pause(ready ? CALM_MS : EAGER_MS, signal);
  }
}
