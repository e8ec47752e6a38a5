"""What SerpApi reads off Google Flights, as our offers (serpapi.com/google-flights-api, google-flights-results).

A price is for all passengers and the whole journey. For a return journey the first answer has the ways out only; one
with a way out's token has the ways back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import chain, pairwise
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, NaiveDatetime, ValidationError
from pydantic_core import from_json

from api.flights.filters import Facts, fits
from api.flights.providers.choice import Candidate, Chosen, choose
from api.flights.providers.faults import SOON, AnswerUnreadable, SourceDown
from api.flights.providers.reading import Read
from api.flights.providers.times import Wall, as_told, terminus
from contracts.flights import Cabin, Carrier, Money, Offer, PriceKind, SearchQuery, Segment, Slice, Tristate

PROVIDER: Final = "serpapi"
NO_RESULTS: Final = "hasn't returned any results"
_FLIGHT: Final = re.compile(r"([A-Z0-9]{2}) ?(\d{1,4})")
_CABINS: Final = (
    ("economy", Cabin.ECONOMY),
    ("premium economy", Cabin.PREMIUM_ECONOMY),
    ("business", Cabin.BUSINESS),
    ("first", Cabin.FIRST),
)
_LINK: Final = "https://www.google.com/travel/flights"
_LONGEST: Final = 100_000
"""Minutes; no journey is longer."""
_THOUSANDS: Final = 3
"""Digits behind a sign that groups thousands; no currency here has as many decimals."""


_PRICE: Final = re.compile(r"[^\d.,]*(\d[\d., \u00a0\u202f]*)[^\d.,]*")


def _amount(value: object) -> object:
    """A price that came as text (`$199`, `1,234`, `1.234,50 €`) as a plain number; anything else as it is."""
    found = _PRICE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    digits = re.sub(r"[ \u00a0\u202f]", "", found.group(1)).rstrip(".,")
    whole, mark, rest = digits.rpartition(max(digits, key=lambda sign: digits.rfind(sign) if sign in ".," else -1))
    if mark not in {".", ","} or len(rest) == _THOUSANDS:
        return re.sub(r"[.,]", "", digits)
    return re.sub(r"[.,]", "", whole) + "." + rest


Price = Annotated[Decimal, BeforeValidator(_amount), Field(gt=0, lt=1_000_000_000, decimal_places=3)]


class SerpEnd(Read):
    """One end of a flight; the time is local, as `2026-12-04 09:05`."""

    id: str
    name: str = ""
    time: NaiveDatetime


class SerpFlight(Read):
    """One take-off and landing; the duration is in minutes, the number is written `BA 1234`."""

    departure_airport: SerpEnd
    arrival_airport: SerpEnd
    duration: Annotated[int, Field(gt=0, lt=_LONGEST)] | None = None
    airline: str = ""
    flight_number: str
    airplane: str | None = None
    travel_class: str = ""


class SerpEmissions(Read):
    """Grams for one passenger."""

    this_flight: Annotated[int, Field(ge=0)] | None = None
    typical_for_this_route: Annotated[int, Field(ge=0)] | None = None


class SerpOption(Read):
    """One way to fly. Without a price it cannot be bought."""

    flights: Annotated[tuple[SerpFlight, ...], Field(min_length=1)]
    price: Price | None = None
    total_duration: Annotated[int, Field(gt=0, lt=_LONGEST)] | None = None
    carbon_emissions: Annotated[SerpEmissions, BeforeValidator(lambda value: value or {})] = SerpEmissions()
    departure_token: str | None = None
    booking_token: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    options: tuple[SerpOption, ...]
    received: int
    unreadable: int
    currency: str
    link: str | None


def read_page(body: bytes, query: SearchQuery | None) -> Page:
    """The options of an answer; AnswerUnreadable when it is not one, SourceDown when it tells of a failure."""
    try:
        answer = from_json(body)
        metadata, parameters = answer.get("search_metadata") or {}, answer.get("search_parameters") or {}
        items = [*(answer.get("best_flights") or ()), *(answer.get("other_flights") or ())]
        told = str(answer.get("error") or "")
        status, link = metadata.get("status"), str(metadata.get("google_flights_url") or "")
        currency = str(parameters.get("currency") or (query.currency if query else ""))
    except (ValueError, AttributeError, TypeError):
        raise AnswerUnreadable(f"{PROVIDER}: the answer is not a search", again_in=SOON) from None
    if status == "Error" or (told and NO_RESULTS not in told):
        raise SourceDown(f"{PROVIDER}: the search failed there")
    if status != "Success":
        raise AnswerUnreadable(f"{PROVIDER}: the answer does not say that it is complete", again_in=SOON)
    options = [option for option in map(_option, items) if option is not None]
    if items and not options:
        raise AnswerUnreadable(f"{PROVIDER}: none of {len(items)} options can be read", again_in=SOON)
    return Page(
        tuple(options), len(items), len(items) - len(options), currency, link if link.startswith(_LINK) else None
    )


class SerpWay(Read):
    """What a seller asks for one way to book."""

    price: Price | None = None


class SerpBooking(Read):
    """One seller: for the whole journey, or for each direction."""

    together: SerpWay | None = None
    departing: SerpWay | None = None
    returning: SerpWay | None = None

    @property
    def price(self) -> Decimal | None:
        """Of the whole journey."""
        if self.together is not None:
            return self.together.price
        ways = [way.price if way else None for way in (self.departing, self.returning)]
        return None if None in ways else sum((way or Decimal(0) for way in ways), Decimal(0))


def read_booking(body: bytes) -> tuple[Decimal | None, str | None]:
    """The lowest price among an option's sellers, and the page that shows them; None: nobody sells it now."""
    page = read_page(body, None)
    items = from_json(body).get("booking_options") or ()
    prices = []
    for item in items if isinstance(items, list) else ():
        try:
            prices.append(SerpBooking.model_validate(item).price)
        except ValidationError:
            continue
    if items and not any(prices):
        raise AnswerUnreadable(f"{PROVIDER}: none of the sellers' prices can be read")
    return min((price for price in prices if price is not None), default=None), page.link


def _option(item: Any) -> SerpOption | None:  # noqa: ANN401 - whatever was in the JSON
    try:
        return SerpOption.model_validate(item)
    except ValidationError:
        return None


def outward_choices(page: Page, query: SearchQuery, count: int) -> tuple[tuple[SerpOption, ...], bool]:
    """The ways out whose ways back are worth asking for: the cheapest, then the fastest, of those that may be what was
    asked for; and whether there are more.
    """
    usable = [
        option
        for option in page.options
        if option.departure_token
        and option.price is not None
        and _within(option, query.max_stops)
        and fits(_facts((option,)), query.filters)
    ]
    cheapest = sorted(usable, key=lambda one: (one.price or 0, one.total_duration or 0))[:1]
    fastest = sorted(usable, key=lambda one: (one.total_duration or float("inf"), one.price or 0))
    found = tuple({one.departure_token: one for one in (*cheapest, *fastest)}.values())
    return found[:count], len(page.options) > count


def offers_of(
    journeys: Iterable[tuple[SerpOption, ...]], page: Page, query: SearchQuery, now: datetime, tokens: dict[str, str]
) -> tuple[Chosen, int]:
    """A useful few of the journeys, each the options of its slices in order, and how many could not be read.

    `tokens` gets the booking token of each offer that has one.
    """
    failed: list[object] = []

    def make(journey: tuple[SerpOption, ...]) -> Offer | None:
        try:
            offer = _offer(journey, page, query, now)
            if journey[-1].booking_token:
                tokens[offer.id] = journey[-1].booking_token
        except (ValueError, ArithmeticError):
            failed.append(journey)
            return None
        return offer

    fitting = [
        _candidate(journey, page.currency)
        for journey in journeys
        if journey[-1].price is not None and all(_within(option, query.max_stops) for option in journey)
    ]
    chosen = choose(fitting, query.currency, make, filters=query.filters)
    if failed and not chosen.offers:
        raise AnswerUnreadable(f"{PROVIDER}: no option can be read")
    return chosen, len(failed)


def _within(option: SerpOption, most_stops: int | None) -> bool:
    return most_stops is None or len(option.flights) - 1 <= most_stops


def _candidate(journey: tuple[SerpOption, ...], currency: str) -> Candidate[tuple[SerpOption, ...]]:
    flights = list(chain.from_iterable(option.flights for option in journey))
    durations = [option.total_duration for option in journey]
    return Candidate(
        raw=journey,
        flights=tuple(f"{one.flight_number} {one.departure_airport.time.date()}" for one in flights),
        brand="",
        amount=journey[-1].price or Decimal(0),
        currency=currency,
        minutes=float("inf") if None in durations else float(sum(one or 0 for one in durations)),
        stops=len(flights) - len(journey),
        facts=_facts(journey),
    )


def _facts(journey: tuple[SerpOption, ...]) -> Facts:
    first = journey[0].flights
    flights = [_FLIGHT.fullmatch(one.flight_number.strip().upper()) for option in journey for one in option.flights]
    codes = [found[1] for found in flights if found]
    return Facts(
        seller=codes[0] if codes else "",
        airlines=frozenset(codes),
        leaves=f"{first[0].departure_airport.time:%H:%M}",
        lands=f"{first[-1].arrival_airport.time:%H:%M}",
        bags=None,
        refundable=Tristate.UNKNOWN,
        amount=journey[-1].price or Decimal(0),
    )


def _offer(journey: tuple[SerpOption, ...], page: Page, query: SearchQuery, now: datetime) -> Offer:
    slices = tuple(_slice(option) for option in journey)
    price = journey[-1].price
    flights = ",".join(leg.flight_number + leg.departs_at.isoformat() for part in slices for leg in part.segments)
    name = sha256(
        f"{flights}|{price}|{page.currency}|{query.adults}|{query.children}|{query.infants}|{query.cabin}".encode()
    ).hexdigest()[:20]
    return Offer(
        id=f"{PROVIDER}_{name}",
        provider=PROVIDER,
        price_kind=PriceKind.METASEARCH,
        total=Money(amount=f"{price:f}", currency=page.currency),
        carrier=slices[0].segments[0].carrier,
        slices=slices,
        cabin=_cabin(chain.from_iterable(option.flights for option in journey), query.cabin),
        emissions_kg=_kilograms((one.carbon_emissions.this_flight for one in journey), query.seats),
        typical_emissions_kg=_kilograms((one.carbon_emissions.typical_for_this_route for one in journey), query.seats),
        fetched_at=now,
        deep_link=page.link,
    )


def _slice(option: SerpOption) -> Slice:
    segments = tuple(_segment(flight) for flight in option.flights)
    if any(after.departs_at < before.arrives_at for before, after in pairwise(segments)):
        raise ValueError("a flight leaves before the one before it has arrived")
    whole = segments[-1].arrives_at - segments[0].departs_at
    return Slice(segments=segments, duration_minutes=whole // timedelta(minutes=1))


def _segment(raw: SerpFlight) -> Segment:
    number = _FLIGHT.fullmatch(raw.flight_number.strip().upper())
    start, end = (terminus(one.id, name=one.name) for one in (raw.departure_airport, raw.arrival_airport))
    duration = None if raw.duration is None else timedelta(minutes=raw.duration)
    times = as_told(Wall(raw.departure_airport.time, start), Wall(raw.arrival_airport.time, end), duration)
    if number is None or times is None:
        raise ValueError("a flight without a number, or whose times cannot be true")
    return Segment(
        carrier=Carrier(code=number.group(1), name=raw.airline or number.group(1)),
        flight_number=number.group(1) + number.group(2),
        origin=start.airport,
        destination=end.airport,
        departs_at=times[0],
        arrives_at=times[1],
        duration_minutes=(times[1] - times[0]) // timedelta(minutes=1),
        times_doubtful=times[2],
        aircraft=raw.airplane,
    )


def _cabin(flights: Iterable[SerpFlight], wished: Cabin) -> Cabin:
    """The lowest on the way."""
    told = {flight.travel_class.strip().lower() for flight in flights}
    return next((cabin for name, cabin in _CABINS if name in told), wished)


def _kilograms(slices: Iterable[int | None], seats: int) -> int | None:
    """Of all passengers, from grams for one on each slice; None when a slice does not say."""
    grams = tuple(slices)
    return None if None in grams else round(sum(one or 0 for one in grams) * seats / 1000)
