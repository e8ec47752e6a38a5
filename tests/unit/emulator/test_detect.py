"""The keyless assistant's mind: which language an utterance is in, and which one it asks for."""

import pytest

from contracts.languages import LANGUAGES
from emulator.mind.detect import asked_language, detect


@pytest.mark.parametrize(
    "text", ["São Paulo", "München", "New York", "東京", "Paris, Charles de Gaulle", "Rio de Janeiro"]
)
def test_the_name_of_a_place_alone_is_of_no_language(text: str) -> None:
    assert {fallback: detect(text, fallback) for fallback in LANGUAGES} == {one: one for one in LANGUAGES}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Can we speak Spanish?", "es"),
        ("Switch to French", "fr"),
        ("¿Hablas portugués?", "pt"),
        ("On peut parler anglais ?", "en"),
        ("Wechseln wir zu Portugiesisch", "pt"),
        ("Passiamo al francese", "fr"),
        ("Você fala alemão?", "de"),
        ("フランス語に切り替えて", "fr"),
        ("用西班牙语可以吗", "es"),
        ("A flight with a Spanish airline", None),
        ("Ein Flug nach Spanien", None),
    ],
)
def test_who_asks_for_a_language_is_understood_in_their_own(text: str, asked: str | None) -> None:
    assert asked_language(text, detect(text, "en")) == asked
