"""A call as `ResponseRecovery` sees it: what is said and asked for in it, and a clock that is set by hand."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

from agent.call.response_recovery import ResponseRecovery
from agent.turns.tracker import Turns
from contracts.dispatch import Pipeline


class Handle:
    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.interrupted = 0

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()

    def exception(self) -> Exception | None:
        return self._error

    def done(self) -> bool:
        return False

    def interrupt(self, **_: Any) -> None:
        self.interrupted += 1


class World:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked = 0
        self.refusals: list[Exception | None] = []
        self.current_speech: Any = None
        self.now = 100.0
        self.turns = Turns(lambda: self.now)
        self.tasks: list[asyncio.Task[None]] = []
        self.filler = Handle()
        speaker = SimpleNamespace(
            apologise=self._apologise,
            line=self._line,
            clip=lambda line: self.said.append(f"clip of {line}"),
            is_filler=lambda speech: speech is self.filler,
            text={"one_moment": "One moment"}.__getitem__,
            on_notice=lambda name: self.said.append(f"noted {name}"),
        )
        self.call: Any = SimpleNamespace(
            turns=self.turns, speaker=speaker, pipeline=Pipeline.REALTIME, run_aside=self._spawn
        )
        self.user_state = self.agent_state = "listening"
        self.provider: Any = None

        session: Any = self
        self.repair = ResponseRecovery(self.call, session=lambda: session, switch=self._switch)

    @property
    def current_agent(self) -> Any:
        return SimpleNamespace(realtime_llm_session=self.provider)

    async def _switch(self, pipeline: Pipeline) -> None:
        self.said.append(f"now {pipeline.value}")

    def generate_reply(self) -> Handle:
        self.asked += 1
        return Handle(self.refusals.pop(0) if self.refusals else None)

    async def settled(self) -> None:
        for task in self.tasks:
            await task

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def _apologise(self, kind: str, **_: Any) -> None:
        self.said.append(str(kind))

    def _line(self, line: str) -> Handle:
        self.said.append(line)
        return self.filler
