"""A call's spans belong to the trace it came with, go on to the API, and hold no word of it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from livekit.agents import Agent, AgentSession, RunContext, function_tool, llm
from livekit.agents.types import APIConnectOptions
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.call.backend import Backend
from agent.settings import AgentSettings
from agent.telemetry import traces

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-00"
CANARY = "Xanthippe"

SETTINGS = AgentSettings.model_validate(
    {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
        "OPENAI_API_KEY": "sk-test",
    }
)


def start(share: float, monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    kept = InMemorySpanExporter()
    monkeypatch.setattr(traces, "_processor", SimpleSpanProcessor)
    traces.start("http://127.0.0.1:4318", share=share, version="1", exporter=kept)
    return kept


@pytest_asyncio.fixture
async def spans(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[InMemorySpanExporter]:
    yield start(1.0, monkeypatch)
    await traces.aclose()


class Scripted(llm.LLM):
    """Calls the tool once, then answers; each with a word that nobody else may read."""

    def chat(self, *, chat_ctx: llm.ChatContext, tools: list[llm.Tool] | None = None, **_: Any) -> "Answer":  # type: ignore[override]
        return Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=APIConnectOptions())


class Answer(llm.LLMStream):
    async def _run(self) -> None:
        if any(item.type == "function_call_output" for item in self.chat_ctx.items):
            delta = llm.ChoiceDelta(role="assistant", content=f"{CANARY} flies")
        else:
            call = llm.FunctionToolCall(name="search_flights", arguments=f'{{"origin": "{CANARY}"}}', call_id="c1")
            delta = llm.ChoiceDelta(role="assistant", tool_calls=[call])
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=delta))
        usage = llm.CompletionUsage(completion_tokens=3, prompt_tokens=5, total_tokens=8)
        self._event_ch.send_nowait(llm.ChatChunk(id="1", usage=usage))


def an_api(seen: list[httpx2.Request]) -> Backend:
    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(503)

    return Backend(SETTINGS, f"room-{CANARY}", httpx2.MockTransport(answer))


async def talk(backend: Backend) -> None:
    @function_tool
    async def search_flights(context: RunContext, origin: str) -> str:  # noqa: ARG001
        """Search."""
        await backend.history(f"{CANARY}-1234567890")
        return f"{CANARY} found"

    with traces.in_call():
        session: AgentSession[Any] = AgentSession(llm=Scripted())
        await session.start(Agent(instructions=f"{CANARY} prompt", tools=[search_flights]), record=False)
    async with asyncio.timeout(30):
        await session.run(user_input=f"{CANARY} to Rome")
    await session.aclose()


def text_of(span: ReadableSpan) -> str:
    return f"{span.name} {dict(span.attributes or {})} {span.events} {span.links} {span.status.description} {span.resource.attributes}"


@pytest.fixture
def named(spans: InMemorySpanExporter) -> Iterator[Any]:
    yield lambda name: next(span for span in spans.get_finished_spans() if span.name == name)
    gc.collect()


async def test_turns_models_and_tools_are_spans_of_the_callers_trace(spans: InMemorySpanExporter, named: Any) -> None:
    seen: list[httpx2.Request] = []
    traces.begin_call(PARENT, pipeline="text", language="en")
    await talk(an_api(seen))
    await traces.aclose()
    call, tool = named("call"), named("function_tool")
    assert f"{call.parent.span_id:016x}" == "b7ad6b7169203331"
    assert named("agent_session").parent.span_id == call.context.span_id
    assert {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()} == {TRACE}
    assert tool.attributes["lk.function_tool.name"] == "search_flights"
    assert named("llm_node").attributes["lk.response.ttft"] >= 0
    assert any((span.attributes or {}).get("gen_ai.usage.output_tokens") == 3 for span in spans.get_finished_spans())
    asked = named("GET /v1/sessions/{id}/turns")
    assert asked.parent.span_id == tool.context.span_id, "the API is asked within the tool that asks"
    assert seen[0].headers["traceparent"] == f"00-{TRACE}-{asked.context.span_id:016x}-01"


async def test_no_word_name_or_argument_of_a_call_leaves_in_a_span(spans: InMemorySpanExporter) -> None:
    traces.begin_call(PARENT, pipeline="text", language="en")
    await talk(an_api([]))
    await traces.aclose()
    written = "\n".join(text_of(span) for span in spans.get_finished_spans())
    assert "llm_node" in written
    assert CANARY not in written


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("lk.response.ttft", 0.3, True),
        ("gen_ai.request.model", "gpt-6-luna", True),
        ("gen_ai.request.model", f"{CANARY} to Rome", False),
        ("lk.function_tool.name", "search_flights", True),
        ("lk.function_tool.name", CANARY, False),
        ("lk.pii.user_input", 17, False),
        ("gen_ai.input.messages", CANARY, False),
        ("a.new.one", CANARY, False),
        ("gen_ai.response.finish_reasons", [CANARY], False),
    ],
)
def test_what_is_kept_of_an_attribute(name: str, value: Any, kept: bool) -> None:
    assert traces._harmless(name, value) is kept


async def test_a_name_that_holds_words_is_not_kept(spans: InMemorySpanExporter) -> None:
    traces.begin_call(None, pipeline="text", language="en")
    with traces.in_call(), traces._provider.get_tracer("x").start_as_current_span(f"execute_tool {CANARY}"):  # type: ignore[union-attr]
        pass
    await traces.aclose()
    assert [span.name for span in spans.get_finished_spans()] == ["other", "call"]


async def test_a_share_is_chosen_by_the_traces_id_as_the_api_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = start(0.5, monkeypatch)
    low, high = "0" * 31 + "1", "f" * 32
    for trace_id in (low, high):
        traces.begin_call(f"00-{trace_id}-b7ad6b7169203331-01", pipeline="text", language="en")
        traces._call.end()
    await traces.aclose()
    assert [f"{span.context.trace_id:032x}" for span in kept.get_finished_spans()] == [low]


async def test_without_the_setting_a_trace_is_passed_on_as_it_came() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(503)

    traces.begin_call(PARENT, pipeline="text", language="en")
    backend = Backend(SETTINGS, "room", httpx2.MockTransport(answer), traceparent=PARENT)
    with traces.in_call():
        await backend.history("s" * 12)
    await traces.aclose()
    assert seen[0].headers["traceparent"] == PARENT
