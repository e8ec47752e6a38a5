import string

import pytest

from contracts.flights import Cabin
from contracts.languages import LANGUAGES
from contracts.models import Stage
from emulator.catalog import voices
from emulator.lexicon import lexicon
from emulator.voice.speaker import VOICES, synthesise

FIELDS = {
    "found": {"count", "origin", "destination", "date"},
    "found_one": {"origin", "destination", "date"},
    "nothing_in_time": {"origin", "destination", "date"},
    "nothing": {"origin", "destination", "date"},
    "returning": {"date"},
    "matching": {"count"},
    "selected": {"number", "carrier", "flight", "time", "arrival", "price", "stops"},
    "one_stop": {"via"},
    "many_stops": {"count", "via"},
    "stops_out": {"stops"},
    "stops_back": {"stops"},
    "stops_leg": {"number", "stops"},
    "unknown_place": {"place"},
    "ambiguous_place": {"place", "candidates"},
}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_has_exactly_its_fields(code: str) -> None:
    answers = lexicon(code).answers.model_dump()
    best = answers.pop("best")
    assert {name: fields(text) for name, text in answers.items() if fields(text)} == FIELDS
    assert set(best) == {"price", "duration", "departure"}
    assert all(fields(text) == {"carrier", "time", "price", "stops"} for text in best.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_knows_every_cabin_and_has_a_voice(code: str) -> None:
    assert set(lexicon(code).cabins) == set(Cabin)
    assert synthesise(lexicon(code).answers.hello, VOICES[0], fallback=code).any()


def test_every_voice_of_the_registry_can_be_spoken() -> None:
    assert set(VOICES) >= {*voices(Stage.REALTIME), *voices(Stage.SPEECH)}
