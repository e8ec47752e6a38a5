"""Offers through the API as the airlines give them to Duffel, one batch after the other."""

import time
from typing import Any

from duffel import answer, batch, error, simple
from duffel_api import DAY, GOOD, Started
from duffel_server import FareServer, Reply

from contracts.flights import SearchResult
from contracts.problems import Problem


def look(*offers: dict[str, Any], remaining: int) -> Reply:
    return Reply(batch(*offers, remaining=remaining))


async def test_offers_are_shown_as_the_airlines_give_them(duffel: FareServer, serve: Started) -> None:
    duffel.plays(look(simple(DAY), remaining=2), look(remaining=1), look(simple(DAY, "BA77", 12), remaining=0))
    events: list[tuple[str, SearchResult]] = []
    async with serve() as api, api.http.stream("POST", "/v1/flights/search/stream", json=GOOD) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        kind = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                events.append((kind, SearchResult.model_validate_json(line.removeprefix("data: "))))
    told = [(kind, len(result.offers), result.complete) for kind, result in events]
    assert told[0] == ("offers", 1, False)
    assert told[-1] == ("done", 2, True)
    assert len({result.search_id for _, result in events}) == 1
    assert duffel.looks == 3


async def test_a_batch_that_breaks_off_keeps_what_came(duffel: FareServer, serve: Started) -> None:
    duffel.plays(look(simple(DAY), remaining=2), Reply(error("api_error", "internal_server_error", 500), 500))
    async with serve() as api:
        result = await api.found()
    assert (len(result.offers), result.complete) == (1, False)


async def test_offers_that_came_before_the_deadline_are_kept(duffel: FareServer, serve: Started) -> None:
    duffel.plays(look(simple(DAY), remaining=1), Reply(batch(remaining=0), delay=30))
    begun = time.monotonic()
    async with serve(search_deadline=1) as api:
        result = await api.found()
    assert (len(result.offers), result.complete) == (1, False)
    assert time.monotonic() - begun < 3


async def test_a_search_that_fails_says_so_in_its_stream(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(error("api_error", "internal_server_error", 500), 500))
    async with serve() as api:
        answered = await api.http.post("/v1/flights/search/stream", json=GOOD)
        refused = await api.http.post("/v1/flights/search/stream", json=GOOD | {"origin": "Nowhere at all"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-place")
    kind, data = answered.text.strip().split("\n")[:2]
    assert kind == "event: problem"
    assert Problem.model_validate_json(data.removeprefix("data: ")).type == "/problems/fares-unavailable"


async def test_the_same_question_again_is_the_same_answer_without_work(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY))))
    async with serve() as api:
        first, again = await api.search(), await api.search()
    assert first.content == again.content
    assert int(again.headers["RateLimit-Remaining"]) == int(first.headers["RateLimit-Remaining"]) - 1
    assert len(duffel.asked) == 1
