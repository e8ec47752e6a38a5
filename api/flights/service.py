"""A flight search from what the caller said to a sorted result in the caller's language."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from api.flights.providers.chain import FareChain, Fares
from api.flights.providers.choice import one_currency
from api.flights.schemas import SearchParams
from api.places.service import settle
from contracts.flights import Airport, Offer, Place, SearchQuery, SearchResult
from contracts.languages import language
from contracts.places.index import index
from contracts.problems import InvalidInput

HORIZON_DAYS: Final = 361
"""Airlines sell about a year ahead."""


class FlightService:
    """Resolves, validates, asks the fare sources, and puts the answer into the caller's language."""

    def __init__(self, fares: FareChain, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._fares = fares
        self._now = now

    async def search(self, params: SearchParams) -> SearchResult:
        """Offers, cheapest first.

        Raises InvalidInput that names the field, UnknownPlace with what was perhaps meant, FaresUnavailable.
        """
        code = language(params.language).code
        origin = settle("origin", params.origin, code, params.country)
        destination = settle("destination", params.destination, code, params.country)
        _check_apart(origin.place, destination.place)
        self._check_dates(params, origin.place)
        query = SearchQuery(
            origin=origin.place,
            destination=destination.place,
            departure_date=params.departure_date,
            return_date=params.return_date,
            adults=params.adults,
            cabin=params.cabin,
            currency=params.currency or language(code).currency,
            max_stops=params.max_stops,
        )
        return self._result(query, await self._fares.search(query), (*origin.namesakes, *destination.namesakes), code)

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

    def _result(self, query: SearchQuery, fares: Fares, namesakes: tuple[Place, ...], code: str) -> SearchResult:
        currency = one_currency((offer.total.currency for offer in fares.offers), query.currency)
        comparable = (offer for offer in fares.offers if offer.total.currency == currency)
        offers = sorted(comparable, key=_rank)
        now = self._now()
        return SearchResult(
            search_id=secrets.token_urlsafe(12),
            query=query.model_copy(update={"currency": currency}),
            offers=tuple(localise(offer, code) for offer in offers),
            provider=fares.provider,
            price_kind=fares.price_kind,
            fetched_at=min((offer.fetched_at for offer in offers), default=now),
            expires_at=min((offer.expires_at for offer in offers if offer.expires_at), default=None),
            namesakes=namesakes,
        )


def _rank(offer: Offer) -> tuple[Decimal, int, int]:
    """Price, then duration, then changes of the whole journey."""
    legs = offer.slices
    return offer.total.decimal, sum(leg.duration_minutes for leg in legs), sum(leg.stops for leg in legs)


def _check_apart(origin: Place, destination: Place) -> None:
    if origin.code == destination.code or set(origin.airports) == set(destination.airports):
        raise InvalidInput.of("destination", f"it is the same place as the origin, {origin.name}", "another place")
    if set(origin.airports) & set(destination.airports):
        raise InvalidInput.of(
            "destination", f"{destination.name} and {origin.name} share an airport", "a place farther away"
        )


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


def _airport(airport: Airport, code: str) -> Airport:
    city = index().codes.get(airport.code)
    return airport.model_copy(update={"city": city.display_name(code)}) if city else airport
