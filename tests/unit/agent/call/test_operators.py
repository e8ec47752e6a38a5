"""People in the call: asked for, waited for, announced, and left alone to talk."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import StopResponse, llm

from agent import budgets
from agent.call.assistant import InCall
from agent.call.backend import BackendError
from agent.call.operators import Operators
from agent.tools.handoff import call_a_person, hand_over, of_others
from contracts.desk import HandoffReply
from contracts.languages import LANGUAGES

LINES = LANGUAGES["en"].people


class World:
    def __init__(self, waiting: int | None = 0) -> None:
        self.said: list[str] = []
        self.kinds: list[str] = []
        self.waiting = waiting
        self.call: Any = SimpleNamespace(
            metadata=SimpleNamespace(session_id="session-1"),
            language=SimpleNamespace(code="en"),
            backend=SimpleNamespace(ask=self._ask),
            speaker=SimpleNamespace(words=self.said.append, notice=self._notice),
            run_aside=self._aside,
            turns=SimpleNamespace(muted=False, spoken=None),
            others=("flights",),
            become=self.said.append,
        )
        self.tasks: list[Any] = []
        self.operators = self.call.operators = Operators(self.call)

    async def _ask(self, _answer: Any, _method: str, path: str, *, body: Any) -> HandoffReply:
        assert path == "/v1/sessions/session-1/handoff"
        assert body["reason"] == "asked"
        if self.waiting is None:
            raise BackendError(None)
        return HandoffReply(waiting=self.waiting)

    async def _notice(self, kind: Any, *, text: str) -> None:
        assert text
        self.kinds.append(kind.value)

    def _aside(self, work: Any) -> None:
        self.tasks.append(asyncio.ensure_future(work))


@pytest.mark.parametrize("waiting", [0, None])
async def test_nobody_is_there_and_it_is_said(waiting: int | None) -> None:
    world = World(waiting)
    assert await world.operators.ask("asked") == "nobody"
    assert world.said == [LINES.nobody_there]
    await asyncio.gather(*world.tasks)
    assert world.kinds == ["nobody_there"]


async def test_who_was_told_and_does_not_come_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "OPERATOR_WAIT", 0.01)
    world = World(1)
    assert await world.operators.ask("asked") == "nobody"
    assert world.said == [LINES.connecting, LINES.nobody_there]


async def test_who_comes_is_announced_by_name_and_the_assistant_is_silent_until_they_leave() -> None:
    world = World(2)
    asking = asyncio.ensure_future(world.operators.ask("asked"))
    while LINES.connecting not in world.said:  # noqa: ASYNC110 - nothing to wait on
        await asyncio.sleep(0)
    world.operators.joined("operator-1", "Marta")
    assert await asking == "joined"
    world.operators.joined("operator-2", "")
    assert world.said[1:] == [LINES.joined.format(name="Marta"), LINES.joined.format(name=LINES.somebody)]
    assistant: Any = SimpleNamespace(_call=world.call)
    message = llm.ChatMessage(role="user", content=["And now?"])
    with pytest.raises(StopResponse):
        await InCall.on_user_turn_completed(assistant, llm.ChatContext.empty(), message)
    assert await world.operators.ask("asked") == "joined", "there is one already"
    world.operators.left("user-1")
    world.operators.left("operator-1")
    assert world.operators.present
    world.operators.left("operator-2")
    assert not world.operators.present
    assert world.said[-1] == LINES.left
    await InCall.on_user_turn_completed(assistant, llm.ChatContext.empty(), message)


async def test_the_tools_say_nothing_of_what_is_said_already() -> None:
    world = World()
    context: Any = SimpleNamespace(userdata=world.call)
    answer: Any = await call_a_person(context)
    assert json.loads(answer.output)["outcome"] == "nobody"
    assert not answer.reply_required
    assert json.loads(str(await hand_over(context, "dentist")))["status"] == "error"
    moved: Any = await hand_over(context, "flights")
    assert (world.said[-1], moved.reply_required) == ("flights", False)
    world.call.turns.muted = True
    for stopped in (await call_a_person(context), await hand_over(context, "flights")):
        assert json.loads(stopped.output)["status"] == "stopped"  # type: ignore[union-attr]


def test_a_prompt_names_the_others_and_only_where_there_are_some() -> None:
    assert of_others(()) == ""
    assert "`intake`" in of_others(("intake",))
