"""A flight search from what the caller said to a sorted result in the caller's language."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from api.flights.filters import keep, without_price
from api.flights.providers.base import Fares
from api.flights.providers.chain import FareChain
from api.flights.providers.choice import one_currency
from api.flights.repository import FlightRepository
from api.flights.schemas import JourneyParams, SearchParams
from api.places.service import settle
from api.places.traveller import currency_of
from contracts.flights import Airport, Leg, Offer, Place, SearchQuery, SearchResult
from contracts.languages import language
from contracts.places import areas
from contracts.places.index import index
from contracts.problems import InvalidInput

ANSWERS_MAX: Final = 256
"""Answers that a process has ready as bytes."""
HORIZON_DAYS: Final = 361
"""Airlines sell about a year ahead."""


Part = Callable[[SearchResult], None]
"""Told of what is there so far: an answer that is not complete, with the id of the one that will be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, and the same as it goes over the wire."""

    result: SearchResult
    body: bytes
    fresh_until: float


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A search whose places, days and party are known and allowed."""

    query: SearchQuery
    namesakes: tuple[Place, ...]
    code: str


class FlightService:
    """Resolves, validates, asks the fare sources, and puts the answer into the caller's language."""

    def __init__(
        self,
        fares: FareChain,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        kept: FlightRepository | None = None,
    ) -> None:
        self._fares = fares
        self._now = now
        self._kept = kept or FlightRepository()
        self._answers: OrderedDict[SearchParams, Answer] = OrderedDict()

    async def search(self, params: SearchParams, part: Part | None = None) -> SearchResult:
        """Offers, cheapest first.

        Raises InvalidInput that names the field, UnknownPlace with what was perhaps meant, FaresUnavailable.
        """
        return (await self.answer(params, part)).result

    async def answer(self, params: SearchParams, part: Part | None = None) -> Answer:
        """The same with its bytes. The same question again, while its fares are fresh, gets the same answer and id."""
        params = params.settled()
        known = self._answers.get(params)
        if known is not None and self._now().timestamp() < known.fresh_until:
            self._answers.move_to_end(params)
            return known
        resolved = self.resolve(params)
        search_id = secrets.token_urlsafe(12)
        listen = self._listener(resolved, search_id, part) if part else None
        fares = await self._fares.search(resolved.query, listen)
        result = self._result(resolved, search_id, fares)
        fresh_until = self._now().timestamp() + self._fares.fresh_for(fares)
        made = Answer(result, result.model_dump_json().encode(), fresh_until)
        self._answers[params] = made
        while len(self._answers) > ANSWERS_MAX:
            self._answers.popitem(last=False)
        await self._kept.keep_search(result)
        return made

    def _listener(self, resolved: _Resolved, search_id: str, part: Part) -> Callable[[Fares], None]:
        return lambda fares: part(self._result(resolved, search_id, fares))

    def resolve(self, params: SearchParams) -> _Resolved:
        """The search that the caller means. Raises InvalidInput that names the field, UnknownPlace, AmbiguousPlace."""
        code = language(params.language).code
        origin = settle("origin", params.origin, code, params.market)
        destination = settle("destination", params.destination, code, params.market)
        _check_apart("destination", origin.place, destination.place)
        self._check_dates(params, origin.place)
        further, namesakes = self._further(params, code)
        try:
            query = SearchQuery(
                origin=origin.place,
                destination=destination.place,
                departure_date=params.departure_date,
                return_date=params.return_date,
                further=further,
                adults=params.adults,
                children=params.children,
                infants=params.infants,
                filters=params.filters,
                cabin=params.cabin,
                currency=params.currency or currency_of(params.market, code),
                max_stops=params.max_stops,
            )
        except ValidationError as error:
            raise _party(error) from None
        return _Resolved(query, (*origin.namesakes, *destination.namesakes, *namesakes), code)

    def _further(self, params: SearchParams, code: str) -> tuple[tuple[Leg, ...], tuple[Place, ...]]:
        """The legs after the first, each on or after the day of the one before it."""
        listed = params.further if isinstance(params, JourneyParams) else ()
        legs: list[Leg] = []
        namesakes: list[Place] = []
        earliest = params.departure_date
        for number, leg in enumerate(listed):
            origin = settle(f"further.{number}.origin", leg.origin, code, params.market)
            destination = settle(f"further.{number}.destination", leg.destination, code, params.market)
            _check_apart(f"further.{number}.destination", origin.place, destination.place)
            why = f"the leg before it is on {earliest}"
            latest = params.departure_date + timedelta(days=HORIZON_DAYS)
            _check_date(f"further.{number}.date", leg.date, earliest, why, latest=latest)
            earliest = leg.date
            legs.append(Leg(origin=origin.place, destination=destination.place, date=leg.date))
            namesakes += [*origin.namesakes, *destination.namesakes]
        return tuple(legs), tuple(namesakes)

    def _check_dates(self, params: SearchParams, origin: Place) -> None:
        today = self._now().astimezone(ZoneInfo(origin.time_zone)).date()
        _check_date("departure_date", params.departure_date, today, f"today in {origin.name} is {today}")
        if params.return_date is not None:
            _check_date(
                "return_date",
                params.return_date,
                params.departure_date,
                f"it is before the departure on {params.departure_date}",
                latest=today + timedelta(days=HORIZON_DAYS),
            )

    def _result(self, resolved: _Resolved, search_id: str, fares: Fares) -> SearchResult:
        query = resolved.query
        currency = one_currency((offer.total.currency for offer in fares.offers), query.currency)
        comparable = (offer for offer in fares.offers if offer.total.currency == currency)
        same = currency == query.currency
        offers, unkept = keep(sorted(comparable, key=_rank), query.filters, same_currency=same)
        filters = query.filters if same else without_price(query.filters)
        now = self._now()
        return SearchResult(
            search_id=search_id,
            query=query.model_copy(update={"currency": currency, "filters": filters}),
            offers=tuple(localise(offer, resolved.code) for offer in offers),
            provider=fares.provider,
            price_kind=fares.price_kind,
            fetched_at=min((offer.fetched_at for offer in offers), default=now),
            expires_at=min((offer.expires_at for offer in offers if offer.expires_at), default=None),
            namesakes=resolved.namesakes,
            complete=fares.complete,
            unkept=unkept,
        )


def _rank(offer: Offer) -> tuple[Decimal, int, int]:
    """Price, then duration, then changes of the whole journey."""
    legs = offer.slices
    return offer.total.decimal, sum(leg.duration_minutes for leg in legs), sum(leg.stops for leg in legs)


def _party(error: ValidationError) -> InvalidInput:
    """Who cannot travel so, and what is allowed."""
    told = str(error.errors(include_url=False, include_input=False)[0]["msg"]).removeprefix("Value error, ")
    if "legs" in told:
        return InvalidInput.of("return_date", told, "either a return date or further legs")
    field = "infants" if "infant" in told else "adults"
    return InvalidInput.of(field, told, "1 to 9 passengers together, and an adult for each infant")


def _check_apart(field: str, origin: Place, destination: Place) -> None:
    if origin.code == destination.code or set(origin.airports) == set(destination.airports):
        raise InvalidInput.of(field, f"it is the same place as the origin, {origin.name}", "another place")
    if set(origin.airports) & set(destination.airports):
        raise InvalidInput.of(field, f"{destination.name} and {origin.name} share an airport", "a place farther away")


def _check_date(field: str, value: date, earliest: date, why: str, latest: date | None = None) -> None:
    last = latest or earliest + timedelta(days=HORIZON_DAYS)
    allowed = f"{earliest} to {last}"
    if value < earliest:
        raise InvalidInput.of(field, f"{value} is too early: {why}", allowed)
    if value > last:
        raise InvalidInput.of(field, f"{value} is more than {HORIZON_DAYS} days ahead", allowed)


def localise(offer: Offer, code: str) -> Offer:
    """The offer with its cities named in that language."""
    slices = tuple(
        part.model_copy(
            update={
                "segments": tuple(
                    segment.model_copy(
                        update={
                            "origin": _airport(segment.origin, code),
                            "destination": _airport(segment.destination, code),
                        }
                    )
                    for segment in part.segments
                )
            }
        )
        for part in offer.slices
    )
    return offer.model_copy(update={"slices": slices})


def localise_place(place: Place, code: str) -> Place:
    """The place as it is called in that language; one that is no city keeps its name."""
    city = index().codes.get(place.code)
    if city is None or city.code != place.code:
        return place
    area = areas([city], code)[0] if place.area else None
    return place.model_copy(update={"name": city.display_name(code), "area": area})


def localise_result(result: SearchResult, code: str) -> SearchResult:
    """An answer that was made in another language."""

    def ends(one: SearchQuery | Leg) -> dict[str, Place]:
        return {name: localise_place(getattr(one, name), code) for name in ("origin", "destination")}

    query = result.query
    further = tuple(leg.model_copy(update=ends(leg)) for leg in query.further)
    named = query.model_copy(update={**ends(query), "further": further})
    offers = tuple(localise(offer, code) for offer in result.offers)
    return result.model_copy(update={"query": named, "offers": offers})


def _airport(airport: Airport, code: str) -> Airport:
    city = index().codes.get(airport.code)
    return airport.model_copy(update={"city": city.display_name(code)}) if city else airport
