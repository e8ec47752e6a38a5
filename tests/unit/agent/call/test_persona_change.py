"""A call goes to another persona."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import Agent, AgentSession

from agent.call.assistant import InCall
from agent.call.persona_change import change_persona
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline


class World:
    def __init__(self, pipeline: Pipeline, **metadata: Any) -> None:
        self.done: list[str] = []
        data = DispatchMetadata(session_id="session-1", pipeline=pipeline, handoffs=("intake",), **metadata)
        room: Any = SimpleNamespace(describe=self._describe)
        self.call = Call(
            metadata=data,
            settings=None,  # type: ignore[arg-type]
            pipeline=pipeline,
            backend=None,  # type: ignore[arg-type]
            room=room,
            turns=Turns(),
            language=LanguageTracker(data),
            speaker=SimpleNamespace(line=self.done.append),  # type: ignore[arg-type]
            screen=Screen(),
        )

    async def _describe(self, *, language: str, pipeline: Pipeline, persona: str) -> None:
        self.done.append(f"{persona} {language} {pipeline}")

    async def become(self, name: str, *, opens: bool = True) -> None:
        async def reopen(pipeline: Pipeline, chat: Any, reason: str) -> bool:
            assert not chat.items
            assert reason
            self.done.append(f"opened {pipeline}")
            return opens

        agent = SimpleNamespace(entered=asyncio.Event())

        def take(newcomer: Any) -> None:
            self.done.append("agent" if newcomer is agent else "another")
            agent.entered.set()

        session: Any = SimpleNamespace(update_agent=take)
        made: Any = lambda: agent  # noqa: E731
        await change_persona(self.call, name, session, made, reopen)


async def test_a_persona_that_runs_in_the_pipeline_takes_the_session() -> None:
    world = World(Pipeline.CASCADE)
    assert world.call.others == ("intake",)
    await world.become("intake")
    assert world.done == ["agent", "intake en cascade", "greeting"]
    assert world.call.others == ("flights",)


async def test_one_that_does_not_gets_another_pipeline_and_an_empty_conversation() -> None:
    world = World(Pipeline.REALTIME)
    await world.become("intake")
    assert world.done == ["opened cascade", "greeting"]


async def test_a_session_that_cannot_be_opened_greets_nobody() -> None:
    world = World(Pipeline.REALTIME)
    await world.become("intake", opens=False)
    assert world.done == ["opened cascade"]


@pytest.mark.parametrize(("locale", "code"), [("es-ES", "es"), ("de-DE", "en")])
async def test_it_goes_on_in_the_language_of_the_call_where_it_has_it(locale: str, code: str) -> None:
    world = World(Pipeline.CASCADE, locale=locale)
    await world.become("intake")
    assert world.call.language.code == code


class Newcomer(InCall):
    def __init__(self, call: Call) -> None:
        super().__init__(instructions="intake")
        nobody: Any = None
        self.serve(call, nobody, nobody)


async def test_it_greets_once_the_library_lets_it_speak() -> None:
    world, over = World(Pipeline.TEXT), asyncio.Event()

    async def last_words() -> AsyncIterator[str]:
        yield "Goodbye"
        await over.wait()

    async def never(*_: Any) -> bool:
        raise AssertionError("it runs in any pipeline")

    async with AgentSession[Any]() as session:
        await session.start(Agent(instructions="flights"))
        session.say(last_words())
        newcomer = Newcomer(world.call)
        said: list[Agent] = []

        def line(_name: str) -> None:
            session.say("Hola.")
            said.append(session.current_agent)

        world.call.speaker = SimpleNamespace(line=line)  # type: ignore[assignment]
        world.call.metadata = world.call.metadata.model_copy(update={"pipeline": Pipeline.TEXT})
        changing = asyncio.create_task(change_persona(world.call, "intake", session, lambda: newcomer, never))
        try:
            await asyncio.sleep(0.2)
            with pytest.raises(RuntimeError):
                session.say("too early")
            assert (said, world.call.entering.locked()) == ([], True), "what is typed waits too"
        finally:
            over.set()
        await changing
        assert said == [newcomer]
        assert not world.call.entering.locked()
