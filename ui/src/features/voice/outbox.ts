/**
 * Typed words on their way to the assistant. They wait while nobody can read them, and go out again where the agent that
 * they were sent to is gone without a sign of having read them: who has died stays in the room for a while.
 */
import type { Room } from 'livekit-client';
import type { State, Told } from '@/features/conversation/state.ts';
import { OPERATOR_PREFIX, TOPIC_CHAT } from './names.ts';

type Way = {
  out: { dispatch: (action: { type: 'delivery'; id: string; delivery: Delivery }) => void; state: () => State };
  room: Room;
  /** Tells what happens in this call. */
  tell: (told: Told) => void;
  /** Whether somebody reads what is sent now. */
  ready: () => boolean;
};
type Delivery = 'queued' | 'sent' | 'failed';

/** So long the media server takes at most to notice that somebody has died; who is there after it has read the words. */
const NOTICED_MS = 30_000;

export class Outbox {
  readonly #way: Way;
  #count = 0;
  /** Sent, and no sign yet that they were read: when. */
  readonly #unread = new Map<string, number>();

  constructor(way: Way) {
    this.#way = way;
  }

  /** Sends words, or keeps them until somebody is there to read them. */
  async send(text: string): Promise<void> {
    const id = `typed-${++this.#count}-${Date.now()}`;
    const { phase } = this.#way.out.state().call;
    const delivery = this.#way.ready() ? 'sent' : phase === 'ending' ? 'failed' : 'queued';
    this.#way.tell({ type: 'typed', id, text, delivery, at: Date.now() });
    if (delivery === 'sent') await this.#deliver(id, text);
  }

  /** Sends what has waited, in its order. */
  flush(): void {
    const { entries, call: now } = this.#way.out.state();
    const waiting = entries.filter(({ call, delivery }) => 'id' in now && call === now.id && delivery === 'queued');
    for (const { id, text } of waiting) {
      this.#delivery(id, 'sent');
      void this.#deliver(id, text);
    }
  }

  /** A sign of the agent: it has read what was sent. */
  read(): void {
    this.#unread.clear();
  }

  /** The agent is gone: what it gave no sign of waits for the next one. */
  takeBack(): void {
    const since = Date.now() - NOTICED_MS;
    for (const [id, at] of this.#unread) if (at >= since) this.#delivery(id, 'queued');
    this.#unread.clear();
  }

  #delivery(id: string, delivery: Delivery): void {
    this.#way.out.dispatch({ type: 'delivery', id, delivery });
  }

  async #deliver(id: string, text: string): Promise<void> {
    const { localParticipant, remoteParticipants } = this.#way.room;
    // A person reads it, and the agent gives no sign.
    const helped = [...remoteParticipants.values()].some(({ identity }) => identity.startsWith(OPERATOR_PREFIX));
    if (!helped) this.#unread.set(id, Date.now());
    try {
      await localParticipant.sendText(text, { topic: TOPIC_CHAT });
    } catch {
      this.#unread.delete(id);
      this.#delivery(id, 'failed');
    }
  }
}
