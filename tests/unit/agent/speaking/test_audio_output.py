"""A pause is silence at once, by the library's own output to a room."""

from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput
from livekit.agents.voice.transcription import TranscriptSynchronizer

from agent.speaking.audio_output import pause_at_once


class Source:
    """Where sound waits to be sent."""

    def __init__(self, *_: Any, queue_size_ms: int) -> None:
        self.queued_duration = queue_size_ms / 1000

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
    session: Any = SimpleNamespace(room_io=SimpleNamespace(audio_output=in_step.audio_output))
    waits = output._audio_source.queued_duration
    assert waits > 0.1
    output.pause()
    assert output._audio_source.queued_duration == waits, "as the library has it"
    output.resume()
    pause_at_once(session)
    in_step.audio_output.pause()
    assert output._audio_source.queued_duration == 0
    assert output._source_discarded_duration == waits, "and is not counted as heard"
    assert not output._playback_enabled.is_set()
    output.resume()
    assert output._playback_enabled.is_set()
    await in_step.aclose()


async def test_a_session_without_a_room_or_a_sound_is_left_as_it_is() -> None:
    class Roomless:
        @property
        def room_io(self) -> Any:
            raise RuntimeError

    roomless: Any = Roomless()
    written: Any = SimpleNamespace(room_io=SimpleNamespace(audio_output=None))
    pause_at_once(roomless)
    pause_at_once(written)
