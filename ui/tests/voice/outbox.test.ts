import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { statusOf } from '@/features/conversation/selectors.ts';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import { Call } from '@/features/voice/call.ts';
import { createStore, type Store } from '@/lib/store.ts';
import { FakeRoom } from './fake-room.ts';
import { stubApi } from './stub-api.ts';

let room: FakeRoom;
let store: Store<State, Action>;
let call: Call;

beforeEach(async () => {
  vi.useFakeTimers();
  room = new FakeRoom();
  store = createStore(reduce, initialState);
  call = new Call(store, room.asRoom());
  stubApi();
  await call.start({ language: 'auto', locale: 'en-GB', storeTurns: false });
  room.agent('listening');
});

afterEach(async () => {
  await call.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const deliveries = () => store.state().entries.map(({ text, delivery }) => [text, delivery]);
const sent = () => room.sent.map(({ text }) => text);

/** The browser's word about the network, which the page hears before the call does. */
function network(there: boolean): void {
  store.dispatch({ type: 'offline', offline: !there });
  window.dispatchEvent(new Event(there ? 'online' : 'offline'));
}

describe('what is typed while it cannot arrive', () => {
  it('offline: waits for the network, in its order', async () => {
    network(false);
    expect(statusOf(store.state())).toBe('offline');
    await call.send('to Rome');
    await call.send('no, to Paris');
    expect(sent()).toEqual([]);
    expect(deliveries()).toEqual([
      ['to Rome', 'queued'],
      ['no, to Paris', 'queued'],
    ]);
    network(true);
    expect(sent()).toEqual(['to Rome', 'no, to Paris']);
    expect(deliveries()).toEqual([
      ['to Rome', 'sent'],
      ['no, to Paris', 'sent'],
    ]);
  });

  it('reconnecting: waits for the room', async () => {
    room.emit('signalReconnecting');
    await call.send('to Rome');
    network(true);
    expect([sent(), deliveries()]).toEqual([[], [['to Rome', 'queued']]]);
    room.emit('reconnected');
    expect([sent(), deliveries()]).toEqual([['to Rome'], [['to Rome', 'sent']]]);
  });

  it('a room of which nothing comes: waits until something does', async () => {
    await vi.advanceTimersByTimeAsync(8_000);
    expect(statusOf(store.state())).toBe('offline');
    await call.send('to Rome');
    expect(sent()).toEqual([]);
    room.bytes += 100;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([sent(), deliveries()]).toEqual([['to Rome'], [['to Rome', 'sent']]]);
  });

  it('a file is said not to have arrived', async () => {
    network(false);
    await call.sendFile(new File(['x'], 'ticket.png', { type: 'image/png' }), 'ticket.png');
    expect([room.localParticipant.files, deliveries()]).toEqual([[], [['ticket.png', 'failed']]]);
  });
});

describe('an agent that has died, and is in the room until the media server notices', () => {
  /** The room lives, and nothing more comes of the agent's voice. */
  async function dies(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      room.bytes += 100;
      await vi.advanceTimersByTimeAsync(1_000);
    }
  }

  it('is not said to listen, and what is typed waits for the next one', async () => {
    room.packets = 5;
    await dies(5);
    expect(statusOf(store.state())).toBe('silent');
    await call.send('to Rome');
    expect([sent(), deliveries()]).toEqual([[], [['to Rome', 'queued']]]);
    room.agentLeaves();
    expect(statusOf(store.state())).toBe('returning');
    room.agent('listening', 'en', 'agent-2');
    expect([sent(), deliveries()]).toEqual([['to Rome'], [['to Rome', 'sent']]]);
  });

  it('was only unheard for a while: goes on as it was', async () => {
    room.packets = 5;
    await dies(5);
    await call.send('to Rome');
    room.packets += 9;
    await dies(1);
    expect(statusOf(store.state())).toBe('listening');
    expect([sent(), deliveries()]).toEqual([['to Rome'], [['to Rome', 'sent']]]);
  });

  it('what it was sent and never read goes to the next one, once', async () => {
    await call.send('to Rome');
    await call.send('tomorrow');
    room.agentLeaves();
    expect(deliveries()).toEqual([
      ['to Rome', 'queued'],
      ['tomorrow', 'queued'],
    ]);
    room.agent('listening', 'en', 'agent-2');
    room.agent('thinking', 'en', 'agent-2');
    room.agentLeaves('agent-2');
    room.agent('listening', 'en', 'agent-3');
    expect(sent()).toEqual(['to Rome', 'tomorrow', 'to Rome', 'tomorrow']);
  });

  it('what it has read is not said to the next one again', async () => {
    await call.send('to Rome');
    room.agent('thinking');
    room.agentLeaves();
    room.agent('listening', 'en', 'agent-2');
    expect([sent(), deliveries()]).toEqual([['to Rome'], [['to Rome', 'sent']]]);
    // Nor what it must have read, because it was there long after.
    await call.send('thank you');
    await vi.advanceTimersByTimeAsync(40_000);
    room.agentLeaves('agent-2');
    room.agent('listening', 'en', 'agent-3');
    expect(sent()).toEqual(['to Rome', 'thank you']);
  });

  it('what a person has read instead of it is not said again', async () => {
    room.remoteParticipants.set('operator-x', { identity: 'operator-x', kind: 0, attributes: {} });
    await call.send('to Rome');
    room.agentLeaves();
    room.agent('listening', 'en', 'agent-2');
    expect(sent()).toEqual(['to Rome']);
  });

  it('what nobody comes for is said not to have arrived', async () => {
    room.agentLeaves();
    await call.send('to Rome');
    room.emit('disconnected', 14);
    expect(deliveries()).toEqual([['to Rome', 'failed']]);
  });
});
