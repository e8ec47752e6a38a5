import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Live } from '@/features/conversation/phases.ts';
import { microphoneOf } from '@/features/conversation/selectors.ts';
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
    expect(store.state().call).toMatchObject({ phase: 'ended', reason: 'left' });
  });

  it('by the network is said', async () => {
    await start();
    room.emit('disconnected', 14);
    expect(store.state().call).toMatchObject({ phase: 'ended', reason: 'lost' });
  });

  it('after a goodbye is no fault', async () => {
    await start();
    room.agent('listening');
    await room.stream('polyglot.notice', [
      JSON.stringify({ version: 1, kind: 'goodbye', language: 'en', text: 'Goodbye.' }),
    ]);
    // Nobody is there any more to read what is typed now.
    await call.send('to Rome');
    expect([room.sent, store.state().entries.at(-1)?.delivery]).toEqual([[], 'failed']);
    room.emit('disconnected', 5);
    expect(store.state().call).toMatchObject({ phase: 'ended', reason: 'goodbye' });
  });

  it('stops asking the API', async () => {
    vi.useFakeTimers();
    await start();
    await call.end();
    const asked = vi.mocked(fetch).mock.calls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(vi.mocked(fetch).mock.calls.length).toBe(asked);
  });
});

describe('a microphone that goes away in the middle', () => {
  const gone = { source: 'microphone' };
  const local = { isLocal: true };

  it('is said, and is taken again when another one is there', async () => {
    await start();
    await vi.waitFor(() => expect(microphoneOf(store.state())).toMatchObject({ is: 'on' }), { timeout: 20_000 });
    room.emit('trackMuted', gone, { isLocal: false });
    room.emit('trackMuted', { source: 'screen_share' }, local);
    expect(microphoneOf(store.state())).toMatchObject({ is: 'on' });
    // As the library does when a device is unplugged, or its permission is taken back.
    room.emit('trackMuted', gone, local);
    expect(microphoneOf(store.state())).toEqual({ is: 'failed' });
    room.emit('mediaDevicesChanged');
    await vi.waitFor(() => expect(microphoneOf(store.state())).toMatchObject({ is: 'on' }), { timeout: 20_000 });
  });

  it('that cannot be opened again says why', async () => {
    await start();
    await vi.waitFor(() => expect(microphoneOf(store.state())).toMatchObject({ is: 'on' }), { timeout: 20_000 });
    room.emit('trackMuted', gone, local);
    room.microphoneError = Object.assign(new Error('x'), { name: 'NotAllowedError' });
    await call.setMuted(false);
    expect(microphoneOf(store.state())).toEqual({ is: 'denied' });
    room.microphoneError = null;
    // The library itself has it back, as when the permission is given again.
    room.emit('trackUnmuted', gone, local);
    expect(microphoneOf(store.state())).toMatchObject({ is: 'on' });
  });

  it('that the user has muted is muted, and no device that has come changes that', async () => {
    await start();
    await vi.waitFor(() => expect(microphoneOf(store.state())).toMatchObject({ is: 'on' }), { timeout: 20_000 });
    await call.setMuted(true);
    room.emit('trackMuted', gone, local);
    room.emit('mediaDevicesChanged');
    expect(microphoneOf(store.state())).toEqual({ is: 'muted' });
  });
});

it('a late answer of the call before changes nothing in the call now', async () => {
  let allow = (): void => undefined;
  room.permission = new Promise((resolve) => {
    allow = resolve;
  });
  await start();
  await call.end();
  const second = new FakeRoom();
  const now = new Call(store, second.asRoom());
  await now.start({ language: 'auto', locale: 'en-GB', storeTurns: false });
  await vi.waitFor(() => expect(microphoneOf(store.state())).toMatchObject({ is: 'on' }), { timeout: 20_000 });
  room.microphoneError = Object.assign(new Error('engine not connected within timeout'), { name: 'Error' });
  allow();
  room.emit('disconnected', 14);
  room.emit('connectionQualityChanged', 'lost', { isLocal: true });
  await new Promise((resolve) => setTimeout(resolve));
  expect([room.microphone, second.microphone]).toEqual([null, true]);
  expect(store.state().call).toMatchObject({ phase: 'live', id: 2, connection: 'good', microphone: { is: 'on' } });
  await now.end();
});

describe('a weak connection', () => {
  afterEach(() => vi.useRealTimers());

  it('is said as the library measures it, of our own side alone', async () => {
    await start();
    room.emit('connectionQualityChanged', 'poor', { isLocal: false });
    expect((store.state().call as Live).connection).toBe('good');
    room.emit('connectionQualityChanged', 'poor', { isLocal: true });
    expect((store.state().call as Live).connection).toBe('weak');
    room.emit('connectionQualityChanged', 'good', { isLocal: true });
    expect((store.state().call as Live).connection).toBe('good');
  });

  it('is said when nothing comes any more, until something does', async () => {
    vi.useFakeTimers();
    await start();
    room.agent('listening');
    await vi.advanceTimersByTimeAsync(8_000);
    expect((store.state().call as Live).connection).toBe('silent');
    room.emit('connectionQualityChanged', 'excellent', { isLocal: true });
    expect((store.state().call as Live).connection).toBe('silent');
    room.bytes += 100;
    await vi.advanceTimersByTimeAsync(1_000);
    expect((store.state().call as Live).connection).toBe('good');
  });
});
