"""Several tasks of the API are one memory where there is a Valkey, and each its own where there is none."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from valkey_double import ValkeyDouble

from api.flights.providers.base import Fares, Progress
from api.flights.providers.chain import FareChain
from api.flights.providers.sample.source import SampleFares
from api.flights.repository import FlightRepository
from api.shared import Shared
from contracts.flights import Offer, PriceKind, SearchQuery, SearchResult
from contracts.places import resolve
from contracts.problems import FaresUnavailable

NOW = datetime(2026, 11, 21, tzinfo=UTC)
QUERY = SearchQuery(
    origin=resolve("MAD").place.to_place("en"),
    destination=resolve("BER").place.to_place("en"),
    departure_date=date(2026, 12, 4),
)


class Counting(SampleFares):
    """The sample source, slow, and counting."""

    asked = 0
    error: Exception | None = None

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        type(self).asked += 1
        await asyncio.sleep(0.15)
        if self.error:
            raise self.error
        return await super().search(query, deadline, progress)


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> ValkeyDouble:
    monkeypatch.setattr(Counting, "asked", 0)
    monkeypatch.setattr("api.flights.repository.POLL", 0.02)
    return ValkeyDouble()


def task_of(valkey: ValkeyDouble, **changes: Any) -> FareChain:
    kept = FlightRepository(cast("Shared", valkey), clock=NOW.timestamp)
    source = Counting(now=lambda: NOW)
    source.error = changes.get("error")
    return FareChain((source,), deadline=1.0, cache_seconds=300, clock=NOW.timestamp, kept=kept)


async def test_twenty_searches_at_once_in_two_tasks_are_one_question(valkey: ValkeyDouble) -> None:
    tasks = task_of(valkey), task_of(valkey)
    found = await asyncio.gather(*(task.search(QUERY) for task in tasks * 10))
    assert Counting.asked == 1
    assert all(one.offers == found[0].offers for one in found)
    assert not any(name.startswith("polyglot:fares:asking") for name in valkey.kept)


async def test_a_task_that_comes_later_asks_nobody(valkey: ValkeyDouble) -> None:
    await task_of(valkey).search(QUERY)
    await task_of(valkey).search(QUERY)
    assert Counting.asked == 1


async def test_when_the_first_task_fails_the_second_asks_itself(valkey: ValkeyDouble) -> None:
    failing, other = task_of(valkey, error=OSError()), task_of(valkey)
    first, second = await asyncio.gather(failing.search(QUERY), other.search(QUERY), return_exceptions=True)
    assert isinstance(first, FaresUnavailable)
    assert isinstance(second, Fares)
    assert second.offers


async def test_without_valkey_each_task_asks(valkey: ValkeyDouble) -> None:
    valkey.away = True
    await asyncio.gather(*(task_of(valkey).search(QUERY) for _ in range(2)))
    assert Counting.asked == 2


async def test_an_answer_is_found_by_its_id_in_another_task(valkey: ValkeyDouble) -> None:
    result = SearchResult(
        search_id="search-4711", query=QUERY, offers=(), provider="sample", price_kind=PriceKind.SAMPLE, fetched_at=NOW
    )
    one, other = (FlightRepository(cast("Shared", valkey)) for _ in range(2))
    await one.keep_search(result)
    assert await other.search("search-4711") == result
    assert await other.search("search-0000") is None
    valkey.kept["polyglot:search:search-4712"] = '{"of": "another version"}'
    assert await other.search("search-4712") is None


@pytest.mark.parametrize("body", ["", "nonsense", "9999999999.0 {}", f"{NOW.timestamp() - 1} {{}}"])
async def test_what_cannot_be_read_or_is_too_old_is_not_handed_out(valkey: ValkeyDouble, body: str) -> None:
    kept = FlightRepository(cast("Shared", valkey), clock=NOW.timestamp)
    await kept.put_fares("key", Fares("sample", PriceKind.SAMPLE, ()), 60)
    (name,) = valkey.kept
    valkey.kept[name] = body
    assert await FlightRepository(cast("Shared", valkey), clock=NOW.timestamp).fares("key") is None
