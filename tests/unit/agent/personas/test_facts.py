"""Right sentences pass in eight languages, whatever the flights; wrong ones are found, and put right where that is certain."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import get_day_names
from samples import CARRIERS, NOW, airport

from agent.call.screen import Screen
from agent.personas.flights.facts.judge import mistakes, plain, plain_day
from agent.personas.flights.facts.mistakes import repaired
from agent.speaking.sentences import sentences
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
from contracts.tools import TOOL_REFINE, TOOL_SEARCH, OfferReply, OffersReply
from emulator.mind.conversation import Called
from emulator.mind.state import State
from emulator.mind.wording import tool_reply

CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "BRL": 2, "GBP": 2, "CNY": 2}
WORLDS = range(12)


def a_search(seed: int) -> SearchResult:
    """Flights as they may come: any day, hour, price up to five digits, currency and number of stops."""
    dice = random.Random(seed)  # noqa: S311 - worlds, no secrets
    currency = dice.choice(list(CURRENCIES))
    departs = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(days=dice.randrange(300))
    offers = tuple(an_offer(dice, departs, currency) for _ in range(dice.randrange(1, 30)))
    places = [
        Place(code=code, name=name, country="ES", airports=(code,), time_zone="UTC")
        for code, name in (("MAD", "Madrid"), ("BER", "Berlin"))
    ]
    back = departs.date() + timedelta(days=dice.randrange(1, 20)) if dice.random() < 0.3 else None
    return SearchResult(
        search_id="search-0001",
        query=SearchQuery(
            origin=places[0],
            destination=places[1],
            departure_date=departs.date(),
            return_date=back,
            adults=dice.randrange(1, 4),
            currency=currency,
        ),
        offers=offers,
        provider="sample",
        price_kind=PriceKind.SAMPLE,
        fetched_at=NOW,
    )


def an_offer(dice: random.Random, day: datetime, currency: str) -> Offer:
    carrier = Carrier(code=(code := dice.choice(list(CARRIERS))), name=CARRIERS[code])
    at = day + timedelta(minutes=dice.randrange(24 * 60))
    parts = []
    for origin, destination in dice.choice([[("MAD", "BER")], [("MAD", "FRA"), ("FRA", "BER")]]):
        minutes = dice.randrange(50, 400)
        parts.append(
            Segment(
                carrier=carrier,
                flight_number=f"{code}{dice.randrange(1, 9999)}",
                origin=airport(origin),
                destination=airport(destination),
                departs_at=at,
                arrives_at=at + timedelta(minutes=minutes),
                duration_minutes=minutes,
            )
        )
        at += timedelta(minutes=minutes + dice.randrange(40, 300))
    total = int((parts[-1].arrives_at - parts[0].departs_at).total_seconds() // 60)
    places = CURRENCIES[currency]
    price = (Decimal(dice.randrange(2_000, 900_000)) / 100).quantize(Decimal(1).scaleb(-places))
    return Offer(
        id=f"offer-{dice.randrange(10**9)}",
        provider="sample",
        price_kind=PriceKind.SAMPLE,
        total=Money(amount=str(price), currency=currency),
        carrier=carrier,
        slices=(Slice(segments=tuple(parts), duration_minutes=total),),
        cabin=Cabin.ECONOMY,
        fetched_at=NOW,
    )


def spoken(language: str, screen: Screen) -> list[str]:
    """Everything that the emulator's mind says of a search, refined and chosen from."""
    assert screen.result is not None
    found, one = screen.offers_reply(), screen.offer_reply(1)
    assert isinstance(found, OffersReply)
    assert isinstance(one, OfferReply)
    base: dict[str, Any] = {"language": language, "today": NOW.date()}
    said = [tool_reply(State(**base, called=Called("c", TOOL_SEARCH, {}), returned=found))]
    said += [
        tool_reply(State(**base, called=Called("c", TOOL_REFINE, {"sort_by": key}), returned=found))
        for key in ("price", "duration", "departure")
    ]
    said.append(tool_reply(State(**base, called=Called("c", TOOL_REFINE, {}), returned=found)))
    said.append(tool_reply(State(**base, called=Called("c", "select_flight", {}), returned=one)))
    return said


def wrong(text: str, screen: Screen, language: str, allowed: str = "") -> list[str]:
    assert screen.result is not None
    return [
        mistake.kind
        for sentence in sentences(text)
        for mistake in mistakes(sentence, screen.result, screen.offers, language, allowed)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_right_is_never_found_wrong(language: str) -> None:
    for seed in WORLDS:
        screen = Screen()
        screen.show(a_search(seed))
        for text in spoken(language, screen):
            assert wrong(text, screen, language) == [], f"world {seed}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_plain_words_are_right(language: str) -> None:
    for seed in WORLDS:
        screen = Screen()
        screen.show(a_search(seed))
        assert screen.result is not None
        text = f"{plain(screen.offers[0], language)} {plain_day(screen.result, language)}"
        assert wrong(text, screen, language) == [], f"world {seed}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_price_and_another_hour_are_found(language: str) -> None:
    caught = {"price": 0, "time": 0}
    for seed in WORLDS:
        result = a_search(seed)
        screen, lie = Screen(), Screen()
        screen.show(result)
        best = result.offers[0]
        dearer = best.model_copy(update={"total": Money(amount="13579", currency=best.total.currency)})
        lie.show(result.model_copy(update={"offers": (dearer,)}))
        caught["price"] += "price" in wrong(spoken(language, lie)[-1], screen, language)
        only = Screen()
        only.show(result.model_copy(update={"offers": (best,)}))
        leg = best.slices[0]
        late = leg.segments[0].model_copy(
            update={
                "departs_at": leg.departs_at + timedelta(minutes=7),
                "arrives_at": leg.segments[0].arrives_at + timedelta(minutes=7),
            }
        )
        moved = best.model_copy(update={"slices": (leg.model_copy(update={"segments": (late,)}),)})
        lie.show(result.model_copy(update={"offers": (moved,)}))
        caught["time"] += "time" in wrong(spoken(language, lie)[-1], only, language)
    assert caught == {"price": len(WORLDS), "time": len(WORLDS)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_with_the_wrong_weekday_is_found_and_put_right(language: str) -> None:
    for seed in WORLDS:
        result = a_search(seed)
        screen, lie = Screen(), Screen()
        screen.show(result)
        assert screen.result is not None
        right = spoken(language, screen)[0]
        day = result.query.departure_date
        # The same words for the day seven weeks and one day away have another weekday.
        other = date(day.year, day.month, day.day) + timedelta(days=1)
        lie.show(result.model_copy(update={"query": result.query.model_copy(update={"departure_date": other})}))
        text = _with_weekday_of(right, spoken(language, lie)[0])
        found = [
            (sentence, made)
            for sentence in sentences(text)
            if (made := mistakes(sentence, screen.result, screen.offers, language))
        ]
        assert [mistake.kind for _, made in found for mistake in made][:1] == ["weekday"], text
        sentence, made = found[0]
        assert (repaired(sentence, made) or "nothing") in right


def _with_weekday_of(right: str, other: str) -> str:
    """The right sentence with the other one's weekday."""
    names = {name for language in LANGUAGES.values() for name in _weekdays(language.tag.replace("-", "_"))}
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    return pattern.sub(pattern.search(other)[0], right, count=1)  # type: ignore[index]


def _weekdays(locale: str) -> list[str]:
    return list(get_day_names("wide", "format", locale).values())


def one_flight() -> Screen:
    dice = random.Random(1)  # noqa: S311 - as above
    result = a_search(3)
    best = an_offer(dice, datetime(2026, 11, 22, tzinfo=UTC), "EUR")
    at = datetime(2026, 11, 22, 7, 15, tzinfo=UTC)
    part = (
        best.slices[0]
        .segments[0]
        .model_copy(
            update={
                "carrier": Carrier(code="IB", name="Iberia"),
                "departs_at": at,
                "arrives_at": at + timedelta(minutes=170),
                "duration_minutes": 170,
                "destination": airport("BER"),
            }
        )
    )
    offer = best.model_copy(
        update={
            "carrier": part.carrier,
            "total": Money(amount="89.90", currency="EUR"),
            "slices": (Slice(segments=(part,), duration_minutes=170),),
        }
    )
    other = offer.model_copy(
        update={
            "id": "other",
            "carrier": Carrier(code="LH", name="Lufthansa"),
            "total": Money(amount="120.00", currency="EUR"),
        }
    )
    query = result.query.model_copy(
        update={"departure_date": date(2026, 11, 22), "return_date": None, "currency": "EUR", "adults": 1}
    )
    screen = Screen()
    screen.show(result.model_copy(update={"offers": (offer, other), "query": query}))
    return screen


RIGHT = [
    "The cheapest is Iberia at 7:15 a.m. for about 90 euros, non-stop.",
    "It takes 2:50 and costs €89.90, which is €30.10 less than Lufthansa.",
    "There is no direct flight under 50 euros.",
    "Shall I look at Monday, November 23?",
    "Under 200 euros I have two.",
    "Iberia leaves at 07:15 and Lufthansa costs 120 €.",
    "You land in Berlin (BER) at 10:05.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_people_say_of_flights_is_no_mistake(text: str) -> None:
    assert wrong(text, one_flight(), "en", allowed="under 200 euros, or under 50") == []


WRONG = [
    ("en", "The cheapest is Iberia at 7:15 AM for €98.90.", "price", "The cheapest is Iberia at 7:15 AM for €89.9."),
    ("en", "Iberia leaves at 9:40 AM for €89.90.", "time", "Iberia leaves at 7:15\u202fAM for €89.90."),
    ("en", "I found 14 flights from Madrid to Berlin.", "count", "I found 2 flights from Madrid to Berlin."),
    ("en", "It costs $89.90.", "currency", None),
    ("en", "You fly from Madrid (MAD) to Barcelona (BCN) at 7:15.", "airport", None),
    ("en", "Lufthansa has it for €89.90.", "airline", "Iberia has it for €89.90."),
    ("en", "For €89.90 you have one stop.", "stops", None),
    ("de", "Am Samstag, 22. November kostet es 89,90 €.", "weekday", "Am Sonntag, 22. November kostet es 89,90 €."),
    ("es", "El domingo, 29 de noviembre cuesta 89,90 €.", "date", None),
    ("fr", "Il part à 9h40 pour 89,90 €.", "time", None),
    ("ja", "11月22日土曜日の便は89.90ユーロです。", "weekday", "11月22日日曜日の便は89.90ユーロです。"),
    ("zh", "最便宜的是98.90欧元。", "price", None),
]


@pytest.mark.parametrize(("language", "text", "kind", "right"), WRONG)
def test_a_wrong_claim_is_found(language: str, text: str, kind: str, right: str | None) -> None:
    screen = one_flight()
    assert screen.result is not None
    made = mistakes(text, screen.result, screen.offers, language)
    assert [mistake.kind for mistake in made] == [kind]
    assert repaired(text, made) == right


def test_sentences_are_the_whole_text_and_keep_dates_together() -> None:
    text = "Am Sonntag, 22. November. Um 7:15 Uhr! At 7:15 a.m. for 5 €!  はい。そうです"
    assert "".join(sentences(text)) == text
    assert len(sentences(text)) == 5
