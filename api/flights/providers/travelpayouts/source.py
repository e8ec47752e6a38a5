"""The lowest price of each day by `GET /aviasales/v3/grouped_prices` (travelpayouts.github.io/slate).

What others found in the last days, for one adult: a price for a party is that price for each passenger with a seat.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

import httpx2
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import from_json

from api.flights.providers.base import Prices
from api.flights.providers.faults import SOON, AnswerUnreadable, SourceDown
from api.flights.providers.http import FareHttp
from contracts.flights import Cabin, Money, PriceKind, SearchQuery

NAME: Final = "travelpayouts"
VARIABLE: Final = "TRAVELPAYOUTS_TOKEN"
URL_VARIABLE: Final = "POLYGLOT_TRAVELPAYOUTS_URL"


def _day(value: object) -> object:
    return value[:10] if isinstance(value, str) and value else None


Day = Annotated[date | None, BeforeValidator(_day)]


class FoundPrice(BaseModel):
    """What somebody found; times begin with their day."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    price: Annotated[Decimal, Field(gt=0, lt=1_000_000_000)]
    departure_at: Day = None
    return_at: Day = None


class Travelpayouts:
    """The source `travelpayouts`. Children's fares and cabins other than economy are not known to it."""

    name = NAME
    price_kind = PriceKind.CACHED

    def __init__(self, token: SecretStr, url: str) -> None:
        # In a header, because an address may be logged on the way.
        headers = {"X-Access-Token": token.get_secret_value()}
        self._http = FareHttp(self.name, url, variable=VARIABLE, headers=headers)

    async def calendar(self, query: SearchQuery, days: Sequence[date], stay: int | None, deadline: float) -> Prices:
        """One question for each month. Raises a FareFault when one of them is not answered."""
        if query.cabin is not Cabin.ECONOMY:
            raise SourceDown(f"{self.name}: knows economy only")
        months = sorted({day.strftime("%Y-%m") for day in days})
        answers = await asyncio.gather(
            *(self._month(query, month, stay, deadline) for month in months), return_exceptions=True
        )
        found = [answer for answer in answers if isinstance(answer, dict)]
        if len(found) < len(answers):
            # The cheapest day of one month is not that of the five weeks that were asked for.
            raise next(answer for answer in answers if isinstance(answer, BaseException))
        prices = {day: amount for answer in found for day, amount in answer.items()}
        return {
            day: Money(amount=f"{prices[day] * query.seats:f}", currency=query.currency)
            for day in days
            if day in prices
        }

    async def ready(self) -> bool:
        """Whether it may be asked: the token was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _month(self, query: SearchQuery, month: str, stay: int | None, seconds: float) -> dict[date, Decimal]:
        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            params = {
                "origin": query.origin.code,
                "destination": query.destination.code,
                "departure_at": month,
                "group_by": "departure_at",
                "currency": query.currency.lower(),
                "direct": "true" if query.max_stops == 0 else "false",
            }
            if stay is not None:
                params |= {"min_trip_duration": str(stay), "max_trip_duration": str(stay)}
            return http.build_request("GET", "/aviasales/v3/grouped_prices", params=params)

        async def read(body: bytes) -> dict[date, Decimal]:
            return read_month(body, query.currency, returning=stay is not None)

        return await self._http.ask(make, read, seconds)


def read_month(body: bytes, currency: str, *, returning: bool) -> dict[date, Decimal]:
    """Prices by day; those of one way and of a return are told apart. AnswerUnreadable when it is no such answer."""
    try:
        answer = from_json(body)
        data: Any = answer["data"]
        told, good = str(answer.get("currency") or currency).upper(), answer.get("success") is True
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AnswerUnreadable(f"{NAME}: the answer is not a calendar", again_in=SOON) from None
    if not good:
        raise SourceDown(f"{NAME}: the question was not answered")
    if told != currency:
        raise AnswerUnreadable(f"{NAME}: prices are in {told}")
    # An empty answer is a list, another one an object.
    items = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    prices: dict[date, Decimal] = {}
    for item in items:
        try:
            found = FoundPrice.model_validate(item)
        except ValidationError:
            continue
        if found.departure_at is not None and (found.return_at is not None) is returning:
            best = prices.get(found.departure_at)
            prices[found.departure_at] = min(best, found.price) if best else found.price
    return prices
