"""How well the emulator hears: English sentences by several espeak voices at several speeds, and what it must refuse."""

import asyncio
from collections.abc import Callable
from datetime import date
from itertools import cycle

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.languages import normalise
from emulator.audio import LISTENING_RATE, OUTPUT_RATE, resample
from emulator.ears.recogniser import recogniser
from emulator.mind.understand import Understood, understand
from emulator.voice.espeak import espeak
from emulator.voice.speaker import VOICES, synthesise

SENTENCES = [
    "Find me a flight from Madrid to Berlin tomorrow",
    "Show me flights from Paris to Rome next Monday",
    "I want to fly from London to New York on Friday",
    "I need to go from Tokyo to Seoul in two weeks",
    "Flights to Barcelona from Lisbon today",
    "Flights from Vienna to Amsterdam on the third of December",
    "Please search for a flight from Dublin to Athens on December third",
    "Can you find me the cheapest flight from Milan to Prague on Sunday",
    "I would like to travel from Chicago to Los Angeles on January fifth returning on January twelfth",
    "From Munich to Zurich the day after tomorrow for two adults",
    "Look for a one way ticket from Oslo to Stockholm on Wednesday",
    "Is there a flight from Cairo to Istanbul tonight",
    "What about Rome",
    "To Berlin",
    "From Madrid",
    "Tomorrow",
    "Next Friday",
    "The cheapest one",
    "The second one",
    "Only direct flights",
    "The fastest",
    "Stop talking",
    "Be quiet",
    "Thank you",
    "Repeat that",
    "Yes",
]
STOPS = ["Stop", "Please stop", "Stop it", "Stop talking", "Be quiet"]
CITIES = ["Berlin", "Lisbon", "Stockholm", "Dhaka", "Porto"]
"""Short names that are like a "quiet" or a "stop" in some voices."""
SPEAKERS = [(voice, speed) for speed in (130, 160, 190) for voice in ("en-us", "en-us+f2", "en-us+m3", "en", "en+f4")]
FOREIGN = [
    ("My grandmother bakes apple pie every single afternoon", "en-us"),
    ("Photosynthesis converts light into chemical energy", "en-us"),
    ("The quick brown fox jumps over the lazy dog", "en"),
    ("I had dinner with my parents last night", "en-us"),
    ("The meeting was moved to another room", "en-us+m3"),
    ("Guten Tag, können Sie mir bitte helfen", "de"),
    ("Quiero un café con leche por favor", "es"),
    ("Je voudrais un café s'il vous plaît", "fr"),
    ("すみません、わかりません", "ja"),
    ("我不知道你在说什么", "cmn"),
]
# Measured: 0.73 to 0.75 word for word, 0.81 to 0.83 with the right meaning, 0.92 of the stops, 0.86 of fifty foreign ones
# refused. The voice depends on what it spoke before, so that ten are now all refused and now eight.
WORD_FOR_WORD, RIGHT_MEANING, STOPPED, REFUSED = 0.68, 0.77, 0.8, 0.7
GREETED = 0.6
"""Measured 0.77; the others are asked again."""
SILENCED = 0.12
"""Measured 0.06, and 0.25 before a command was only looked for where nothing else nearly fitted."""


def hear(text: str, voice: str, speed: int) -> str:
    library = espeak()
    samples = np.frombuffer(library.speak(text, voice, words_per_minute=speed, pitch=50), np.int16)
    quiet = np.zeros(library.sample_rate // 3, np.int16)
    return transcribed(np.concatenate([quiet, samples, quiet]), library.sample_rate)


def transcribed(samples: NDArray[np.int16], rate: int) -> str:
    return asyncio.run(recogniser().transcribe(samples, rate)).text


def meaning(text: str) -> tuple[object, ...]:
    """What the mind takes from a text."""
    told: Understood = understand(text, "en", date(2026, 11, 21))
    ends = (told.origin, told.destination, told.places, told.dates, told.return_date)
    return (*ends, told.adults, told.sort_by, told.number, told.stop, told.intents - {"search"})


def test_sentences_are_heard(record_property: Callable[[str, object], None]) -> None:
    speakers = cycle(SPEAKERS)
    heard = [(text, hear(text, *next(speakers))) for text in SENTENCES for _ in range(2)]
    words = sum(normalise(text) == normalise(got) for text, got in heard) / len(heard)
    meant = sum(meaning(text) == meaning(got) for text, got in heard) / len(heard)
    record_property("word_for_word", words)
    record_property("right_meaning", meant)
    missed = [pair for pair in heard if meaning(pair[0]) != meaning(pair[1])]
    print(f"word for word {words:.2f}, right meaning {meant:.2f}, missed {missed}")  # noqa: T201
    assert words >= WORD_FOR_WORD
    assert meant >= RIGHT_MEANING, missed


def test_stop_is_heard(record_property: Callable[[str, object], None]) -> None:
    heard = [(text, hear(text, voice, speed)) for text in STOPS for voice, speed in SPEAKERS[5:10]]
    right = sum(meaning(got)[8] is True for _, got in heard) / len(heard)
    record_property("stop", right)
    print(f"stop {right:.2f}", [pair for pair in heard if meaning(pair[1])[8] is not True])  # noqa: T201
    assert right >= STOPPED


def test_a_stop_is_heard_when_the_line_takes_its_first_sound(record_property: Callable[[str, object], None]) -> None:
    """As after gain control and a codec that start with it: the "s" is there, and faint."""
    faded = np.where(np.arange(2 * LISTENING_RATE) < LISTENING_RATE // 12, 0.1, 0.5)
    heard = {}
    for voice in VOICES:
        samples = trimmed(resample(synthesise("Stop", voice), OUTPUT_RATE, LISTENING_RATE))
        quiet = np.zeros(LISTENING_RATE // 4, np.int16)
        worn = (samples * faded[: samples.size]).astype(np.int16)
        heard[voice] = transcribed(np.concatenate([quiet, worn, quiet]), LISTENING_RATE)
    right = sum(meaning(got)[8] is True for got in heard.values()) / len(heard)
    record_property("worn_stop", right)
    assert right >= STOPPED, heard


@pytest.mark.parametrize("colour", ["white", "pink"])
def test_a_stop_is_heard_over_the_noise_of_a_room(colour: str, record_property: Callable[[str, object], None]) -> None:
    """As a microphone gives it, a tenth as loud as the voice; none was heard before noise was told from silence."""
    heard = {}
    for text in ("Stop", "Please stop"):
        for voice in VOICES:
            samples = resample(synthesise(text, voice), OUTPUT_RATE, LISTENING_RATE).astype(np.float64) / 2
            noise = room(colour, samples.size + LISTENING_RATE) * np.sqrt(np.mean(np.square(samples))) / 10
            noise[LISTENING_RATE // 3 :][: samples.size] += samples
            heard[text, voice] = transcribed(noise.astype(np.int16), LISTENING_RATE)
    right = sum(meaning(got)[8] is True for got in heard.values()) / len(heard)
    record_property(f"stop_in_{colour}_noise", right)
    assert right >= STOPPED, heard


def room(colour: str, size: int) -> NDArray[np.float64]:
    """Noise with an RMS of 1; pink is the louder the lower, as rooms and machines are."""
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(0, 1, size))
    if colour == "pink":
        spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    noise = np.fft.irfft(spectrum, size)
    return noise / np.sqrt(np.mean(np.square(noise)))


def test_a_city_is_no_command_to_be_silent(record_property: Callable[[str, object], None]) -> None:
    heard = {(city, voice): transcribed(synthesise(city, voice), OUTPUT_RATE) for city in CITIES for voice in VOICES}
    silenced = [pair for pair, got in heard.items() if meaning(got)[8] is True]
    record_property("cities_as_commands", len(silenced) / len(heard))
    print(f"taken for commands {len(silenced)} of {len(heard)}: {silenced}")  # noqa: T201
    assert len(silenced) / len(heard) <= SILENCED, silenced


def test_a_greeting_is_no_command() -> None:
    heard = {voice: transcribed(synthesise("Hello", voice), OUTPUT_RATE) for voice in VOICES}
    assert not [got for got in heard.values() if meaning(got)[8] is True], heard
    assert sum(got == "Hello" for got in heard.values()) / len(heard) >= GREETED, heard


def trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    (loud,) = np.nonzero(np.abs(samples.astype(np.int32)) > 50)
    return samples[loud[0] : loud[-1] + 1]


def test_other_speech_is_refused(record_property: Callable[[str, object], None]) -> None:
    heard = {text: hear(text, voice, 160) for text, voice in FOREIGN}
    refused = sum(not got for got in heard.values()) / len(heard)
    record_property("refused", refused)
    assert refused >= REFUSED, heard


@pytest.mark.parametrize("sound", ["silence", "faint", "white", "burst", "hum", "click"])
def test_noise_has_no_words(sound: str) -> None:
    noise = np.random.default_rng(1)
    seconds = np.arange(2 * LISTENING_RATE) / LISTENING_RATE
    signals = {
        "silence": np.zeros_like(seconds),
        "faint": noise.normal(0, 30, seconds.size),
        "white": noise.normal(0, 3000, seconds.size),
        "burst": np.where((seconds > 1) & (seconds < 1.3), noise.normal(0, 1000, seconds.size), 0.0),
        "hum": 8000 * np.sin(2 * np.pi * 120 * seconds),
        "click": np.where((seconds > 1) & (seconds < 1.002), 20000.0, 0.0),
    }
    assert transcribed(signals[sound].astype(np.int16), LISTENING_RATE) == ""


def test_nothing_at_all_has_no_words() -> None:
    assert transcribed(np.zeros(0, np.int16), LISTENING_RATE) == ""
