"""The language of fixed lines follows the user, and does not jump at a word that says nothing."""

from array import array

import numpy as np
import pytest

from agent.hearing.language import LanguageTracker, Moves, detect
from contracts.airlines import names as airlines
from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES
from contracts.languages.wishes import asked_for
from contracts.places import top_cities


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


def test_the_name_of_a_place_is_of_no_language_however_it_is_spelt() -> None:
    for present in LANGUAGES:
        spelt = {name for city in top_cities(200) for name in city.shown}
        assert {name: code for name in spelt if (code := detect(name, present)) != present} == {}


@pytest.mark.parametrize(
    "text",
    ["Paris, Charles de Gaulle", "Buenos Aires to Porto Alegre", "são paulo", "Madrid Barajas", "東京", "München!"],
)
def test_names_of_places_alone_change_nothing(text: str) -> None:
    assert {present: detect(text, present) for present in LANGUAGES} == {present: present for present in LANGUAGES}


def test_the_name_of_an_airline_is_of_no_language() -> None:
    for present in LANGUAGES:
        assert {name for name in airlines().values() if detect(name, present) != present} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Je veux aller à New York", "fr"),
        ("大人二人と子供一人", "ja"),
        ("Dos adultos y un niño", "es"),
        ("Wann kommt er in Paris an?", "de"),
        ("A che ora arriva a Berlino?", "it"),
        ("有更便宜的吗", "zh"),
    ],
)
def test_what_is_said_around_a_name_tells(text: str, expected: str) -> None:
    assert {detect(text, present) for present in LANGUAGES} == {expected}


WISHES = [
    ("Can we speak Spanish?", "es"),
    ("Switch to French", "fr"),
    ("In Portuguese please", "pt"),
    ("¿Podemos hablar en inglés?", "en"),
    ("¿Hablas portugués?", "pt"),
    ("Passez à l'espagnol s'il vous plaît", "es"),
    ("Parlez-vous japonais ?", "ja"),
    ("Können wir Englisch sprechen?", "en"),
    ("Lass uns auf Italienisch weitermachen", "it"),
    ("Possiamo parlare inglese?", "en"),
    ("Passiamo al francese", "fr"),
    ("Mude para francês", "fr"),
    ("Você fala alemão?", "de"),
    ("スペイン語でお願いします", "es"),
    ("フランス語に切り替えて", "fr"),
    ("请说英语", "en"),
    ("换成法文", "fr"),
]


@pytest.mark.parametrize(("text", "expected"), WISHES)
def test_who_asks_for_a_language_has_it_from_then_on(text: str, expected: str) -> None:
    present = detect(text, "en")
    language = tracker(locale=present)
    assert language.heard(text)
    assert language.code == expected
    assert language.heard("Find me a flight from Madrid to Berlin tomorrow") is (expected != "en")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Show me Spanish airlines", "en"),
        ("A flight to the Italian coast", "en"),
        ("Quiero un vuelo de una aerolínea alemana", "es"),
        ("une compagnie espagnole", "fr"),
        ("Ich möchte zum Englischen Garten", "de"),
        ("sulla costa francese", "it"),
        ("uma companhia espanhola", "pt"),
        ("日本の航空会社", "ja"),
        ("法国航空的", "zh"),
    ],
)
def test_what_is_of_a_country_asks_for_no_language(text: str, spoken: str) -> None:
    assert asked_for(text, spoken) is None


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


def test_the_language_of_a_call_that_is_taken_over_goes_on_unless_it_is_pinned() -> None:
    following, pinned = tracker(), tracker("fr")
    for language in (following, pinned):
        language.follow("de")
    assert (following.code, pinned.code) == ("de", "fr")
    assert (following.pinned, pinned.pinned) == (False, True)


def test_a_persona_speaks_its_own_languages_alone() -> None:
    language = tracker(locale="es")
    language.speak_as("intake")
    assert language.code == "es", "the call goes on in it"
    assert not language.heard("Ich suche morgen einen Flug von Madrid nach Berlin")
    assert language.code == "es"
    assert language.heard("Find me a flight from Madrid to Berlin tomorrow")
    for elsewhere in (language.follow, language.choose):
        elsewhere("it")
        assert language.code == "en"
    other = tracker(locale="fr")
    other.speak_as("intake")
    assert other.code == "en"
    other.speak_as("flights")
    assert other.heard("Je cherche un vol de Paris à Rome demain")


def test_what_is_said_in_the_same_language_changes_nothing() -> None:
    language = tracker(locale="de")
    assert not language.heard("Ich suche morgen einen Flug von Madrid nach Berlin")
    language.choose("auto")
    assert (language.code, language.pinned) == ("de", False)
