"""The assistant's own voice is known again by its sound, through a loudspeaker and a room; nobody else's is."""

import numpy as np
import pytest
from livekit import rtc

from agent.hearing.own_sound import SENT_KEPT, OwnSound, likeness
from agent.hearing.transcript_filter import TranscriptFilter
from cli.traveller.library import RATE, Samples, clip_of
from contracts.languages import LANGUAGES
from tools.turns.rig import in_a_room

NOISE = np.random.default_rng(5)


def frames(samples: Samples, rate: int = RATE) -> list[rtc.AudioFrame]:
    step = rate // 50
    whole = samples[: samples.size // step * step].reshape(-1, step)
    return [rtc.AudioFrame(part.astype(np.int16).tobytes(), rate, 1, step) for part in whole]


class World:
    """A call whose time is set by hand."""

    def __init__(self) -> None:
        self.now = 50.0
        self.sound = OwnSound(lambda: self.now)

    def says(self, samples: Samples, rate: int = RATE) -> None:
        """All at once, as voices give it."""
        sent = self.sound.speech()
        for frame in frames(samples, rate):
            sent(frame)

    def hears(self, samples: Samples) -> None:
        """As it comes."""
        noisy = (samples + NOISE.normal(0, 30, samples.size)).clip(-32768, 32767).astype(np.int16)
        for frame in frames(noisy):
            self.now += frame.duration
            self.sound.heard(frame)


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_a_second_of_its_own_voice_is_known_again(language: str) -> None:
    world, line = World(), clip_of(language, "echo", 1).samples
    world.says(line)
    world.hears(in_a_room(line[: RATE * 7 // 10]))
    assert world.sound.comes_back()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["stop", "command"])
def test_another_voice_is_not_its_own(language: str, kind: str) -> None:
    world = World()
    world.says(clip_of(language, "echo", 1).samples)
    world.hears(in_a_room(clip_of(language, kind, 2).samples))
    assert not world.sound.comes_back()


def test_other_words_of_the_same_voice_are_no_echo() -> None:
    world, line = World(), clip_of("en", "echo", 1).samples
    world.says(line[: line.size // 2])
    world.hears(in_a_room(line[line.size // 2 :]))
    assert not world.sound.comes_back()


def test_what_is_played_late_after_a_pause_is_known_and_what_was_played_long_ago_is_not() -> None:
    line = clip_of("en", "echo", 1).samples
    for late, known in ((6.0, True), (30.0, False)):
        world = World()
        world.says(line)
        world.now += late
        world.hears(in_a_room(line[: RATE // 2]))
        assert world.sound.comes_back() is known


def test_a_long_answer_that_was_given_at_once_is_looked_for_where_it_is_played() -> None:
    world, line = World(), clip_of("en", "echo", 1).samples
    quiet = np.zeros(20 * RATE, np.int16)
    world.says(np.concatenate([line, quiet, clip_of("en", "echo", 3).samples]))
    world.hears(in_a_room(line[: RATE // 2]))
    assert world.sound.comes_back()
    world.now = 75.0
    world.hears(in_a_room(clip_of("en", "echo", 3).samples[:RATE]))
    assert world.sound.comes_back()


def test_a_sound_of_another_rate_is_known_too() -> None:
    world, line = World(), clip_of("en", "echo", 1).samples
    world.says(line[::3], RATE // 3)
    world.hears(in_a_room(line[: RATE * 7 // 10]))
    assert world.sound.comes_back()


def test_nothing_is_like_nothing() -> None:
    world = World()
    assert not world.sound.comes_back()
    world.hears(clip_of("en", "stop", 1).samples)
    assert not world.sound.comes_back(), "nothing was sent"
    world.says(np.zeros(RATE, np.int16))
    assert not world.sound.comes_back(), "silence was sent"
    assert likeness(np.zeros(400), np.ones(4000)) == 0


def test_what_is_kept_has_an_end() -> None:
    world = World()
    for _ in range(4):
        world.says(np.zeros(30 * RATE, np.int16))
        world.now += 30
    assert sum(frame.duration for _, frame in world.sound._sent) <= SENT_KEPT + 30
    world.hears(np.zeros(10 * RATE, np.int16))
    assert sum(frame.duration for _, frame in world.sound._heard) <= 3.1


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "like to fly?"), ("pt", "Para onde"), ("zh", "您好"), ("ja", "こんにちは"), ("de", "Hallo")],
)
def test_a_word_or_two_are_an_echo_where_they_sound_like_one(language: str, text: str) -> None:
    for loudspeaker in (True, False):
        world, line = World(), clip_of(language, "echo", 1)
        filtered = TranscriptFilter()
        filtered.sound = world.sound
        filtered.says(line.text)
        world.says(line.samples)
        said = line.samples[:RATE] if loudspeaker else clip_of(language, "question", 1).samples[:RATE]
        world.hears(in_a_room(said))
        # Who has a headset and says what the assistant says is somebody who speaks.
        assert filtered.holds_back(text, speaking=True) is loudspeaker
        assert filtered.echoes is loudspeaker
        assert not filtered.holds_back("And to Rome?", speaking=True), "spoken over the echo"


def test_a_second_speech_follows_the_first_and_each_frame_the_one_before() -> None:
    world = World()
    for _ in range(2):
        world.says(np.zeros(RATE, np.int16))
        world.now += 5.0
    began = [at for at, _ in world.sound._sent]
    assert began[:50] == pytest.approx([50.0 + number * 0.02 for number in range(50)])
    assert began[50:] == pytest.approx([55.0 + number * 0.02 for number in range(50)])


def test_what_is_given_slower_than_it_is_played_is_played_when_it_comes() -> None:
    world = World()
    sent = world.sound.speech()
    for frame in frames(np.zeros(RATE // 10, np.int16)):
        sent(frame)
        world.now += 1.0
    assert [at for at, _ in world.sound._sent] == pytest.approx([50.0 + number for number in range(5)])


def test_likeness_is_of_the_place_where_a_sound_fits_best_whatever_its_loudness() -> None:
    chance = np.random.default_rng(3)
    sent = chance.normal(0, 1000, 16_000)
    heard = sent[6_000:10_800]
    assert likeness(heard, sent) > 0.8
    assert likeness(heard / 50, sent) == pytest.approx(likeness(heard, sent), abs=0.01)
    assert likeness(-heard, sent) == pytest.approx(likeness(heard, sent), abs=0.01), "a loudspeaker may turn it round"
    assert likeness(chance.normal(0, 1000, 4_800), sent) < 0.1
    assert likeness(sent, heard) == 0.0, "there is no place for it"
    assert likeness(np.zeros(0), sent) == 0.0
