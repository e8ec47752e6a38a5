"""Names of places are known without the index, and are those that the index has."""

import pytest

from contracts.places.known import _names, hashes, without_places
from tools.places.known import known_names


def test_the_names_are_those_of_the_index() -> None:
    assert _names() == hashes(known_names()), "python -m tools.places.known writes them again"


@pytest.mark.parametrize(
    "name", ["Köln", "KOLN", "São Paulo", "Charles de Gaulle", "ニューヨーク", "广州", "Spain", "Berlin"]
)
def test_a_place_is_known_by_any_of_its_names(name: str) -> None:
    assert without_places(name).strip() == ""


@pytest.mark.parametrize("word", ["", "tomorrow", "und", "por favor", "the", "a", "明日", "请"])
def test_other_words_are_no_places(word: str) -> None:
    assert without_places(word) == word


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("From Frankfurt am Main to Rio de Janeiro, please!", "From  to , please!"),
        ("Ich will nach Santiago de Compostela.", "Ich will nach ."),
        ("東京から北京まで", "からまで"),
        ("我想去纽约", "我想去"),
        ("Tomorrow at 7:15", "Tomorrow at 7:15"),
        ("", ""),
    ],
)
def test_what_is_said_around_places_is_left(text: str, left: str) -> None:
    assert without_places(text) == left
