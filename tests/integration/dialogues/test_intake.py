"""Medical intakes of several turns, in text, through the real agent: its prompts, the library's tasks, tools and restraint.

The language model is the emulator's, over HTTP as a provider's is. Graded: which tools are called, what is kept, what is
said, and that nothing that is said is advice. A file for each language that an intake is taken in.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import yaml
from aiohttp.test_utils import TestServer
from livekit.agents import AgentSession, llm
from livekit.agents.utils import http_context
from pydantic import BaseModel, ConfigDict, Field
from text_call import recovery_of

from agent.call.agent_session import new_session
from agent.call.assistant import Assistant
from agent.call.pipelines import build
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.personas.intake.restraint import overstepping
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from agent.speaking.fact_guard import FactGuard
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.desk import HandoffReply
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.intakes import Intake, KeptIntake
from contracts.languages import LANGUAGES
from contracts.personas import PERSONAS
from emulator.app import build_app
from emulator.settings import EmulatorSettings

HERE: Final = Path(__file__).parent


class Turn(BaseModel):
    """What is said, and what must come of it."""

    model_config = ConfigDict(extra="forbid")

    say: str
    foreign: bool = False
    """In a language that no intake is taken in."""
    calls: list[str]
    """Tools, in order; the model's own."""
    kept: dict[str, Any] = Field(default_factory=dict)
    """Fields of the record at the API afterwards."""
    asks: str | None = None
    """Words of what the assistant says."""


class Dialogue(BaseModel):
    """One conversation."""

    model_config = ConfigDict(extra="forbid")

    name: str
    turns: list[Turn]


def dialogues(code: str) -> list[Dialogue]:
    text = (HERE / f"intake.{code}.yaml").read_text(encoding="utf-8")
    return [Dialogue.model_validate(one) for one in yaml.safe_load(text)]


ALL: Final = [(code, dialogue) for code in PERSONAS["intake"].languages for dialogue in dialogues(code)]


class Api:
    """Keeps what it is sent; nobody waits at its desk."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] | None = None
        self.asked: list[str] = []

    async def ask(self, answer: type[BaseModel], method: str, path: str, *, body: Any = None, **_: Any) -> BaseModel:
        if answer is HandoffReply:
            self.asked.append(body["reason"])
            return HandoffReply(waiting=0)
        assert (method, path.rsplit("/", 1)[-1]) == ("PUT", "intake")
        intake = Intake.model_validate(body)
        self.kept = intake.model_dump(mode="json")
        now = datetime.now(UTC)
        return KeptIntake(session_id="s" * 12, intake=intake, updated_at=now, kept_until=now)


class Room:
    """Takes what is shown."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    async def intake(self, message: Any) -> None:
        self.shown.append(message)

    async def notice(self, message: Any) -> None:
        self.shown.append(message)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base_url() -> AsyncIterator[str]:
    async with TestServer(build_app(EmulatorSettings())) as running:
        yield str(running.make_url("/v1"))


class Told:
    """What the assistant says, by the model or without it."""

    def __init__(self, session: AgentSession[Call], call: Call) -> None:
        self._texts: list[str] = []
        self._call = call
        session.on("conversation_item_added", self._on_item)

    def _on_item(self, event: Any) -> None:
        if isinstance(event.item, llm.ChatMessage) and event.item.role == "assistant":
            self._texts.append(event.item.text_content or "")
            self._call.persona.said(self._call, self._texts[-1])

    async def until(self, words: str | None) -> str:
        """Everything since the last time, once the words are among it."""
        async with asyncio.timeout(15):
            while words is not None and words not in " ".join(self._texts):  # noqa: ASYNC110 - nothing to wait on
                await asyncio.sleep(0.01)
        said, self._texts = " ".join(self._texts), []
        return said


@pytest.mark.parametrize(("code", "dialogue"), ALL, ids=[f"{code}: {one.name}" for code, one in ALL])
@pytest.mark.asyncio(loop_scope="module")
async def test_intake(base_url: str, code: str, dialogue: Dialogue) -> None:
    settings = AgentSettings.model_validate(
        {
            "LIVEKIT_URL": "ws://127.0.0.1",
            "LIVEKIT_API_KEY": "key",
            "LIVEKIT_API_SECRET": "s" * 32,
            "OPENAI_API_KEY": "emulator",
            "OPENAI_BASE_URL": base_url,
        }
    )
    metadata = DispatchMetadata(
        session_id="s" * 12,
        persona="intake",
        pipeline=Pipeline.TEXT,
        locale=LANGUAGES[code].tag,
        time_zone="Europe/Madrid",
    )
    api, room = Api(), Room()
    turns, language = Turns(), LanguageTracker(metadata)
    clients = Clients(settings)
    async with http_context.open():
        models = build(
            Pipeline.TEXT, choose_models(metadata, settings), CallContext(settings, clients, code, pinned=False)
        )
        speaker = Speaker(
            session=lambda: session,
            room=room,  # type: ignore[arg-type]
            turns=turns,
            language=language,
            own=lambda spoken: call.persona.lines(spoken, metadata),
        )
        call = Call(
            metadata=metadata,
            settings=settings,
            pipeline=Pipeline.TEXT,
            backend=api,  # type: ignore[arg-type]
            room=room,  # type: ignore[arg-type]
            turns=turns,
            language=language,
            speaker=speaker,
            screen=Screen(),
        )
        session: AgentSession[Call] = new_session(models, call)
        told = Told(session, call)
        recovery = recovery_of(call)
        corrected: list[int] = []
        await session.start(Assistant(call, recovery, FactGuard(call, corrected.append)), record=False)
        try:
            for turn in dialogue.turns:
                language.heard(turn.say)
                async with asyncio.timeout(20):
                    result = await session.run(user_input=turn.say)
                called = [event.item.name for event in result.events if event.type == "function_call"]
                said = await told.until(turn.asks)
                where = f"{turn.say!r}: {called}, {said!r}, {api.kept}"
                assert called == turn.calls, where
                assert said, where
                assert overstepping(said, code) is None, where
                assert language.code == code, where
                for name, value in turn.kept.items():
                    assert api.kept is not None, where
                    assert api.kept[name] == value, where
                if not turn.kept and "consent" in dialogue.name:
                    assert api.kept is None, where
        finally:
            await session.aclose()
            await clients.aclose()
    assert corrected == [], "a harmless sentence was taken for advice"
