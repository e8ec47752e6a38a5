"""Scores on what others wrote: travellers' own words, and names that are hard. The numbers are in docs/reference.md."""

import json
from pathlib import Path

import airportsdata
import pytest

from contracts.places import Meaning, resolve
from contracts.places.index import index

DATA = Path(__file__).parents[3] / "data" / "places"
ORDER = ("en", "es", "fr", "de", "it", "pt", "ja", "zh")
KNOWN = airportsdata.load("IATA")
WORLD_FLOOR = {"en": 59, "es": 59, "fr": 59, "de": 59, "it": 59, "pt": 59, "ja": 58, "zh": 58}
TRAVELLERS = {
    "CHI": ("chicago", "chi-town"),
    "SEA": ("seattle",),
    "LAX": ("los angeles", "la", "lax"),
    "ATL": ("atlanta", "atl"),
    "SFO": ("san francisco", "sf", "sfo", "san fran"),
    "WAS": ("washington",),
    "NYC": ("new york", "nyc", "ny", "new york city"),
    "PHX": ("phoenix",),
    "LAS": ("las vegas", "vegas"),
    "YVR": ("vancouver",),
    "PDX": ("portland",),
    "PHL": ("philadelphia", "philly"),
    "SAN": ("san diego", "sd"),
    "LON": ("london",),
    "PAR": ("paris",),
    "MEX": ("mexico city", "cdmx", "ciudad de mexico"),
    "YTO": ("toronto",),
    "DEL": ("delhi", "new delhi"),
    "SYD": ("sydney",),
    "NBO": ("nairobi",),
    "KUL": ("kl", "kuala lumpur"),
    "BER": ("berlin",),
    "CPT": ("cape town",),
    "WAW": ("warsaw",),
    "RIO": ("rio de janeiro", "rio"),
}


def meant(word: str) -> str:
    """The city that a traveller of the dialogues meant: of each name the largest one."""
    plain = word.lower()
    hits = [
        (len(name), code)
        for code, names in TRAVELLERS.items()
        for name in names
        if plain == name or plain.startswith((f"{name},", f"{name} "))
    ]
    return max(hits)[1]


def world() -> list[tuple[str, dict[str, str]]]:
    lines = (DATA / "world_cities.psv").read_text("utf-8").splitlines()
    rows = [line.split("|") for line in lines if not line.startswith("#")]
    return [(row[0], dict(zip(ORDER, row[1:], strict=True))) for row in rows]


def hard() -> list[tuple[str, str, str]]:
    lines = (DATA / "hard_names.psv").read_text("utf-8").splitlines()
    return [(row[0], row[1], row[2]) for row in (line.split("|") for line in lines if not line.startswith("#"))]


@pytest.mark.parametrize("country", [None, "US", "GB"])
def test_no_word_of_a_traveller_is_taken_for_another_place(country: str | None) -> None:
    words = json.loads((DATA / "sgd_flight_places.json").read_text("utf-8"))["places"]
    answers = {word: resolve(word, "en", country) for word in words}
    assert len(answers) == 121
    wrong = {
        word: answer.place.code for word, answer in answers.items() if answer.place and answer.place.code != meant(word)
    }
    assert wrong == {}
    asked = [word for word, answer in answers.items() if answer.place is None]
    assert set(map(str.lower, asked)) <= {"portland"}, "only a name that is shared is worth a question"
    assert all(meant(word) in [city.code for city in answers[word].choices] for word in asked)


@pytest.mark.parametrize("language", ORDER)
def test_the_cities_of_the_world_are_found(language: str) -> None:
    assert len(world()) == 60
    missed = []
    for code, names in world():
        place = resolve(names[language], language).place
        if place is None or place.code != code:
            missed.append(names[language])
    assert 60 - len(missed) >= WORLD_FLOOR[language], missed


SERVED_FROM_ABROAD = {"AD", "LI", "MC", "SM", "VA"}
"""They have no airport; those of the neighbours are named in the overlay."""


def right(expected: str, airports: tuple[str, ...], code: str) -> bool:
    for one in expected.split(","):
        if len(one) == 2 and all(KNOWN[airport]["country"] == one for airport in airports):
            return True
        if "-" in one and all(index().ports[airport].state == one for airport in airports):
            return True
        if one == code or one in airports:
            return True
    return False


def test_hard_names_are_right_or_asked_about() -> None:
    names = hard()
    assert len(names) >= 400
    wrong = []
    for name, language, expected in names:
        place = resolve(name, language).place
        if place is not None and not right(expected, place.airports, place.code):
            wrong.append((name, language, place.code, place.english, expected))
    assert wrong == []


def test_a_question_about_a_hard_name_offers_something_plausible() -> None:
    """A question without a choice is no help: most of the names get at least the place that they mean."""
    asked = [
        (name, language, want)
        for name, language, want in hard()
        if resolve(name, language).place is None and want != "?"
    ]
    helped = [
        name
        for name, language, want in asked
        if any(right(want, city.airports, city.code) for city in resolve(name, language).choices)
    ]
    assert len(helped) / len(asked) >= 0.95, sorted({name for name, _, _ in asked} - set(helped))


def test_every_country_with_an_airport_is_found_or_offers_its_own_airports() -> None:
    places = index()
    for code, region in places.regions.items():
        if not region.is_country or code in SERVED_FROM_ABROAD:
            continue
        answer = resolve(region.names[0], "en")
        own = [city for city in answer.choices if city.country == code]
        assert own, region.names[0]
        assert answer.meaning is not Meaning.FOUND or answer.place in own, region.names[0]
