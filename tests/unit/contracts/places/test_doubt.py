"""Names that somebody has and that are asked about all the same: ordinary words, and what is nearly a famous name."""

import pytest

from contracts.places import Meaning, find, resolve
from contracts.places.index import index
from contracts.places.scan import _guards


@pytest.mark.parametrize(
    ("word", "language"),
    [
        *[(word, "en") for word in ("the", "and", "eat", "bus", "fun", "man", "yes", "free", "north", "love", "space")],
        *[(word, "es") for word in ("por", "las", "los", "con", "sin", "tal", "mar")],
        *[(word, "de") for word in ("die", "den", "mit", "hin", "West")],
        *[(word, "it") for word in ("una", "tre", "due", "ora")],
        *[(word, "fr") for word in ("son", "non", "plateau")],
        *[(word, "ja") for word in ("日本語", "記念")],
        *[(word, "zh") for word in ("民主", "青年", "胜利")],
    ],
)
def test_an_ordinary_word_is_no_answer(word: str, language: str) -> None:
    assert resolve(word, language).meaning is not Meaning.FOUND


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        *[(code, "es", code) for code in ("SIN", "MAD", "POR", "LAS")],
        *[(code.lower(), "en", code) for code in ("JFK", "LAX", "BCN", "CDG", "SFO")],
        ("mad", "es", "MAD"),
        ("nice", "en", "NCE"),
        ("rom", "de", "ROM"),
        ("Page", "en", "PGA"),
        ("York", "en", "LBA"),
        ("Puebla", "es", "PBC"),
        ("Fez", "en", "FEZ"),
        ("trieste", "it", "TRS"),
    ],
)
def test_codes_in_capitals_and_names_written_as_names_are_answers(name: str, language: str, code: str) -> None:
    place = resolve(name, language).place
    assert place is not None
    assert place.code == code


def test_a_code_in_small_letters_that_few_know_is_asked_about_by_its_place() -> None:
    answer = resolve("aia", "pt")
    assert answer.meaning is Meaning.UNKNOWN
    assert [city.code for city in answer.choices] == ["AIA"]


def test_who_is_at_home_there_means_the_place_and_not_the_word() -> None:
    assert resolve("page", "en", "US").place is not None
    assert resolve("page", "en", "GB").place is None


@pytest.mark.parametrize(("slip", "famous"), [("Tima", "LIM"), ("Osaki", "OSA"), ("Las Velas", "LAS"), ("Boma", "ROM")])
def test_an_obscure_place_one_letter_from_a_famous_one_is_asked_about(slip: str, famous: str) -> None:
    answer = resolve(slip, "en")
    assert answer.meaning is Meaning.AMBIGUOUS
    assert famous in [city.code for city in answer.choices]


@pytest.mark.parametrize("name", ["Lublin", "Agra", "Braga", "Kiel", "Parma, Italy", "Niš", "York"])
def test_a_known_place_is_not_asked_about_for_a_likeness(name: str) -> None:
    assert resolve(name, "en").meaning is Meaning.FOUND


def test_a_parish_that_nobody_abroad_knows_is_asked_about_beside_the_city_of_nearly_its_name() -> None:
    assert [city.code for city in resolve("Christ Church", "en").choices] == ["CHC", "BGI"]


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("Heathrow Terminal 5", "en", "LHR"),
        ("terminal 4 de Barajas", "es", "MAD"),
        ("Roissy T2", "fr", "CDG"),
        ("成田第2ターミナル", "ja", "NRT"),
        ("浦东机场T2航站楼", "zh", "PVG"),
        ("桃園機場第二航廈", "zh", "TPE"),
    ],
)
def test_a_terminal_means_its_airport(name: str, language: str, code: str) -> None:
    place = resolve(name, language).place
    assert place is not None
    assert place.code == code


def test_the_country_behind_a_region_is_understood_and_offers_its_airports_where_the_town_is_not_known() -> None:
    assert resolve("Sicily, Italy", "en").region == index().regions["IT-82"]
    assert resolve("Georgia USA", "en").region == index().regions["US-GA"]
    assert resolve("Victoria, Seychelles", "en").choices[0].code == "SEZ"
    assert resolve("San José de Costa Rica", "es").place == resolve("SJO", "es").place


def test_a_town_that_is_a_word_too_is_not_heard_in_a_sentence() -> None:
    assert find("Petra no viaja", "es") == []
    assert [match.city.code for match in find("quiero ir a Petra", "es")] == ["AQJ"]


def test_a_language_without_words_of_travel_of_its_own_has_those_of_all() -> None:
    cues = _guards().cues
    assert "nach" in cues("de")
    assert "nach" not in cues("en")
    assert {"to", "nach"} <= cues("nl")
    assert cues("nl") == cues(None)
