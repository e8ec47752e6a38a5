import asyncio
import base64
import io
import struct
import wave

import numpy as np
import pytest

from api.gateway.audio import Samples, decode, encode_raw, encode_wav, loudness, resample
from api.gateway.limits import FRAME_SAMPLES, RATE, GatewayLimits
from api.gateway.microphone import Microphone
from contracts.problems import InvalidInput

LONGEST = 10.0


def tone(hertz: float, seconds: float, rate: int = RATE, level: float = 0.5) -> Samples:
    at = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * at) * level * 32767).astype(np.int16)


def wav(content: bytes, *, rate: int = RATE, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(content)
    return file.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pitch(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * RATE / len(samples))


def test_raw_samples_are_taken_as_they_are() -> None:
    samples = tone(440, 0.1)
    assert np.array_equal(decode(b64(samples.astype("<i2").tobytes()), LONGEST), samples)


def test_a_wav_at_our_rate_is_taken_as_it_is() -> None:
    samples = tone(440, 0.1)
    assert np.array_equal(decode(b64(wav(samples.tobytes())), LONGEST), samples)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_keeps_pitch_length_and_level(rate: int) -> None:
    got = decode(b64(wav(tone(440, 1.3, rate).tobytes(), rate=rate)), LONGEST)
    assert len(got) == pytest.approx(1.3 * RATE, abs=1)
    assert pitch(got) == pytest.approx(440, abs=1)
    assert loudness(got) == pytest.approx(0.5 / 2**0.5, rel=0.02)


def test_what_our_rate_cannot_hold_is_not_folded_back() -> None:
    got = resample(tone(15_000, 1.0, 48_000), 48_000)
    assert loudness(got) < 0.001


def test_channels_are_mixed() -> None:
    left, right = tone(440, 0.1), np.zeros(RATE // 10, np.int16)
    got = decode(b64(wav(np.column_stack([left, right]).tobytes(), channels=2)), LONGEST)
    assert np.abs(got - left / 2).max() <= 1


def test_a_streamed_wav_that_declares_too_much_is_read_to_its_end() -> None:
    data = bytearray(wav(tone(440, 0.1).tobytes()))
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert len(decode(b64(bytes(data)), LONGEST)) == RATE // 10


FLOAT_WAV = wav(b"\0" * 8, width=4)[:20] + struct.pack("<H", 3) + wav(b"\0" * 8, width=4)[22:]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("not base64!", "is not base64"),
        ("AAA", "is not base64"),
        ("é", "is not base64"),
        (b64(b"\0" * 3), "half a sample"),
        (b64(b"RIFF"), "is not a WAV file"),
        (b64(b"RIFF\x04\0\0\0WAVE"), "is not a WAV file"),
        (b64(b"RIFF\x04\0\0\0AVI "), "is not a WAV file"),
        (b64(wav(b"\0" * 8)[:30]), "is not a WAV file"),
        (b64(FLOAT_WAV), "is not a WAV file"),
        (b64(wav(b"\0" * 8, width=1)), "has 8 bits per sample; allowed: 16"),
        (b64(wav(b"\0" * 12, width=3)), "has 24 bits per sample; allowed: 16"),
        (b64(wav(b"\0" * 8, rate=1000)), "has 1000 samples per second; allowed: 8000 to 96000"),
        (b64(wav(b"\0" * 8, rate=192_000)), "has 192000 samples per second"),
        (b64(wav(b"\0" * 36, channels=9)), "has 9 channels; allowed: 1 to 8"),
        (b64(wav(b"")), "holds no sound"),
        (b64(b"\x1aE\xdf\xa3" + b"\0" * 40), "is WebM"),
        (b64(b"OggS" + b"\0" * 40), "is Ogg"),
        (b64(b"fLaC" + b"\0" * 40), "is FLAC"),
        (b64(b"ID3\x04" + b"\0" * 40), "is MP3"),
        (b64(b"\0\0\0\x20ftypM4A " + b"\0" * 40), "is MP4"),
        (b64(b"\0\0" * int(RATE * LONGEST + 1)), "is too long; allowed: at most 10 seconds"),
        (b64(wav(b"\0\0" * 80_001, rate=8000)), "is too long"),
    ],
)
def test_sound_that_cannot_be_used_says_why(data: str, says: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        decode(data, LONGEST)
    assert raised.value.errors[0].field == "audio"
    assert says in raised.value.detail


def test_encoding_round_trips() -> None:
    samples = tone(440, 0.1)
    frames = [samples[:FRAME_SAMPLES], samples[FRAME_SAMPLES:]]
    assert np.array_equal(decode(encode_raw(frames), LONGEST), samples)
    assert np.array_equal(decode(encode_wav(frames), LONGEST), samples)
    assert encode_wav([]) == ""


class Room:
    """Takes frames; `enough` is set when `wanted` have come, and no more are taken."""

    def __init__(self, wanted: int) -> None:
        self.frames: list[Samples] = []
        self.wanted = wanted
        self.enough = asyncio.Event()

    async def send(self, frame: Samples) -> None:
        if len(self.frames) == self.wanted:
            self.enough.set()
            await asyncio.Event().wait()
        self.frames.append(frame)
        await asyncio.sleep(0)

    def sound(self) -> Samples:
        return np.concatenate(self.frames)


async def ran(microphone: Microphone, room: Room) -> None:
    task = asyncio.create_task(microphone.run())
    await asyncio.wait_for(room.enough.wait(), 30)
    task.cancel()


async def test_what_was_sent_is_spoken_in_order_and_followed_by_silence() -> None:
    first, second = tone(440, 0.05), tone(880, 0.03)
    room = Room(4 + 100)
    microphone = Microphone(room.send, GatewayLimits(leading=0.0, trailing=2.0))
    microphone.say(first)
    microphone.say(second)
    assert microphone.waiting == pytest.approx(0.08)
    task = asyncio.create_task(microphone.run())
    for _ in range(500):
        await asyncio.sleep(0)
    assert not room.enough.is_set(), "a closed microphone sends no more than the trailing silence"
    assert len(room.frames) == 104
    spoken = room.sound()
    assert np.array_equal(spoken[: len(first) + len(second)], np.concatenate([first, second]))
    assert not spoken[len(first) + len(second) :].any()
    assert microphone.waiting == 0
    task.cancel()


async def test_silence_goes_before_the_first_sound_alone() -> None:
    room = Room(10 + 4 + 5 + 4)
    microphone = Microphone(room.send, GatewayLimits(leading=0.2, trailing=0.1))
    microphone.say(tone(440, 0.08))
    task = asyncio.create_task(microphone.run())
    for _ in range(100):
        await asyncio.sleep(0)
    microphone.say(tone(440, 0.08))
    await asyncio.wait_for(room.enough.wait(), 30)
    task.cancel()
    loud = [bool(frame.any()) for frame in room.frames]
    assert loud[:23] == [False] * 10 + [True] * 4 + [False] * 5 + [True] * 4


async def test_an_open_microphone_goes_on_with_silence() -> None:
    room = Room(500)
    microphone = Microphone(room.send, GatewayLimits(trailing=0.1))
    microphone.keep_open(continuous=True)
    await ran(microphone, room)
    assert not room.sound().any()


async def test_an_open_microphone_collects_late_pieces_so_that_they_leave_no_gap() -> None:
    room = Room(30)
    microphone = Microphone(room.send, GatewayLimits(leading=0.0, jitter=0.1))
    microphone.keep_open(continuous=True)
    piece = np.full(RATE // 50, 7, np.int16)
    microphone.say(piece)
    task = asyncio.create_task(microphone.run())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not room.sound().any(), "one piece alone waits"
    for _ in range(4):
        microphone.say(piece)
    await asyncio.wait_for(room.enough.wait(), 30)
    task.cancel()
    loud = np.flatnonzero(room.sound())
    assert len(loud) == 5 * len(piece)
    assert loud[-1] - loud[0] + 1 == len(loud)


async def test_clearing_forgets_what_waits() -> None:
    room = Room(3)
    microphone = Microphone(room.send, GatewayLimits())
    microphone.say(np.full(RATE, 7, np.int16))
    microphone.clear()
    assert microphone.waiting == 0
    await ran(microphone, room)
    assert not room.sound().any()


def test_too_much_waiting_sound_is_refused_and_nothing_of_it_kept() -> None:
    microphone = Microphone(Room(1).send, GatewayLimits(waiting=2.0))
    microphone.say(np.zeros(RATE, np.int16))
    with pytest.raises(InvalidInput, match="audio: 1 seconds of sound are still waiting"):
        microphone.say(np.zeros(RATE + 1, np.int16))
    assert microphone.waiting == 1.0
