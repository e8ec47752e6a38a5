"""One trace from the page over the API and the agent to the fare source, with nothing in it that anybody said or may open."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from credentials import agent, participant
from fare_search import DAY
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pydantic import SecretStr

from api import tracing
from api.flights.providers.duffel.source import DuffelFares

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-00"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    tracing.start(
        "http://127.0.0.1:4318", environment="local", version="1", share=1.0, processor=SimpleSpanProcessor(kept)
    )
    yield kept
    tracing.stop()


def text_of(span: ReadableSpan) -> str:
    return f"{span.name} {dict(span.attributes or {})} {[dict(event.attributes or {}) for event in span.events]} {span.status.description}"


def requests_in(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    """Those of requests alone: what a service does later by itself, as looking after rooms, has spans of its own."""
    return [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]


async def test_a_request_goes_on_with_the_callers_trace_and_hands_it_to_the_agent(
    api: Any, spans: InMemorySpanExporter
) -> None:
    session = (await api.http.post("/v1/sessions", headers={"traceparent": PARENT})).json()
    record = await api.services.sessions.record(session["session_id"])
    (span,) = requests_in(spans)
    assert (span.name, f"{span.context.trace_id:032x}") == ("POST /v1/sessions", TRACE)
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert record.metadata.traceparent == f"00-{TRACE}-{span.context.span_id:016x}-01"


async def test_a_span_names_the_route_and_nothing_of_whom_it_is_about(api: Any, spans: InMemorySpanExporter) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    path = f"/v1/sessions/{session['session_id']}"
    turn = {
        "id": "t",
        "role": "user",
        "text": "Xanthippe",
        "language": "en",
        "modality": "text",
        "started_at": "2026-11-28T10:00:00Z",
    }
    await api.http.post(f"{path}/turns", json=turn, headers=agent(session["room_name"]))
    await api.http.get(path, headers=participant(session))
    await api.http.get(
        "/v1/flights/search", params={"origin": "Xanthippe", "destination": "Rome", "departure_date": DAY.isoformat()}
    )
    names = [span.name for span in spans.get_finished_spans()]
    assert f"POST {'/v1/sessions/{session_id}/turns'}" in names
    written = "\n".join(text_of(span) for span in spans.get_finished_spans())
    for secret in (session["session_id"], session["room_name"], session["participant_token"], "Xanthippe", "Rome"):
        assert secret not in written


async def test_what_fails_is_marked_and_keeps_its_message_to_itself(
    api: Any, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("postgresql://polyglot:planted@db")

    monkeypatch.setattr(api.services.database, "ping", broken)
    monkeypatch.setattr(type(api.services.sessions), "start", broken)
    await api.http.post("/v1/sessions")
    (span,) = requests_in(spans)
    assert (span.attributes or {})["http.response.status_code"] == 500
    assert not span.status.is_ok
    assert "planted" not in text_of(span)


async def test_health_probes_make_no_traces(api: Any, spans: InMemorySpanExporter) -> None:
    await api.http.get("/health")
    await api.http.get("/ready")
    assert requests_in(spans) == []


async def test_a_fare_source_is_asked_within_the_trace(
    start: Any, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(503)

    source = DuffelFares(SecretStr("duffel_test_planted"), "https://api.duffel.example", refuse_test_mode=False)
    monkeypatch.setattr(
        source._http,
        "_http",
        httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="https://api.duffel.example"),
    )
    async with start(fares=(source,)) as api:
        await api.http.get(
            "/v1/flights/search",
            params={"origin": "MAD", "destination": "BER", "departure_date": DAY.isoformat()},
            headers={"traceparent": PARENT},
        )
    found = {span.name: span for span in spans.get_finished_spans()}
    server, client = found["GET /v1/flights/search"], found["fares duffel"]
    assert client.parent.span_id == server.context.span_id
    assert seen[0].headers["traceparent"].startswith(f"00-{TRACE}-")
    assert "MAD" not in text_of(client)
    assert "planted" not in text_of(client)


async def test_without_the_setting_there_is_nothing(api: Any) -> None:
    session = (await api.http.post("/v1/sessions", headers={"traceparent": PARENT})).json()
    record = await api.services.sessions.record(session["session_id"])
    assert record.metadata.traceparent is None


async def test_traces_are_sent_as_a_collector_takes_them(start: Any) -> None:
    """The SDK's own exporter, to a collector that reads OTLP."""
    assert tracing.here() is None
    async with start(traces_url="http://127.0.0.1:9", traces_share=0.5) as api:
        await api.http.get("/status")
    assert tracing.here() is None, "stopped with the process, also when the collector is away"
