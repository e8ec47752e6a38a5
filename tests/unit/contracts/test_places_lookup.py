from pathlib import Path

import pytest

from contracts.flights import Place
from contracts.languages import LANGUAGES
from contracts.places import find, resolve, suggest, top_cities
from contracts.places.index import index

ORDER = ("en", "es", "fr", "de", "it", "pt", "ja", "zh")
SENTENCES = {
    "en": "I want to fly to {} on Friday morning",
    "es": "quiero volar a {} el viernes por la mañana",
    "fr": "je voudrais aller à {} vendredi matin",
    "de": "ich möchte am Freitag nach {} fliegen",
    "it": "vorrei volare a {} venerdì mattina",
    "pt": "quero voar para {} na sexta de manhã",
    "ja": "金曜日の朝に{}まで飛びたいです",
    "zh": "我想星期五早上飞往{}的航班",
}
FLOOR = 58


def world() -> list[tuple[str, dict[str, str]]]:
    lines = (Path(__file__).parent / "world_cities.psv").read_text("utf-8").splitlines()
    rows = [line.split("|") for line in lines if not line.startswith("#")]
    return [(row[0], dict(zip(ORDER, row[1:], strict=True))) for row in rows]


def test_the_list_covers_sixty_cities_in_every_language() -> None:
    assert len(world()) == 60
    assert set(ORDER) == set(LANGUAGES)


@pytest.mark.parametrize("language", ORDER)
def test_hit_rate_of_the_first_answer(language: str) -> None:
    misses = [names[language] for code, names in world() if [c.code for c in resolve(names[language])][:1] != [code]]
    assert len(misses) <= 60 - FLOOR, misses


@pytest.mark.parametrize("language", ORDER)
def test_hit_rate_inside_a_lower_case_sentence(language: str) -> None:
    misses = []
    for code, names in world():
        text = SENTENCES[language].format(names[language].lower())
        if [match.city.code for match in find(text, language)] != [code]:
            misses.append(names[language])
    assert len(misses) <= 60 - FLOOR, misses


@pytest.mark.parametrize("language", ORDER)
def test_display_names_resolve_back_to_their_city(language: str) -> None:
    for city in top_cities(300):
        found = resolve(city.display_name(language), language)
        assert city.code in [candidate.code for candidate in found[:2]], city


def test_main_airport_comes_first() -> None:
    assert resolve("London")[0].airports[0] == "LHR"
    assert resolve("Nueva York")[0].airports[0] == "JFK"
    assert resolve("東京")[0].airports == ("HND", "NRT")


@pytest.mark.parametrize(
    ("code", "airports", "english"),
    [
        ("LGW", ("LGW",), "London"),
        ("JFK", ("JFK",), "New York"),
        ("BER", ("BER",), "Berlin"),
        ("ROM", ("FCO", "CIA"), "Rome"),
        ("mad", ("MAD",), "Madrid"),
    ],
)
def test_codes(code: str, airports: tuple[str, ...], english: str) -> None:
    (city,) = resolve(code)
    assert (city.airports, city.english) == (airports, english)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Heathrow", "LHR"), ("narita", "NRT"), ("羽田空港", "HND"), ("Charles de Gaulle", "CDG"), ("Malpensa", "MXP")],
)
def test_names_of_airports_mean_that_airport_alone(name: str, code: str) -> None:
    assert resolve(name)[0].airports == (code,)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Madird", "MAD"), ("Barcelonna", "BCN"), ("Amsterdm", "AMS"), ("san fransisco", "SFO"), ("Frankfort", "FRA")],
)
def test_slips_of_the_fingers(typed: str, code: str) -> None:
    assert resolve(typed)[0].code == code


@pytest.mark.parametrize("name", ["", "   ", "Atlantis", "qwertyuiop", "Zz", "!!!", "あ", "中"])
def test_unknown_names_give_nothing(name: str) -> None:
    assert resolve(name) == []


def test_namesakes_are_all_listed_and_the_country_decides() -> None:
    assert [city.country for city in resolve("Birmingham")] == ["GB", "US"]
    assert resolve("Birmingham, United States")[0].code == "BHM"
    assert resolve("Birmingham (Estados Unidos)", "es")[0].code == "BHM"
    assert resolve("Portland, Maine")[0].code == "PWM"


def test_place_is_named_in_the_language() -> None:
    place = resolve("Munich")[0].to_place("it")
    assert place == Place(
        code="MUC", name="Monaco di Baviera", country="DE", airports=("MUC",), time_zone="Europe/Berlin"
    )


def test_display_name_falls_back_to_english() -> None:
    city = resolve("MUC")[0]
    assert city.display_name("xx") == city.display_name(None) == city.display_name("auto") == "Munich"
    assert city.display_name("de-AT") == "München"


def test_top_cities_are_the_notable_ones_by_rank() -> None:
    cities = top_cities(300)
    assert [city.rank for city in cities] == list(range(1, 301))
    assert all(city.notable for city in cities)


def test_every_city_has_an_airport_a_zone_and_a_name() -> None:
    for city in index().cities:
        assert city.airports
        assert "/" in city.time_zone
        assert city.display_name("en")


def test_suggestions_are_like_the_name_and_known_places_first() -> None:
    assert suggest("Barzelonia")[0].display_name("es") == "Barcelona"
    assert suggest("Atlantis")
    assert len({city.code for city in suggest("Sant", 5)}) == len(suggest("Sant", 5)) <= 5
    assert suggest("東京都市") == []
    assert suggest("") == []
