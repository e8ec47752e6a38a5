import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from api.flights.providers.base import Progress
from api.flights.providers.chain import FareChain, search_key
from api.flights.providers.faults import QuestionRefused
from api.flights.providers.sample.source import SampleFares
from contracts.flights import Filters, Offer, PriceKind, SearchQuery
from contracts.places import resolve
from contracts.problems import FaresUnavailable, InvalidInput

NOW = datetime(2026, 11, 21, tzinfo=UTC)
QUERY = SearchQuery(
    origin=resolve("MAD").place.to_place("en"),
    destination=resolve("BER").place.to_place("en"),
    departure_date=date(2026, 12, 4),
)


@dataclass
class Source:
    name: str = "test"
    price_kind: PriceKind = PriceKind.LIVE
    patience: float = 0.0
    can: bool = True
    offers: tuple[Offer, ...] = ()
    error: Exception | None = None
    delay: float = 0.0
    asked: int = 0
    cancelled: int = 0
    closed: bool = False
    parts: tuple[tuple[Offer, ...], ...] = ()
    cut: bool = False
    budgets: list[float] = field(default_factory=list)

    def able(self, query: SearchQuery) -> bool:
        assert query.model_copy(update={"filters": QUERY.filters}) == QUERY
        return self.can

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        assert query.model_copy(update={"filters": QUERY.filters}) == QUERY
        self.asked += 1
        progress.cut = self.cut
        self.budgets.append(deadline)
        for part in self.parts:
            progress.found(part)
        try:
            await asyncio.sleep(self.delay)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return self.offers

    async def ready(self) -> bool:
        return self.error is None

    async def aclose(self) -> None:
        self.closed = True


def chain(*sources: Source, clock: Callable[[], float] = NOW.timestamp, deadline: float = 1.0) -> FareChain:
    return FareChain(sources, deadline=deadline, cache_seconds=300, clock=clock)


async def offers(**changes: object) -> tuple[Offer, ...]:
    made = await SampleFares(now=lambda: NOW).search(QUERY, 1, Progress())
    return tuple(offer.model_copy(update=changes) for offer in made)


@pytest.mark.parametrize("error", [FaresUnavailable("down"), TimeoutError(), ValueError("bug"), OSError()])
async def test_the_next_source_is_asked_when_one_fails(error: Exception) -> None:
    first, second = Source("first", error=error), Source("second", offers=await offers())
    fares = await chain(first, second).search(QUERY)
    assert (fares.provider, len(fares.offers)) == ("second", len(second.offers))


async def test_a_slow_source_does_not_cost_the_next_its_turn() -> None:
    first, second = Source("first", delay=30), Source("second", offers=await offers())
    fares = await chain(first, second, deadline=0.5).search(QUERY)
    assert fares.provider == "second"
    assert first.cancelled == 1
    assert first.budgets == [pytest.approx(0.5, abs=0.2)], "it may still win"


async def test_a_slow_source_that_answers_first_all_the_same_wins() -> None:
    first, second = Source("first", delay=0.4, offers=await offers()), Source("second", delay=30)
    fares = await chain(first, second, deadline=0.5).search(QUERY)
    assert (fares.provider, fares.complete, second.cancelled) == ("first", True, 1)


async def test_after_a_failure_the_next_source_has_all_the_time_that_is_left() -> None:
    first, second = Source("first", error=OSError()), Source("second", error=OSError())
    with pytest.raises(FaresUnavailable):
        await chain(first, second, deadline=6.0).search(QUERY)
    assert [source.budgets for source in (first, second)] == [[pytest.approx(6.0, abs=0.1)]] * 2


async def test_what_was_found_so_far_is_better_than_nothing_at_the_deadline() -> None:
    some = (await offers())[:2]
    first, second = Source("first", parts=(some,), delay=30), Source("second", offers=await offers())
    heard: list[int] = []
    fares = await chain(first, second, deadline=0.1).search(QUERY, lambda so_far: heard.append(len(so_far.offers)))
    assert (fares.provider, fares.offers, fares.complete) == ("first", some, False)
    assert (heard, second.asked) == ([2], 0), "nobody else is asked beside one that has offers"


async def test_who_comes_later_to_a_search_is_told_what_is_there() -> None:
    asked = chain(Source(parts=((await offers())[:3],), offers=await offers(), delay=0.05))
    first = asyncio.create_task(asked.search(QUERY))
    await asyncio.sleep(0.01)
    heard: list[int] = []
    await asked.search(QUERY, lambda so_far: heard.append(len(so_far.offers)))
    await first
    assert heard == [3]


async def test_a_source_that_fails_again_and_again_is_left_alone() -> None:
    first, second = Source("first", error=OSError()), Source("second", offers=await offers(expires_at=NOW))
    asked = chain(first, second)
    for _ in range(7):
        assert (await asked.search(QUERY)).provider == "second"
    assert (first.asked, second.asked) == (4, 7)
    first.error, first.offers = None, second.offers
    assert (await asked.search(QUERY)).provider == "second", "not before it has rested"


async def test_a_question_that_a_source_refuses_is_no_sign_of_trouble() -> None:
    first, second = Source("first", error=QuestionRefused("no")), Source("second", offers=await offers(expires_at=NOW))
    asked = chain(first, second)
    for _ in range(7):
        await asked.search(QUERY)
    assert first.asked == 7


async def test_an_answer_is_as_reliable_as_its_offers_say() -> None:
    made_up = await offers(price_kind=PriceKind.SAMPLE)
    live = tuple(offer.model_copy(update={"price_kind": PriceKind.LIVE}) for offer in made_up)
    assert (await chain(Source(offers=live)).search(QUERY)).price_kind is PriceKind.LIVE
    assert (await chain(Source(offers=(*live[:2], made_up[2]))).search(QUERY)).price_kind is PriceKind.SAMPLE
    assert (await chain(Source(price_kind=PriceKind.METASEARCH)).search(QUERY)).price_kind is PriceKind.METASEARCH


async def test_the_language_of_the_places_does_not_matter() -> None:
    source = Source(offers=await offers())
    asked = chain(source)
    await asked.search(QUERY)
    for other in ("de", "ja"):
        named = {"origin": resolve("MAD").place.to_place(other), "destination": resolve("BER").place.to_place(other)}
        await asked.search(QUERY.model_copy(update=named))
    assert source.asked == 1
    changes = ({"currency": "USD"}, {"adults": 2}, {"max_stops": 0}, {"origin": resolve("BCN").place.to_place("en")})
    keys = {search_key(QUERY.model_copy(update=change)) for change in changes}
    assert len({search_key(QUERY), *keys}) == 5


async def test_metasearch_prices_are_kept_for_an_hour() -> None:
    now = [NOW.timestamp()]
    source = Source(offers=await offers(expires_at=None, price_kind=PriceKind.METASEARCH))
    asked = chain(source, clock=lambda: now[0])
    for later, expected in ((0, 1), (3599, 1), (3601, 2)):
        now[0] = NOW.timestamp() + later
        await asked.search(QUERY)
        assert source.asked == expected


async def test_an_empty_answer_passes_to_the_next_source() -> None:
    first, second = Source("first"), Source("second", offers=await offers())
    fares = await chain(first, second).search(QUERY)
    assert (fares.provider, fares.complete, bool(fares.offers)) == ("second", True, True)


async def test_nothing_anywhere_is_an_answer_that_can_be_relied_on() -> None:
    asked = chain(Source("first"), Source("second"))
    fares = await asked.search(QUERY)
    assert (fares.provider, fares.offers, fares.complete) == ("first", (), True)


@pytest.mark.parametrize("late", [Source("late", error=TimeoutError()), Source("hasty", patience=20.0)])
async def test_nothing_in_time_is_not_the_same_as_nothing_and_is_not_remembered(late: Source) -> None:
    empty = Source("empty")
    asked = chain(late, empty)
    for times in (1, 2):
        fares = await asked.search(QUERY)
        assert (fares.offers, fares.complete) == ((), False)
        assert empty.asked == times


async def test_a_source_that_cannot_price_the_journey_is_not_asked_for_less() -> None:
    first, second = Source("first", can=False, offers=await offers()), Source("second", offers=await offers())
    assert (await chain(first, second).search(QUERY)).provider == "second"
    assert first.asked == 0
    with pytest.raises(InvalidInput, match="no fare source"):
        await chain(Source("first", can=False)).search(QUERY)


async def test_all_failing_is_said() -> None:
    with pytest.raises(FaresUnavailable, match="first, second"):
        await chain(Source("first", error=OSError()), Source("second", error=OSError())).search(QUERY)
    with pytest.raises(FaresUnavailable, match="POLYGLOT_FARE_SOURCES"):
        await chain().search(QUERY)


async def test_a_wrong_question_is_not_asked_elsewhere() -> None:
    second = Source("second", offers=await offers())
    with pytest.raises(InvalidInput):
        await chain(Source("first", error=InvalidInput.of("currency", "no")), second).search(QUERY)
    assert second.asked == 0


async def test_answers_are_remembered_for_a_while() -> None:
    now = [NOW.timestamp()]
    source = Source(offers=await offers(expires_at=None))
    asked = chain(source, clock=lambda: now[0])
    for later, expected in ((0, 1), (299, 1), (301, 2)):
        now[0] = NOW.timestamp() + later
        await asked.search(QUERY)
        assert source.asked == expected


async def test_offers_are_not_handed_out_shortly_before_they_expire() -> None:
    now = [NOW.timestamp()]
    source = Source(offers=await offers(expires_at=NOW + timedelta(seconds=200)))
    asked = chain(source, clock=lambda: now[0])
    for later, expected in ((0, 1), (79, 1), (81, 2)):
        now[0] = NOW.timestamp() + later
        await asked.search(QUERY)
        assert source.asked == expected


async def test_failures_are_not_remembered() -> None:
    source = Source(error=OSError())
    asked = chain(source)
    for _ in range(2):
        with pytest.raises(FaresUnavailable):
            await asked.search(QUERY)
    assert source.asked == 2


async def test_the_same_search_at_once_is_asked_once() -> None:
    source = Source(offers=await offers(), delay=0.02)
    asked = chain(source)
    results = await asyncio.gather(*(asked.search(QUERY) for _ in range(5)))
    assert source.asked == 1
    assert all(result is results[0] for result in results)


async def test_one_who_stops_waiting_does_not_stop_the_others() -> None:
    source = Source(offers=await offers(), delay=0.03)
    asked = chain(source)
    stopped, other = asyncio.create_task(asked.search(QUERY)), asyncio.create_task(asked.search(QUERY))
    await asyncio.sleep(0.005)
    stopped.cancel()
    assert (await other).offers
    with pytest.raises(asyncio.CancelledError):
        await stopped


async def test_closing_cancels_what_runs() -> None:
    source = Source(delay=30)
    asked = chain(source)
    waiting = asyncio.create_task(asked.search(QUERY))
    await asyncio.sleep(0.005)
    await asked.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (source.cancelled, source.closed) == (1, True)


async def test_ready_when_any_source_is() -> None:
    assert await chain(Source(error=OSError()), Source()).ready()
    assert not await chain(Source(error=OSError())).ready()


async def test_other_filters_are_another_search_only_where_the_answer_was_chosen_by_them() -> None:
    late = QUERY.model_copy(update={"filters": Filters(depart_from="18:00")})
    for cut, expected in ((False, 1), (True, 2)):
        source = Source(offers=await offers(), cut=cut)
        asked = chain(source)
        for query in (late, QUERY, late, QUERY):
            assert (await asked.search(query)).cut is cut
        assert source.asked == expected
