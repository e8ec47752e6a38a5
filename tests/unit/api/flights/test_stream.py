"""What one source has is shown while another is still asked; many who ask the same ask a source once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from samples import offer

from api.flights.providers.base import Progress
from api.flights.schemas import JourneyParams
from contracts.flights import Offer, PriceKind, SearchQuery, SearchResult

DAY = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
GOOD = {"origin": "Madrid", "destination": "Berlin", "departure_date": DAY, "adults": "1"}


class Source:
    """Gives `first` at once, and the rest when it is let."""

    price_kind = PriceKind.SAMPLE
    patience = 0.0

    def __init__(self, name: str, first: tuple[Offer, ...], rest: tuple[Offer, ...] = ()) -> None:
        self.name = name
        self.first, self.rest = first, rest
        self.asked = 0
        self.go_on = asyncio.Event()

    def able(self, _query: SearchQuery) -> bool:
        return True

    async def search(self, _query: SearchQuery, _deadline: float, progress: Progress) -> tuple[Offer, ...]:
        self.asked += 1
        if self.rest:
            if self.first:
                progress.found(self.first)
            await self.go_on.wait()
        return (*self.first, *self.rest)

    async def ready(self) -> bool:
        return True

    async def aclose(self) -> None:
        pass


async def streamed(api: Any, told: "asyncio.Queue[tuple[str, SearchResult]]") -> None:
    """What the stream's route does; over HTTP it is in tests/integration, as a client in process gets only whole bodies."""
    answer = await api.services.flights.answer(
        JourneyParams.model_validate(GOOD), lambda part: told.put_nowait(("offers", part))
    )
    told.put_nowait(("done", answer.result))


async def test_the_first_sources_offers_are_there_before_a_late_one_has_answered(start: Any) -> None:
    empty = Source("one", ())
    late = Source("two", (offer("120.00", hour=9),), (offer("89.90"),))
    async with start(fares=(empty, late)) as api:
        told: asyncio.Queue[tuple[str, SearchResult]] = asyncio.Queue()
        asking = asyncio.create_task(streamed(api, told))
        async with asyncio.timeout(30):
            kind, part = await told.get()
        assert (kind, len(part.offers), part.complete) == ("offers", 1, False)
        assert not asking.done()  # the other one has not answered
        late.go_on.set()
        async with asyncio.timeout(30):
            kind, whole = await told.get()
        assert (kind, len(whole.offers)) == ("done", 2)
        assert whole.search_id == part.search_id
        await asking
        assert (empty.asked, late.asked) == (1, 1)


async def test_twenty_who_ask_the_same_at_once_ask_a_source_once(start: Any) -> None:
    source = Source("one", (), (offer("89.90"),))
    async with start(fares=(source,)) as api:

        async def one(language: str) -> SearchResult:
            response = await api.http.post("/v1/flights/search", json=GOOD | {"language": language, "currency": "EUR"})
            return SearchResult.model_validate_json(response.content)

        asking = [asyncio.create_task(one(("en", "es", "ja", "zh")[number % 4])) for number in range(20)]
        async with asyncio.timeout(30):
            while not source.asked:  # noqa: ASYNC110 - a source tells nobody
                await asyncio.sleep(0.001)
        source.go_on.set()
        found = await asyncio.gather(*asking)
    assert source.asked == 1
    assert {len(result.offers) for result in found} == {1}
    assert len({result.search_id for result in found}) >= 4
