"""The API client is bounded in time, repeats only what is safe, and tells refusals from failures."""

import json

import httpx2
import jwt
import pytest
from samples import offer, result

from agent.call.backend import Backend, BackendError, deliver
from agent.settings import AgentSettings
from contracts.flights import SearchResult
from contracts.problems import FaresUnavailable, InvalidInput
from contracts.sessions import AgentReport

SECRET = "a-secret-of-more-than-thirty-two-bytes"


def settings() -> AgentSettings:
    return AgentSettings.model_validate(
        {
            "LIVEKIT_URL": "ws://127.0.0.1:7880",
            "LIVEKIT_API_KEY": "key",
            "LIVEKIT_API_SECRET": SECRET,
            "OPENAI_API_KEY": "emulator",
        }
    )


def backend(*answers: httpx2.Response | Exception) -> tuple[Backend, list[httpx2.Request]]:
    seen: list[httpx2.Request] = []
    queue = list(answers)

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        answer = queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Backend(settings(), "room-1", httpx2.MockTransport(handle)), seen


async def search(client: Backend) -> str:
    found = await client.search(
        {"origin": "Madrid", "destination": "Berlin", "departure_date": "2026-11-22", "max_stops": 0, "language": "es"}
    )
    return found.search_id


def told(*events: tuple[str, str]) -> httpx2.Response:
    """Server-sent events as FastAPI writes them."""
    return httpx2.Response(200, text="".join(f"event: {name}\ndata: {data}\n\n" for name, data in events))


def ok() -> httpx2.Response:
    return told(("done", result(offer("89.90")).model_dump_json()))


def problem(error: InvalidInput | FaresUnavailable) -> httpx2.Response:
    return httpx2.Response(error.status, text=error.problem().model_dump_json())


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.budgets.SEARCH_RETRY_WAIT", 0)


async def test_a_search_carries_the_users_words_and_a_token_for_this_room_only() -> None:
    client, seen = backend(ok())
    assert await search(client) == "search-0001"
    assert (seen[0].method, seen[0].url.path) == ("POST", "/v1/flights/search/stream")
    sent = json.loads(seen[0].content)
    assert (sent["origin"], sent["max_stops"]) == ("Madrid", 0)
    claims = jwt.decode(seen[0].headers["Authorization"].removeprefix("Bearer "), SECRET, algorithms=["HS256"])
    assert claims["sub"] == "agent-room-1"
    assert claims["attributes"] == {"polyglot-agent": "1"}
    assert claims["video"]["room"] == "room-1"
    assert not claims["video"].get("roomAdmin")
    assert claims["exp"] - claims["nbf"] <= 300


async def test_a_retryable_failure_is_tried_once_more() -> None:
    client, seen = backend(problem(FaresUnavailable("all sources failed")), ok())
    assert await search(client) == "search-0001"
    assert len(seen) == 2


async def test_parts_are_told_as_they_come_and_a_stream_that_ends_badly_says_why() -> None:
    part, whole = result(offer("120.00")), result(offer("89.90"), offer("120.00"))
    late = FaresUnavailable("all sources failed").problem().model_dump_json()
    refused = InvalidInput.of("origin", "is not known").problem().model_dump_json()
    first = ("offers", part.model_dump_json())
    client, seen = backend(told(first, ("problem", late)), told(first, ("done", whole.model_dump_json())))
    parts: list[int] = []

    async def take(found: SearchResult) -> None:
        parts.append(len(found.offers))

    assert await client.search({"origin": "Madrid"}, take) == whole
    assert (parts, len(seen)) == ([1, 1], 2)  # what may be tried again is
    client, seen = backend(told(("problem", refused)))
    with pytest.raises(BackendError, match="origin"):
        await client.search({"origin": "Madrid"}, take)
    assert len(seen) == 1


async def test_a_refusal_is_not_repeated_and_keeps_its_fields() -> None:
    client, seen = backend(problem(InvalidInput.of("departure_date", "is in the past", "today or later")))
    with pytest.raises(BackendError) as caught:
        await search(client)
    assert caught.value.problem is not None
    assert caught.value.problem.errors[0].field == "departure_date"
    assert len(seen) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx2.ConnectError("refused"),
        httpx2.Response(500, text="<html>"),
        httpx2.Response(200, text="{}"),
        told(("done", "{}")),
        told(("offers", result(offer("89.90")).model_dump_json())),
        httpx2.ReadTimeout("slow"),
    ],
)
async def test_any_other_failure_has_no_problem(failure: httpx2.Response | Exception) -> None:
    client, _ = backend(failure, failure)
    with pytest.raises(BackendError) as caught:
        await search(client)
    assert caught.value.problem is None


async def test_history_and_searches_that_cannot_be_had_are_empty() -> None:
    client, _ = backend(httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow"))
    assert await client.history("session-1") == []
    assert await client.searches("session-1") == []


async def test_a_report_is_repeated_after_a_lost_connection() -> None:
    client, seen = backend(httpx2.ReadTimeout("slow"), httpx2.Response(204))
    await client.report(AgentReport(kind="failed", room_name="room-1", reason="it did not start"))
    assert len(seen) == 2


async def test_what_the_call_asks_belongs_to_the_trace_that_began_on_the_page() -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return ok()

    transport = httpx2.MockTransport(handle)
    for traced in (parent, None):
        client = Backend(settings(), "room-1", transport, traceparent=traced)
        await search(client)
        await client.aclose()
    assert [request.headers.get("traceparent") for request in seen] == [parent, None]


async def test_a_call_reports_by_the_client_that_it_has(caplog: pytest.LogCaptureFixture) -> None:
    client, seen = backend(httpx2.Response(204), httpx2.Response(500, json={}), httpx2.Response(204))
    for _ in range(3):
        await deliver(AgentReport(kind="ready", room_name="room-1", session_id="s" * 12), settings(), client)
    assert [request.url.path for request in seen] == ["/v1/agent/reports"] * 3, "it stays open"
    assert [record.message for record in caplog.records].count("report not delivered") == 1
