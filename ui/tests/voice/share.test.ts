import { EventEmitter } from 'node:events';
import { type Room, Track } from 'livekit-client';
import { expect, it } from 'vitest';
import { reduce } from '@/features/conversation/state.ts';
import { consentOf } from '@/features/voice/consent.ts';
import { followRoom, shareScreen } from '@/features/voice/share.ts';
import { stateAfter } from '@/gallery/states.ts';
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

function followed() {
  const room = new FakeRoom();
  const live = stateAfter(
    { type: 'started', language: 'auto' },
    { type: 'session', pipeline: 'realtime' },
    { type: 'connected' },
  );
  const store = createStore(reduce, live);
  followRoom(room as unknown as Room, (told) => store.dispatch({ ...told, call: 1 }));
  const told = () => store.state().call;
  return { room, store, told, asRoom: room as unknown as Room };
}

it('shows that the call is recorded as the room itself says, also after a lost connection', () => {
  const { room, store, told } = followed();
  room.emit('connected');
  expect(told()).toMatchObject({ recording: false });
  room.isRecording = true;
  room.emit('recordingStatusChanged', true);
  expect(told()).toMatchObject({ recording: true });
  room.isRecording = false;
  room.emit('reconnected');
  expect(told()).toMatchObject({ recording: false });
  room.isRecording = true;
  room.emit('recordingStatusChanged', true);
  store.dispatch({ type: 'ended', reason: 'left', call: 1 });
  expect(told()).not.toHaveProperty('recording');
});

it('knows that the screen is shared from its track, not from the button', () => {
  const { room, told } = followed();
  room.emit('localTrackPublished', { source: Track.Source.Microphone });
  expect(told()).toMatchObject({ sharing: false });
  room.emit('localTrackPublished', { source: Track.Source.ScreenShare });
  expect(told()).toMatchObject({ sharing: true });
  room.emit('localTrackUnpublished', { source: Track.Source.Microphone });
  expect(told()).toMatchObject({ sharing: true });
  // As when the browser's own button ends it.
  room.emit('localTrackUnpublished', { source: Track.Source.ScreenShare });
  expect(told()).toMatchObject({ sharing: false });
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
