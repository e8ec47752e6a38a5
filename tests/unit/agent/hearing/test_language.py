"""The language of fixed lines follows the user, and does not jump at a word that says nothing."""

from array import array

import numpy as np
import pytest

from agent.hearing.language import LanguageTracker, Moves, detect
from contracts.dispatch import DispatchMetadata


def tracker(language: str = "auto", locale: str | None = None) -> LanguageTracker:
    return LanguageTracker(DispatchMetadata(session_id="session-1", language=language, locale=locale))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Find me a flight from Madrid to Berlin tomorrow", "en"),
        ("Busca un vuelo de Madrid a Berlín para mañana", "es"),
        ("Je cherche un vol de Paris à Rome demain", "fr"),
        ("Ich suche morgen einen Flug von Madrid nach Berlin", "de"),
        ("Cerco un volo da Roma a Parigi per domani", "it"),
        ("Quero um voo de Lisboa para Paris amanhã", "pt"),
        ("明日マドリードからベルリンまでのフライトを探して", "ja"),
        ("帮我找明天从马德里到柏林的航班", "zh"),
    ],
)
def test_each_language_is_recognised_whatever_was_spoken_before(text: str, expected: str) -> None:
    for present in ("en", "es", "fr", "de", "it", "pt", "ja", "zh"):
        assert detect(text, present) == expected


@pytest.mark.parametrize("text", ["", "ok", "Madrid", "Berlin", "IB3270", "...", "2"])
def test_a_word_of_no_language_changes_nothing(text: str) -> None:
    assert detect(text, "de") == "de"


def test_a_pinned_language_does_not_follow_the_speaker() -> None:
    language = tracker("fr")
    assert not language.heard("Find me a flight from Madrid to Berlin tomorrow")
    assert language.code == "fr"


def test_the_page_language_is_used_until_the_user_speaks() -> None:
    language = tracker(locale="pt-BR")
    assert language.code == "pt"
    assert language.heard("Ich suche morgen einen Flug von Madrid nach Berlin")
    assert language.code == "de"


def test_choosing_auto_lets_the_language_follow_again() -> None:
    language = tracker()
    language.choose("ja")
    assert (language.code, language.pinned) == ("ja", True)
    language.choose("auto")
    assert language.heard("Find me a flight from Madrid to Berlin tomorrow")
    assert language.code == "en"


def test_a_table_of_moves_says_the_same_in_a_fraction_of_the_memory() -> None:
    chance = np.random.default_rng(7)
    rows = np.zeros((50, 256), np.uint32)
    rows[3] = chance.integers(0, 9_000_000, 256)
    for row in rows:
        row[:] = np.where(chance.random(256) < 0.1, chance.integers(0, 9_000_000, 256), rows[3])
    table = array("I", rows.tobytes())
    moves = Moves(table, 3)
    assert [moves[place] for place in range(len(table))] == list(table)
    assert len(moves._letters) < len(table) / 5
