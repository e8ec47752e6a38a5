import { EventEmitter } from 'node:events';
import { type Room, Track } from 'livekit-client';
import { expect, it } from 'vitest';
import { initialState, reduce, type State } from '@/features/conversation/state.ts';
import { consentOf } from '@/features/voice/consent.ts';
import { followRoom, shareScreen } from '@/features/voice/share.ts';
import { createStore } from '@/lib/store.ts';

class FakeRoom extends EventEmitter {
  isRecording = false;
  asked: [boolean, unknown][] = [];
  refuses = false;
  localParticipant = {
    setScreenShareEnabled: async (on: boolean, options?: unknown) => {
      this.asked.push([on, options]);
      if (this.refuses) throw new DOMException('', 'NotAllowedError');
    },
  };
}

function followed(phase: State['phase'] = 'live') {
  const room = new FakeRoom();
  const store = createStore(reduce, { ...initialState, phase });
  followRoom(room as unknown as Room, store.dispatch);
  return { room, store, asRoom: room as unknown as Room };
}

it('shows that the call is recorded as the room itself says, also after a lost connection', () => {
  const { room, store } = followed();
  room.emit('connected');
  expect(store.state().recording).toBe(false);
  room.isRecording = true;
  room.emit('recordingStatusChanged', true);
  expect(store.state().recording).toBe(true);
  room.isRecording = false;
  room.emit('reconnected');
  expect(store.state().recording).toBe(false);
  room.isRecording = true;
  room.emit('recordingStatusChanged', true);
  store.dispatch({ type: 'ended' });
  expect(store.state().recording).toBe(false);
});

it('knows that the screen is shared from its track, not from the button', () => {
  const { room, store } = followed();
  room.emit('localTrackPublished', { source: Track.Source.Microphone });
  expect(store.state().sharing).toBe(false);
  room.emit('localTrackPublished', { source: Track.Source.ScreenShare });
  expect(store.state().sharing).toBe(true);
  room.emit('localTrackUnpublished', { source: Track.Source.Microphone });
  expect(store.state().sharing).toBe(true);
  // As when the browser's own button ends it.
  room.emit('localTrackUnpublished', { source: Track.Source.ScreenShare });
  expect(store.state().sharing).toBe(false);
});

it('shares pictures without sound, few and small, and forgives who chooses none', async () => {
  const { room, asRoom } = followed();
  await shareScreen(asRoom, true);
  expect(room.asked[0]).toMatchObject([true, { audio: false, resolution: { width: 1280, frameRate: 5 } }]);
  room.refuses = true;
  await expect(shareScreen(asRoom, true)).resolves.toBeUndefined();
  await shareScreen(asRoom, false);
  expect(room.asked.at(-1)).toEqual([false, undefined]);
});

it('tells of a consent to a recording only where it was given', () => {
  const options = { language: 'auto', locale: 'es-ES', storeTurns: true };
  expect(consentOf(options)).toMatchObject({ store_turns: true, record: false, language: 'es-ES' });
  expect(consentOf({ ...options, record: true })).toMatchObject({ record: true });
});
