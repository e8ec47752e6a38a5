"""A model that fails in the middle of its answer: the rest is said by the next one, and nothing twice. Virtual time."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import Agent, APIConnectionError, ErrorEvent, ModelSettings, llm
from livekit.agents.types import APIConnectOptions
from virtual_time import in_virtual_time

from agent.call.assistant import Assistant
from agent.speaking.continued import GO_ON
from agent.speaking.fact_guard import FactGuard

ANSWER = "I found two flights. The cheapest is at noon. Shall I go on?"
WORDS = [f"{word} " for word in ANSWER.split()]


class Model(llm.LLM[Any]):
    """Says its words one by one, and fails after some of them."""

    def __init__(self, *words: str, fails: bool = False, calls: bool = False) -> None:
        super().__init__()
        self.words, self.fails, self.calls = words, fails, calls
        self.asked: list[llm.ChatContext] = []

    def chat(self, *, chat_ctx: llm.ChatContext, tools: list[llm.Tool] | None = None, **_: Any) -> "Answer":  # type: ignore[override]
        self.asked.append(chat_ctx)
        return Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=APIConnectOptions(max_retry=0))


class Answer(llm.LLMStream):
    _llm: Model

    async def _run(self) -> None:
        for word in self._llm.words:
            await asyncio.sleep(0.05)
            self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content=word)))
        if self._llm.calls:
            call = llm.FunctionToolCall(name="search_flights", arguments="{}", call_id="c1")
            self._event_ch.send_nowait(
                llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", tool_calls=[call]))
            )
            # As services tell what an answer cost, behind its last words.
            usage = llm.CompletionUsage(completion_tokens=3, prompt_tokens=5, total_tokens=8)
            self._event_ch.send_nowait(llm.ChatChunk(id="1", usage=usage))
        if self._llm.fails:
            raise APIConnectionError("gone")


class World:
    """An assistant with a list of models, and what is told when none is left."""

    def __init__(self, *models: Model) -> None:
        self.given_up = 0
        self.errors: list[Any] = []
        self.model: llm.LLM[Any] = (
            models[0] if len(models) == 1 else llm.FallbackAdapter(list(models), attempt_timeout=4)
        )
        self.model.on("error", self.errors.append)
        persona = SimpleNamespace(
            fixed_answer=lambda *_: None, right=lambda _call, text: SimpleNamespace(text=text, kinds=[])
        )
        call: Any = SimpleNamespace(persona=persona, screen_share=None)
        recovery = SimpleNamespace(must_speak_in=lambda: 60.0, filled=lambda **_: None, gave_up=self._gave_up)
        self.assistant: Any = SimpleNamespace(_guard=FactGuard(call, lambda _: None), _call=call, _recovery=recovery)
        self.chat = llm.ChatContext.empty()
        self.chat.add_message(role="user", content="A flight to Rome")

    def _gave_up(self) -> None:
        self.given_up += 1

    async def _node(self, _agent: Any, chat: llm.ChatContext, *_: Any) -> AsyncIterator[llm.ChatChunk]:
        async with self.model.chat(chat_ctx=chat, conn_options=APIConnectOptions(max_retry=1)) as stream:
            async for chunk in stream:
                yield chunk

    def answer(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        monkeypatch.setattr(Agent.default, "llm_node", self._node)
        self.parts: list[Any] = []

        async def listen() -> None:
            parts: AsyncIterable[Any] = Assistant.llm_node(self.assistant, self.chat, [], ModelSettings())
            async for part in parts:
                self.parts.append(part)

        in_virtual_time(listen())
        return self.parts


def test_the_next_model_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Model(*WORDS[:7], fails=True), Model("The cheapest ", "is at noon. ", "Shall I go on?")
    world = World(first, second)
    assert "".join(world.answer(monkeypatch)) == ANSWER
    (asked,) = second.asked
    assert [(item.role, item.text_content) for item in asked.items if isinstance(item, llm.ChatMessage)] == [
        ("user", "A flight to Rome"),
        # Of the sentence that was not whole nothing has been heard.
        ("assistant", "I found two flights. "),
        ("system", GO_ON),
    ]
    assert world.given_up == 0
    assert [item.role for item in world.chat.items if isinstance(item, llm.ChatMessage)] == ["user"], "not for ever"


def test_a_model_that_begins_again_is_not_heard_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Model(*WORDS[:9], fails=True), Model(*WORDS))
    assert "".join(world.answer(monkeypatch)).split() == ANSWER.split()


def test_the_only_model_is_asked_for_the_rest_too(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(*WORDS[:5], fails=True)
    world = World(model)
    with pytest.raises(APIConnectionError):
        world.answer(monkeypatch)
    assert "".join(world.parts).strip() == "I found two flights."
    assert (len(model.asked), world.given_up) == (2, 1), "once; then it is said that it failed"


def test_where_nothing_was_said_the_list_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Model(fails=True), Model(*WORDS)
    world = World(first, second)
    assert "".join(world.answer(monkeypatch)).split() == ANSWER.split()
    assert len(second.asked) == 1
    assert world.errors == []


def test_where_no_model_answers_that_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Model(fails=True), Model(fails=True))
    with pytest.raises(APIConnectionError):
        world.answer(monkeypatch)
    assert (world.parts, world.given_up) == ([], 1)


@pytest.mark.parametrize("words", [(), (" ",)])
def test_a_model_that_said_nothing_is_not_asked_to_go_on(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    model = Model(*words, fails=True)
    world = World(model)
    with pytest.raises(APIConnectionError):
        world.answer(monkeypatch)
    assert (len(model.asked), world.given_up) == (1, 1)


def test_a_tool_that_was_called_is_not_called_by_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    second = Model(*WORDS)
    world = World(Model(*WORDS[:4], calls=True, fails=True), second)
    with pytest.raises(APIConnectionError):
        world.answer(monkeypatch)
    assert (second.asked, world.given_up) == ([], 1)
    assert ErrorEvent(error=world.errors[-1], source=world.model).error.recoverable is False
