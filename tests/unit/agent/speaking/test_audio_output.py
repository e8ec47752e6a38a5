"""A pause is silence at once, and what is ended in a pause stays silent, by the library's own output to a room."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput
from livekit.agents.voice.transcription import TranscriptSynchronizer

from agent.speaking.audio_output import silent_at_once


class Source:
    """Where sound waits to be sent."""

    def __init__(self, *_: Any, queue_size_ms: int) -> None:
        self.queued_duration = queue_size_ms / 1000
        self.sent: list[rtc.AudioFrame] = []

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        self.sent.append(frame)

    def clear_queue(self) -> None:
        self.queued_duration = 0.0


@pytest.fixture
async def output(monkeypatch: pytest.MonkeyPatch) -> _ParticipantAudioOutput:
    monkeypatch.setattr(rtc, "AudioSource", Source)
    room: Any = None
    return _ParticipantAudioOutput(
        room, sample_rate=24_000, num_channels=1, track_publish_options=rtc.TrackPublishOptions()
    )


async def test_what_waits_to_be_sent_is_taken_back_by_a_pause(output: _ParticipantAudioOutput) -> None:
    text: Any = None
    # As a room has it: words keep step with the sound.
    in_step = TranscriptSynchronizer(next_in_chain_audio=output, next_in_chain_text=text)
    session: Any = SimpleNamespace(room_io=SimpleNamespace(audio_output=in_step.audio_output), current_speech=None)
    waits = output._audio_source.queued_duration
    assert waits > 0.1
    output.pause()
    assert output._audio_source.queued_duration == waits, "as the library has it"
    output.resume()
    silent_at_once(session)
    in_step.audio_output.pause()
    assert output._audio_source.queued_duration == 0
    assert output._source_discarded_duration == waits, "and is not counted as heard"
    assert not output._playback_enabled.is_set()
    output.resume()
    assert output._playback_enabled.is_set()
    await in_step.aclose()


@pytest.mark.parametrize("interrupted", [True, False])
async def test_of_a_speech_that_was_ended_in_a_pause_nothing_more_is_heard(
    output: _ParticipantAudioOutput, *, interrupted: bool
) -> None:
    speech = SimpleNamespace(interrupted=False)
    session: Any = SimpleNamespace(room_io=SimpleNamespace(audio_output=output), current_speech=speech)
    source: Any = output._audio_source
    silent_at_once(session)
    output._subscribed_fut.set_result(None)
    forwarding = asyncio.create_task(output._forward_audio())
    try:
        output.pause()
        # A clip whose last piece is shorter than what is sent at once.
        await output.capture_frame(rtc.AudioFrame.create(24_000, 1, 24_000 // 20 * 3 + 700))
        await _idle()
        speech.interrupted = interrupted
        # The order of the library where a stop comes in a pause: on again, and the speech's own task clears later.
        output.resume()
        await _idle()
        output.flush()
        output.clear_buffer()
        await _idle()
        assert [frame.samples_per_channel for frame in source.sent] == ([] if interrupted else [1200, 1200, 1200])
        # What is said next is heard, from its first sound on.
        speech.interrupted = False
        source.sent.clear()
        await output.capture_frame(rtc.AudioFrame.create(24_000, 1, 1200))
        await _idle()
        assert [frame.samples_per_channel for frame in source.sent] == [1200]
    finally:
        forwarding.cancel()
        if output._bstream_flush_timer:
            output._bstream_flush_timer.cancel()


async def _idle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_session_without_a_room_or_a_sound_is_left_as_it_is() -> None:
    class Roomless:
        @property
        def room_io(self) -> Any:
            raise RuntimeError

    roomless: Any = Roomless()
    written: Any = SimpleNamespace(room_io=SimpleNamespace(audio_output=None))
    silent_at_once(roomless)
    silent_at_once(written)
