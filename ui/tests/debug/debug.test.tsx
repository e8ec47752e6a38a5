import { act, render, screen } from '@testing-library/react';
import type { Room } from 'livekit-client';
import { RoomEvent } from 'livekit-client';
import { expect, it } from 'vitest';
import { initialState, reduce } from '@/features/conversation/state.ts';
import { Drawer } from '@/features/debug/Drawer.tsx';
import { EVENTS, eventWords, roundTripOf } from '@/features/debug/facts.ts';
import { createStore } from '@/lib/store.ts';
import { FakeRoom } from '../voice/fake-room.ts';

it('its events are livekit’s', () => {
  expect(Object.values(RoomEvent)).toEqual(expect.arrayContaining([...EVENTS]));
});

it('what changes, what happens in the room and what the agent is asked are told, and nothing that was said', async () => {
  const store = createStore(reduce, initialState);
  const room = new FakeRoom();
  const before = room.localParticipant.performRpc;
  const { unmount } = render(<Drawer store={store} room={room as unknown as Room} />);
  const ask = (): Promise<string> =>
    room.localParticipant.performRpc({ method: 'polyglot.stop', payload: 'Planted', destinationIdentity: 'agent-1' });
  await act(async () => {
    store.dispatch({ type: 'started', language: 'auto' });
    store.dispatch({ type: 'session', pipeline: 'text', receipt: 'Planted', call: 1 });
    store.dispatch({ type: 'speech', id: 's', side: 'user', text: 'Planted', final: true, at: 0, call: 1 });
    room.emit('connectionQualityChanged', 'poor', { identity: 'Planted' });
    room.emit('participantAttributesChanged', { 'lk.agent.state': 'Planted' }, {});
    room.emit('dataReceived', new Uint8Array(), undefined, 0, 'polyglot.screen');
    await ask();
    room.rpc = async () => {
      throw new TypeError('Planted');
    };
    await ask().catch(() => undefined);
  });
  const told = screen.getByLabelText('Debug').textContent ?? '';
  expect(told).toContain('phase: ');
  expect(told).toContain('event connectionQualityChanged poor');
  expect(told).toContain('event participantAttributesChanged lk.agent.state');
  expect(told).toContain('event dataReceived polyglot.screen');
  expect(told).toMatch(/rpc polyglot\.stop \d+ ms/);
  expect(told).toMatch(/rpc polyglot\.stop \d+ ms failed: TypeError/);
  expect(told).not.toContain('Planted');
  unmount();
  expect(room.localParticipant.performRpc).toBe(before);
  expect(room.listenerCount('dataReceived')).toBe(0);
});

it('the round trip is WebRTC’s own, and unknown without', async () => {
  const room = (stats: object[]): Room => {
    const track = { getRTCStatsReport: async () => new Map(stats.map((one, index) => [String(index), one])) };
    return {
      localParticipant: { trackPublications: new Map([['m', { track }]]) },
      remoteParticipants: new Map(),
    } as unknown as Room;
  };
  const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.0423 };
  expect(await roundTripOf(room([{ type: 'codec' }, pair]))).toBe(42);
  expect(await roundTripOf(room([{ ...pair, nominated: false }]))).toBeNull();
  expect(eventWords('mediaDevicesError', [new DOMException('x', 'NotAllowedError')])).toBe(
    'mediaDevicesError NotAllowedError',
  );
});
