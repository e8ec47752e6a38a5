/** The traveller's screen in a call, and whether the call is recorded: both as the room itself says. */
import { type LocalTrackPublication, type Room, RoomEvent, Track } from 'livekit-client';
import type { Told } from '@/features/conversation/state.ts';

/** Enough to read what is written on it, and few pictures: the assistant looks once a turn. */
const SCREEN = { width: 1280, height: 720, frameRate: 5 };

/** Keeps the state with what the room says. */
export function followRoom(room: Room, dispatch: (told: Told) => void): void {
  const recording = (): void => dispatch({ type: 'recording', on: room.isRecording });
  const sharing = (on: boolean) => (publication: LocalTrackPublication) => {
    if (publication.source === Track.Source.ScreenShare) dispatch({ type: 'sharing', on });
  };
  room
    .on(RoomEvent.Connected, recording)
    .on(RoomEvent.Reconnected, recording)
    .on(RoomEvent.RecordingStatusChanged, recording)
    .on(RoomEvent.LocalTrackPublished, sharing(true))
    .on(RoomEvent.LocalTrackUnpublished, sharing(false));
}

/** Shows the screen, a window or a tab, as the browser lets one choose; who chooses none shows none. */
export async function shareScreen(room: Room, on: boolean): Promise<void> {
  const options = { audio: false, resolution: SCREEN, contentHint: 'detail' } as const;
  await room.localParticipant.setScreenShareEnabled(on, on ? options : undefined).catch(() => undefined);
}
