"""Whole wordings of a search, and corrections of it: nothing is dropped or becomes something else."""

import json
from typing import Any

import pytest

from contracts.languages import LANGUAGES
from emulator.mind.conversation import Called, Item, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

TOOLS = tuple(Tool(name, {}) for name in ("search_flights", "refine_flights", "select_flight", "price_calendar"))
OFFER = {
    "carrier": "Iberia", "flight": "IB3270", "price": "120.50", "currency": "EUR", "departs": "2026-12-04T09:05",
    "arrives": "2026-12-04T12:10", "origin": "MAD", "destination": "BER", "duration_minutes": 185, "stops": 0,
}  # fmt: skip
FRIDAY, TUESDAY = "2026-11-27", "2026-12-01"
AFTER_LUNCH = {"depart_from": "13:00", "depart_until": "23:59"}

WORDINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("en", "Madrid to Berlin on Friday, max one stop", {"max_stops": 1}),
    ("es", "de Madrid a Berlín el viernes, máximo una escala", {"max_stops": 1}),
    ("fr", "de Madrid à Berlin vendredi, deux escales au plus", {"max_stops": 2}),
    ("de", "von Madrid nach Berlin am Freitag, höchstens ein Umstieg", {"max_stops": 1}),
    ("it", "da Madrid a Berlino venerdì, massimo uno scalo", {"max_stops": 1}),
    ("pt", "de Madri para Berlim na sexta, no máximo uma escala", {"max_stops": 1}),
    ("ja", "金曜日にマドリードからベルリンまで、乗り継ぎは1回まで", {"max_stops": 1}),
    ("zh", "星期五从马德里到柏林,最多转机一次", {"max_stops": 1}),
    ("en", "Madrid to Berlin on Friday, leaving between 8 and 10 am", {"depart_from": "08:00", "depart_until": "10:00"}),
    ("en", "Madrid to Berlin on Friday between 2 and 4 pm", {"depart_from": "14:00", "depart_until": "16:00"}),
    ("de", "von Madrid nach Berlin am Freitag zwischen 8 und 10 Uhr", {"depart_from": "08:00", "depart_until": "10:00"}),
    ("en", "Madrid to Berlin on Friday, red-eye", {"depart_from": "20:00", "depart_until": "23:59"}),
    ("en", "three adults and a 15-year-old, Madrid to Berlin on Friday", {"adults": 3, "children_ages": [15]}),
    ("en", "Madrid to Berlin on Friday with my two-year-old", {"children_ages": [2]}),
    ("zh", "星期五从马德里到柏林,两个大人一个7岁的孩子", {"adults": 2, "children_ages": [7]}),
    ("es", "de Madrid a Berlín el viernes, que no sea con Vueling", {"without_airlines": ["VY"]}),
    ("en", "Madrid to Berlin on Friday with my two kids, 3 and 8", {"children_ages": [3, 8]}),
    ("en", "two adults and a lap infant, Madrid to Berlin on Friday", {"adults": 2, "infants": 1}),
    ("en", "Madrid to Berlin on Friday, 90 euros max, in by 3 pm", {"max_price": 90.0, "arrive_until": "15:00"}),
    ("de", "von Madrid nach Berlin am Freitag Abend, mit einem Koffer und einem siebenjährigen Kind", {"depart_from": "18:00", "depart_until": "23:59", "checked_bags": 1, "children_ages": [7]}),
    ("en", "Madrid to Berlin on Friday, not easyJet, bags included", {"without_airlines": ["U2"], "checked_bags": 1}),
    ("es", "de Madrid a Berlín el viernes, no Vueling ni Ryanair", {"without_airlines": ["VY", "FR"]}),
    ("fr", "de Madrid à Berlin vendredi soir, 90 euros maximum", {"depart_from": "18:00", "depart_until": "23:59", "max_price": 90.0}),
    ("ja", "金曜日にマドリードからベルリンまで、3万円以内、大韓航空以外", {"max_price": 30000.0, "without_airlines": ["KE"]}),
    ("zh", "星期五从马德里到柏林,三千元以下,只坐汉莎", {"max_price": 3000.0, "airlines": ["LH"]}),
    ("zh", "星期五從馬德里到柏林,不要長榮和國泰", {"without_airlines": ["BR", "CX"]}),
    ("pt", "de Madri para Berlim na sexta, menos com a TAP", {"without_airlines": ["TP"]}),
]  # fmt: skip
CORRECTED: list[tuple[str, tuple[str, ...]]] = [
    ("en", ("Madrid to Berlin on Friday", "no, Tuesday", "make it three", "without Ryanair", "after lunch")),
    ("es", ("de Madrid a Berlín el viernes", "no, el martes", "somos tres", "sin Ryanair", "después de comer")),
    ("fr", ("de Madrid à Berlin vendredi", "non, mardi", "nous sommes trois", "sans Ryanair", "après le déjeuner")),
    ("de", ("von Madrid nach Berlin am Freitag", "nein, Dienstag", "wir sind zu dritt", "ohne Ryanair", "nach dem Mittagessen")),
    ("it", ("da Madrid a Berlino venerdì", "no, martedì", "siamo in tre", "senza Ryanair", "dopo pranzo")),
    ("pt", ("de Madri para Berlim na sexta", "não, terça", "somos três", "sem Ryanair", "depois do almoço")),
    ("ja", ("金曜日にマドリードからベルリンまで", "いや、火曜日", "3人で", "ライアンエアー以外で", "昼食の後")),
    ("zh", ("星期五从马德里到柏林", "不,星期二", "三个人", "不要瑞安航空", "午饭后")),
]  # fmt: skip


def asked(code: str, *said: str) -> tuple[str | None, dict[str, Any]]:
    """The tool that the last utterance leads to, with what it is asked; each search before has found something."""
    items: list[Item] = []
    tool, arguments = None, {}
    instructions = f"Today is 2026-11-25 (Wednesday). Answer in {LANGUAGES[code].english_name} only."
    for number, words in enumerate(said):
        items.append(Said("user", words))
        reply = think(Request(instructions, tuple(items), TOOLS))
        tool = reply.tool
        arguments = {name: value for name, value in reply.arguments.items() if value not in (None, [])}
        if tool:
            items += [Called(f"call-{number}", tool, arguments), Returned(f"call-{number}", found(arguments))]
        items.append(Said("assistant", reply.text or "ok"))
    return tool, arguments


def found(arguments: dict[str, Any]) -> str:
    places = {end: {"code": arguments.get(end, "MAD"), "name": "Somewhere"} for end in ("origin", "destination")}
    offers = [OFFER | {"number": number} for number in (1, 2, 3)]
    return json.dumps(
        {
            "search_id": "search-4711",
            "sample": True,
            "departure_date": arguments.get("departure_date"),
            "return_date": None,
        }
        | {"adults": arguments.get("adults", 1), "total_offers": 3, "offers": offers}
        | places
    )


@pytest.mark.parametrize(("code", "words", "wanted"), WORDINGS)
def test_all_that_is_said_is_searched(code: str, words: str, wanted: dict[str, Any]) -> None:
    journey = {"origin": "MAD", "destination": "BER", "departure_date": FRIDAY}
    assert asked(code, words) == ("search_flights", journey | wanted)


@pytest.mark.parametrize(("code", "said"), CORRECTED)
def test_each_correction_changes_what_it_names_and_nothing_else(code: str, said: tuple[str, ...]) -> None:
    wanted = {"origin": "MAD", "destination": "BER", "departure_date": TUESDAY, "adults": 3, "without_airlines": ["FR"]}
    assert asked(code, *said) == ("search_flights", wanted | AFTER_LUNCH)


def test_a_journey_of_three_legs_that_ends_where_it_began_is_no_return() -> None:
    words = "de Sevilla a Roma el 3 de diciembre, luego de Roma a Atenas el 6 y de Atenas a Sevilla el 9"
    tool, arguments = asked("es", words)
    assert (tool, arguments["origin"], arguments["destination"]) == ("search_flights", "SVQ", "ROM")
    assert "return_date" not in arguments
    assert [(leg["origin"], leg["destination"], leg["date"]) for leg in arguments["further_legs"]] == [
        ("ROM", "ATH", "2026-12-06"),
        ("ATH", "SVQ", "2026-12-09"),
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("de", "von München nach New York vom 10. bis 20. Dezember, zwei Erwachsene, ein Kind, 7 Jahre"),
        ("pt", "de Munique para Nova York de 10 a 20 de dezembro, dois adultos e uma criança de 7 anos"),
    ],
)
def test_a_day_is_no_time_of_day_and_no_age(code: str, words: str) -> None:
    wanted = {"departure_date": "2026-12-10", "return_date": "2026-12-20", "adults": 2, "children_ages": [7]}
    assert asked(code, words) == ("search_flights", {"origin": "MUC", "destination": "NYC"} | wanted)


def test_nearby_days_are_looked_up_in_the_calendar() -> None:
    tool, arguments = asked("en", "Madrid to Berlin on Friday, flexible by two days")
    assert (tool, arguments["first_date"]) == ("price_calendar", FRIDAY)


def test_a_correction_that_is_not_understood_is_not_waved_through() -> None:
    tool, _ = asked("en", "Madrid to Berlin on Friday", "two of us", "no, four")
    assert tool is None


@pytest.mark.parametrize(
    ("code", "words", "ends"),
    [
        ("ja", "12月20日に東京からグアムまで", ("TYO", "グアム")),
        ("ja", "12月20日に東京からフィジーへ", ("TYO", "フィジー")),
        ("zh", "12月20号从上海去塞班", ("SHA", "塞班")),
        ("zh", "12月20号從上海去關島", ("SHA", "关岛")),
        ("pt", "de Lisboa para Natal em 9 de dezembro", ("LIS", "NAT")),
    ],
)
def test_a_country_an_island_or_a_feasts_city_is_where_to(code: str, words: str, ends: tuple[str, str]) -> None:
    tool, arguments = asked(code, words)
    assert (tool, arguments["origin"], arguments["destination"]) == ("search_flights", *ends)


@pytest.mark.parametrize("words", ["12月20号从上海去长滩岛", "12月20号從上海去長灘島"])
def test_an_island_is_not_the_city_that_its_name_begins_with(words: str) -> None:
    _, arguments = asked("zh", words)
    assert arguments.get("destination") != "LGB"
