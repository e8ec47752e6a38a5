import numpy as np
import pytest

from emulator.audio import OUTPUT_RATE
from emulator.errors import ApiError
from emulator.realtime.config import TurnDetection
from emulator.realtime.listening import InputBuffer

LOUD = (6000 * np.sin(np.arange(OUTPUT_RATE) / 20)).astype(np.int16)
QUIET = np.zeros(OUTPUT_RATE, np.int16)


def test_a_turn_has_its_padding_before_and_its_silence_after() -> None:
    buffer = InputBuffer(TurnDetection(prefix_padding_ms=200, silence_duration_ms=400))
    edges = [edge for part in (QUIET, LOUD, QUIET) for edge in buffer.append(part.tobytes())]
    turn = buffer.cut(edges[-1])
    assert turn.seconds == pytest.approx(0.2 + 1.0 + 0.4, abs=0.05)
    assert np.abs(turn.samples[: OUTPUT_RATE // 10]).max() == 0


def test_without_turn_detection_a_commit_takes_everything() -> None:
    buffer = InputBuffer(None)
    assert buffer.append(LOUD.tobytes()) == []
    assert buffer.append(QUIET.tobytes()) == []
    assert buffer.take().seconds == 2
    with pytest.raises(ApiError) as refused:
        buffer.take()
    assert refused.value.code == "input_audio_buffer_commit_empty"


def test_half_a_sample_waits_for_its_other_half() -> None:
    buffer = InputBuffer(None)
    data = LOUD.tobytes()
    for start in range(0, len(data), 999):
        buffer.append(data[start : start + 999])
    assert np.array_equal(buffer.take().samples, LOUD)


def test_long_silence_is_not_kept() -> None:
    buffer = InputBuffer(TurnDetection())
    for _ in range(40):
        buffer.append(QUIET.tobytes())
    assert buffer.take().seconds <= 15


def test_cleared_audio_is_gone() -> None:
    buffer = InputBuffer(None)
    buffer.append(LOUD.tobytes())
    buffer.clear()
    with pytest.raises(ApiError):
        buffer.take()
