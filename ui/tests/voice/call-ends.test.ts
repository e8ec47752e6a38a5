import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Action, initialState, reduce, type State } from '@/features/conversation/state.ts';
import { Call } from '@/features/voice/call.ts';
import { createStore, type Store } from '@/lib/store.ts';
import { FakeRoom } from './fake-room.ts';
import { stubApi } from './stub-api.ts';

let room: FakeRoom;
let store: Store<State, Action>;
let call: Call;

beforeEach(() => {
  room = new FakeRoom();
  store = createStore(reduce, initialState);
  call = new Call(store, room.asRoom());
  stubApi();
});

afterEach(async () => {
  await call.end();
  vi.unstubAllGlobals();
});

const start = (): Promise<void> => call.start({ language: 'auto', locale: 'en-GB', storeTurns: false });

describe('the end', () => {
  it('by the user leaves quietly', async () => {
    await start();
    await call.end();
    expect(store.state()).toMatchObject({ phase: 'ended', trouble: null });
  });

  it('by the network is said', async () => {
    await start();
    room.emit('disconnected', 14);
    expect(store.state()).toMatchObject({ phase: 'ended', trouble: 'lost' });
  });

  it('after a goodbye is no fault', async () => {
    await start();
    room.agent('listening');
    await room.stream('polyglot.notice', [
      JSON.stringify({ version: 1, kind: 'goodbye', language: 'en', text: 'Goodbye.' }),
    ]);
    room.emit('disconnected', 5);
    expect(store.state()).toMatchObject({ phase: 'ended', trouble: null });
  });

  it('stops asking the API', async () => {
    await start();
    await call.end();
    const asked = vi.mocked(fetch).mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(vi.mocked(fetch).mock.calls.length).toBe(asked);
  });
});

describe('a weak connection', () => {
  afterEach(() => vi.useRealTimers());

  it('is said as the library measures it, of our own side alone', async () => {
    await start();
    room.emit('connectionQualityChanged', 'poor', { isLocal: false });
    expect(store.state().unstable).toBe(false);
    room.emit('connectionQualityChanged', 'poor', { isLocal: true });
    expect(store.state().unstable).toBe(true);
    room.emit('connectionQualityChanged', 'good', { isLocal: true });
    expect(store.state().unstable).toBe(false);
  });

  it('is said when nothing comes any more, until something does', async () => {
    vi.useFakeTimers();
    await start();
    room.agent('listening');
    await vi.advanceTimersByTimeAsync(8_000);
    expect(store.state().unstable).toBe(true);
    room.emit('connectionQualityChanged', 'excellent', { isLocal: true });
    expect(store.state().unstable).toBe(true);
    room.bytes += 100;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.state().unstable).toBe(false);
  });
});
