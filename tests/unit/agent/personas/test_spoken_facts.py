"""Facts as people and models say them, in figures and in words: what is wrong is found, what is right is left alone."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from samples import NOW, airport

from agent.call.screen import Screen
from agent.personas.flights.facts.figures import in_figures
from agent.personas.flights.facts.judge import mistakes
from agent.personas.flights.facts.mistakes import repaired
from agent.speaking.sentences import sentences
from contracts.airports import airport_names
from contracts.flights import (
    Cabin,
    Carrier,
    Money,
    Offer,
    Place,
    PriceKind,
    SearchQuery,
    SearchResult,
    Segment,
    Slice,
)
from contracts.languages import LANGUAGES

SAID: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[3] / "data" / "spoken_facts.toml").read_text(encoding="utf-8")
)
DAY: Final = datetime(2026, 12, 3, tzinfo=UTC)
IBERIA, BRITISH, LUFTHANSA = (
    Carrier(code=code, name=name) for code, name in (("IB", "Iberia"), ("BA", "British Airways"), ("LH", "Lufthansa"))
)


def part(carrier: Carrier, origin: str, destination: str, clock: str, minutes: int) -> Segment:
    hour, minute = map(int, clock.split(":"))
    at = DAY + timedelta(hours=hour, minutes=minute)
    return Segment(
        carrier=carrier,
        flight_number=f"{carrier.code}123",
        origin=airport(origin),
        destination=airport(destination),
        departs_at=at,
        arrives_at=at + timedelta(minutes=minutes),
        duration_minutes=minutes,
    )


def an_offer(price: str, *parts: Segment) -> Offer:
    minutes = int((parts[-1].arrives_at - parts[0].departs_at).total_seconds() // 60)
    return Offer(
        id=f"offer-{parts[0].carrier.code}-0001",
        provider="sample",
        price_kind=PriceKind.SAMPLE,
        total=Money(amount=price, currency="EUR"),
        carrier=parts[0].carrier,
        slices=(Slice(segments=parts, duration_minutes=minutes),),
        cabin=Cabin.ECONOMY,
        fetched_at=NOW,
    )


def to_london() -> Screen:
    places = [
        Place(code=code, name=name, country=country, airports=airports, time_zone="UTC")
        for code, name, country, airports in (
            ("MAD", "Madrid", "ES", ("MAD",)),
            ("LON", "London", "GB", ("LHR", "LGW", "STN", "LTN")),
        )
    ]
    screen = Screen()
    screen.show(
        SearchResult(
            search_id="search-0001",
            query=SearchQuery(
                origin=places[0], destination=places[1], departure_date=date(2026, 12, 3), adults=1, currency="EUR"
            ),
            offers=(
                an_offer("142.50", part(IBERIA, "MAD", "LHR", "07:15", 155)),
                an_offer("98.00", part(BRITISH, "MAD", "LGW", "12:40", 85)),
                an_offer(
                    "187.30", part(LUFTHANSA, "MAD", "FRA", "16:20", 155), part(LUFTHANSA, "FRA", "LHR", "19:55", 60)
                ),
            ),
            provider="sample",
            price_kind=PriceKind.SAMPLE,
            fetched_at=NOW,
        )
    )
    return screen


def kinds(text: str, language: str) -> list[str]:
    screen = to_london()
    assert screen.result is not None
    return [
        mistake.kind
        for sentence in sentences(text)
        for mistake in mistakes(sentence, screen.result, screen.offers, language)
    ]


def test_every_language_has_sentences() -> None:
    assert set(SAID) == set(LANGUAGES)


@pytest.mark.parametrize("language", SAID)
def test_what_is_right_is_left_alone(language: str) -> None:
    assert {text: found for text in SAID[language]["right"] if (found := kinds(text, language))} == {}


@pytest.mark.parametrize("language", SAID)
def test_what_is_wrong_is_found(language: str) -> None:
    wrong = SAID[language]["wrong"]
    assert {text: kinds(text, language) for _, text in wrong} == {text: [kind] for kind, text in wrong}


@pytest.mark.parametrize(
    ("language", "text", "better"),
    [
        (
            "en",
            "British Airways costs one hundred and eight euros at 12:40.",
            "British Airways costs 98 euros at 12:40.",
        ),
        ("en", "I have found five flights.", "I have found 3 flights."),
        ("de", "Das ist Mittwoch, der 3.", "Das ist Donnerstag, der 3."),
        (
            "it",
            "British Airways parte alle 12:40 e costa centotto euro.",
            "British Airways parte alle 12:40 e costa 98 euro.",
        ),
        (
            "en",
            "Iberia is 142.50 euros and takes off at half past seven.",
            "Iberia is 142.50 euros and takes off at 7:15\u202fAM.",
        ),
    ],
)
def test_what_was_said_in_words_is_put_right_where_it_stands(language: str, text: str, better: str) -> None:
    screen = to_london()
    assert screen.result is not None
    assert repaired(text, mistakes(text, screen.result, screen.offers, language)) == better


@pytest.mark.parametrize(
    ("language", "text", "figures"),
    [
        ("en", "one eighty-seven euros, at twenty-five to nine or ten o'clock", "187 euros, at 8:35 or 10:00"),
        ("de", "um fünf nach halb acht", "um 7:35"),
        ("de", "um Viertel vor eins", "um 12:45"),
        ("es", "a la una menos cuarto", "a la 12:45"),
        ("fr", "à minuit moins le quart", "à minuit moins le quart"),
        ("ja", "一番は二千三百円、午後七時半", "一番は2300円、午後7:30"),
        ("zh", "一下，一百零八元，差一刻八点", "一下，108元，7:45"),
    ],
)
def test_numbers_and_times_in_words_are_read_as_figures(language: str, text: str, figures: str) -> None:
    assert in_figures(text, language).text == figures


@pytest.mark.parametrize("text", ["Nothing at 8 am.", "Is there one at 8 am?", "Around 8 am.", "Between 8 and 10 am."])
def test_an_hour_that_is_asked_for_denied_or_a_limit_is_no_time(text: str) -> None:
    assert ":" not in in_figures(text, "en").text


def test_an_amount_is_a_difference_of_prices_only_where_it_is_said_to_be() -> None:
    assert kinds("Lufthansa is 89.30 euros more.", "en") == []
    assert kinds("Lufthansa is 89.30 euros.", "en") == ["price"]


def test_airports_are_known_by_what_people_call_them() -> None:
    assert {"Heathrow", "ヒースロー", "希思罗"} <= set(airport_names("LHR"))
    assert airport_names("XXX") == ()
