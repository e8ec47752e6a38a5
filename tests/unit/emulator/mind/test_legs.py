"""What is said of a journey of several flights: a filter holds for what it holds for, and the changes are each flight's."""

import json
from typing import Any

import pytest

from contracts.languages import LANGUAGES
from emulator.lexicon import lexicon
from emulator.lexicon.wishes import wish_words
from emulator.mind.conversation import Called, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

TOOLS = (Tool("search_flights", {}),)
OFFER = {
    "number": 1, "carrier": "Iberia", "flight": "IB3270", "price": "120.50", "currency": "EUR",
    "departs": "2026-12-04T09:05", "arrives": "2026-12-04T12:10", "origin": "MAD", "destination": "BER",
    "duration_minutes": 185, "stops": 0,
}  # fmt: skip
FOUND = {
    "search_id": "search-4711", "sample": False, "origin": {"code": "MAD", "name": "Madrid"},
    "destination": {"code": "BER", "name": "Berlin"}, "departure_date": "2026-12-04", "return_date": None, "adults": 1,
    "total_offers": 1,
}  # fmt: skip
BACK = {"return_departs": "2026-12-08T10:00", "return_arrives": "2026-12-08T15:00", "return_via": ["Paris"]}
LEG = {"origin": "BER", "destination": "ROM", "departs": "2026-12-06T10:00", "arrives": "2026-12-06T12:00"}


def said(code: str, offer: dict[str, Any], **found: Any) -> str:
    reply = FOUND | {"offers": [OFFER | offer]} | found
    items = (
        Said("user", "Madrid – Berlin, 2026-12-04"),
        Called("call-1", "search_flights", {}),
        Returned("call-1", json.dumps(reply)),
    )
    instructions = f"Today is 2026-11-25 (Wednesday). Answer in {LANGUAGES[code].english_name} only."
    return think(Request(instructions, items, TOOLS)).text


@pytest.mark.parametrize("code", LANGUAGES)
def test_non_stop_one_way_and_not_the_other_is_said_of_each(code: str) -> None:
    answers = lexicon(code).answers
    text = said(code, BACK | {"return_stops": 1}, return_date="2026-12-08")
    one = answers.one_stop.format(via="Paris")
    assert answers.stops_out.format(stops=answers.non_stop) in text
    assert answers.stops_back.format(stops=one) in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_non_stop_on_some_legs_is_not_said_of_the_journey(code: str) -> None:
    answers = lexicon(code).answers
    text = said(code, {"further": [LEG | {"stops": 1, "via": ["Wien"]}]}, legs=["one", "two"])
    assert answers.stops_leg.format(number=1, stops=answers.non_stop) in text
    assert answers.stops_leg.format(number=2, stops=answers.one_stop.format(via="Wien")) in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_filter_is_said_of_the_flights_that_it_holds_for(code: str) -> None:
    told, non_stop = wish_words(code).told, lexicon(code).answers.non_stop
    filters = {"max_stops": 0, "filters": {"depart_from": "09:00"}}
    several = said(code, {"further": [LEG | {"stops": 0}]}, legs=["one", "two"], **filters)
    assert told.every.format(what=non_stop) in several
    first = told.first.partition("{what}")
    alone = said(code, {}, **filters)
    assert all(part in several for part in (first[0], first[2]))
    assert told.every.format(what=non_stop) not in alone


@pytest.mark.parametrize("code", LANGUAGES)
def test_all_non_stop_is_said_once(code: str) -> None:
    text = said(code, BACK | {"return_stops": 0, "return_via": []}, return_date="2026-12-08")
    assert text.count(lexicon(code).answers.non_stop) == 1
