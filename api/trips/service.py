"""What comes after a search: is it still sold at that price, how do offers differ, which day is cheapest, is it on time."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog
from pydantic import ValidationError

from api.database.tables import SharedTripRow
from api.flights.providers.base import Books, Calendars, Checks, FareSource, Source, TellsStatus
from api.flights.providers.chain import FareChain
from api.flights.repository import FlightRepository
from api.flights.service import FlightService, localise, localise_result
from api.trips.comparing import differences
from api.trips.repository import TripRepository
from api.trips.schemas import CalendarParams, NewShare, StatusParams
from contracts.flights import Offer, SearchQuery, SearchResult
from contracts.languages import language
from contracts.problems import FaresUnavailable, InvalidInput, NotFound, PolyglotError
from contracts.trips import (
    CalendarDay,
    CompareQuestion,
    Comparison,
    FlightStatus,
    OfferCheck,
    OfferQuestion,
    Outcome,
    PriceCalendar,
    SharedTrip,
)

log = structlog.get_logger("polyglot.trips")

TOO_OLD: Final = "That search is too old or was never made here; search again."
SHARE_DAYS_MAX: Final = 60
CALENDAR_SECONDS: Final = 3600.0
CALENDARS_MAX: Final = 128
LINK_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Sharer:
    """Whose link it is: the tenant's, and the call's where it was made in one."""

    tenant: str
    session_id: str | None = None


class TripService:
    """Around a search."""

    def __init__(  # noqa: PLR0913 - made in one place
        self,
        flights: FlightService,
        chain: FareChain,
        others: Sequence[Source],
        kept: FlightRepository,
        trips: TripRepository,
        *,
        deadline: float,
        page_url: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`others` are sources without fares; `page_url` is where the page is, for links."""
        self._flights = flights
        self._chain = chain
        self._sources: Final[tuple[FareSource | Source, ...]] = (*chain.sources, *others)
        self._kept = kept
        self._trips = trips
        self._deadline = deadline
        self._page_url = page_url
        self._now = now
        self._calendars: OrderedDict[str, tuple[float, PriceCalendar]] = OrderedDict()

    async def check(self, wanted: OfferQuestion) -> OfferCheck:
        """The offer as it is sold now, and where. NotFound for what is too old, FaresUnavailable when nobody can say."""
        result = await self._search(wanted.search_id)
        before = _offer(result, wanted.offer_id)
        # What has left is sold by nobody; sources have other words for such a question.
        left = before.slices[0].departs_at <= self._now()
        now = None if left else await self._as_it_is(result.query, before)
        if now is not None:
            now = localise(now, language(wanted.language).code)
        await self._replace(result, before, now)
        changed = now is not None and (now.total.decimal, now.total.currency) != (
            before.total.decimal,
            before.total.currency,
        )
        outcome = Outcome.GONE if now is None else Outcome.CHANGED if changed else Outcome.SAME
        return OfferCheck(
            search_id=result.search_id,
            outcome=outcome,
            before=before.total,
            offer=now,
            checked_at=self._now(),
            booking_url=await self._booking_url(now) if now else None,
        )

    async def compare(self, wanted: CompareQuestion) -> Comparison:
        """Two to four offers of an answer in the facts in which they differ."""
        result = await self._search(wanted.search_id)
        if len(set(wanted.offer_ids)) < len(wanted.offer_ids):
            raise InvalidInput.of("offer_ids", "the same offer is named twice", "two to four different offers")
        code = language(wanted.language).code
        offers = tuple(localise(_offer(result, offer_id), code) for offer_id in wanted.offer_ids)
        facts, same = differences(offers)
        return Comparison(search_id=result.search_id, offers=offers, facts=facts, same=same)

    async def share(self, wanted: NewShare, sharer: Sharer, origin: str) -> SharedTrip:
        """A link to one offer, until a day after its departure; `origin` is the page's where none is configured."""
        result = await self._search(wanted.search_id)
        offer = _offer(result, wanted.offer_id)
        now = self._now()
        gone = datetime.combine(result.query.departure_date + timedelta(days=2), datetime.min.time(), UTC)
        shared = SharedTrip(
            id=(share_id := secrets.token_urlsafe(16)),
            url=f"{(self._page_url or origin).rstrip('/')}/?trip={share_id}",
            search=result.model_copy(update={"offers": (offer,)}),
            created_at=now,
            expires_at=min(gone, now + timedelta(days=SHARE_DAYS_MAX)),
        )
        row = SharedTripRow(
            id=share_id,
            tenant=sharer.tenant,
            session_id=sharer.session_id,
            body=shared.model_dump_json(),
            created_at=now,
            expires_at=shared.expires_at,
        )
        await self._trips.add(row)
        return shared

    async def shared(self, share_id: str, wanted_language: str | None = None) -> SharedTrip:
        """What is behind a link, named in the language of who opens it. NotFound when it is over."""
        row = await self._trips.get(share_id, self._now())
        try:
            found = SharedTrip.model_validate_json(row.body) if row else None
        except ValidationError:  # of another version
            found = None
        if found is None:
            raise NotFound("There is no such trip any more.")
        # It can be checked and searched again from here on; the whole answer, where it is still known, stays whole.
        if await self._kept.search(found.search.search_id) is None:
            await self._kept.keep_search(found.search)
        if wanted_language is None:
            return found
        return found.model_copy(update={"search": localise_result(found.search, language(wanted_language).code)})

    async def calendar(self, params: CalendarParams) -> PriceCalendar:
        """The lowest price of each day by the first source that knows. NotFound where no source has a calendar."""
        resolved = self._flights.resolve(params.search())
        key = params.model_dump_json()
        known = self._calendars.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        days = [params.first_date + timedelta(days=number) for number in range(params.days)]
        made = await self._first_calendar(resolved.query, days, params.stay_nights)
        self._calendars[key] = (time.monotonic() + CALENDAR_SECONDS, made)
        while len(self._calendars) > CALENDARS_MAX:
            self._calendars.popitem(last=False)
        return made

    async def status(self, params: StatusParams) -> FlightStatus:
        """One flight on one day. NotFound when nobody knows it, FaresUnavailable when nobody answers."""
        asked = [source for source in self._sources if isinstance(source, TellsStatus)]
        if not asked:
            raise NotFound("No source of this assistant tells the status of flights.")
        failed = 0
        for source in asked:
            try:
                found = await source.status(params.flight, params.date, self._deadline)
            except PolyglotError as error:
                log.warning("status not told", source=source.name, error=type(error).__name__)
                failed += 1
                continue
            if found is not None:
                return found
        if failed == len(asked):
            raise FaresUnavailable("Nobody who knows the status of flights answered in time.")
        raise NotFound(f"Nobody knows of a flight {params.flight} on {params.date}.")

    async def _first_calendar(self, query: SearchQuery, days: list[date], stay: int | None) -> PriceCalendar:
        asked = [source for source in self._sources if isinstance(source, Calendars)]
        if not asked:
            raise NotFound("No source of this assistant gives a calendar of prices.")
        for source in asked:
            try:
                prices = await source.calendar(query, days, stay, self._deadline)
            except PolyglotError as error:
                log.warning("calendar not given", source=source.name, error=type(error).__name__)
                continue
            told = tuple(
                CalendarDay(
                    date=day,
                    return_date=day + timedelta(days=stay) if stay is not None else None,
                    price=prices.get(day),
                )
                for day in days
            )
            return PriceCalendar(
                origin=query.origin,
                destination=query.destination,
                currency=query.currency,
                price_kind=source.price_kind,
                provider=source.name,
                days=told,
                cheapest=min(prices, key=lambda day: (prices[day].decimal, day), default=None),
            )
        raise FaresUnavailable("No source of a calendar answered in time.")

    async def _search(self, search_id: str) -> SearchResult:
        result = await self._kept.search(search_id)
        if result is None:
            raise NotFound(TOO_OLD)
        return result

    async def _as_it_is(self, query: SearchQuery, before: Offer) -> Offer | None:
        """By the source itself where it can say; else by the same search, made anew."""
        source = next((one for one in self._sources if one.name == before.provider), None)
        if isinstance(source, Checks):
            try:
                return await source.check(before, query, self._deadline)
            except PolyglotError as error:
                log.info("offer not checked by its source", source=before.provider, error=type(error).__name__)
        fares = await self._chain.search(query, fresh=True)
        if fares.provider != before.provider:
            raise FaresUnavailable(f"{before.provider} cannot say now whether the offer is still sold.")
        return next((offer for offer in fares.offers if _same_flights(offer, before)), None)

    async def _replace(self, result: SearchResult, before: Offer, now: Offer | None) -> None:
        """The answer that the page and the assistant speak from has the price of now."""
        if now is not None and now.total.currency != before.total.currency:
            return
        kept = now.model_copy(update={"id": before.id}) if now else None
        swapped = (kept if offer.id == before.id else offer for offer in result.offers)
        offers = tuple(offer for offer in swapped if offer is not None)
        await self._kept.keep_search(result.model_copy(update={"offers": offers}))

    async def _booking_url(self, offer: Offer) -> str | None:
        source = next((one for one in self._sources if one.name == offer.provider), None)
        if isinstance(source, Books) and offer.bookable and self._page_url:
            try:
                return await source.booking_url(offer, self._page_url, LINK_SECONDS)
            except PolyglotError as error:
                log.info("no booking page", source=offer.provider, error=type(error).__name__)
        return offer.deep_link


def _offer(result: SearchResult, offer_id: str) -> Offer:
    found = next((offer for offer in result.offers if offer.id == offer_id), None)
    if found is None:
        raise NotFound("There is no such offer in that search any more.")
    return found


def _same_flights(one: Offer, other: Offer) -> bool:
    return (_flights(one), one.fare_brand, one.cabin) == (_flights(other), other.fare_brand, other.cabin)


def _flights(offer: Offer) -> list[tuple[str, datetime]]:
    return [(segment.flight_number, segment.departs_at) for part in offer.slices for segment in part.segments]
