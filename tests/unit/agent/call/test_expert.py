"""The second model: asked behind a filler, ended by a stop, marked as general, and not there where none is configured."""

import asyncio
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from chat_model import Model
from pydantic import ValidationError

from agent import budgets, providers
from agent.call import expert
from agent.call.expert import ANSWER_MAX, Expert, ExpertAway
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.personas.flights.tools.expert import ask_expert
from agent.settings import AgentSettings
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.languages import LANGUAGES

SETTINGS = {
    "LIVEKIT_URL": "ws://127.0.0.1",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "s" * 32,
    "OPENAI_API_KEY": "none",
}


def an_expert(monkeypatch: pytest.MonkeyPatch, model: Model) -> Expert:
    monkeypatch.setattr(providers, "expert", lambda _context: model)
    return Expert(lambda: None)  # type: ignore[arg-type, return-value]


class Speaker:
    def __init__(self) -> None:
        self.said: list[str] = []

    def words(self, text: str) -> None:
        self.said.append(text)

    def line(self, line: str) -> None:
        self.said.append(line)


def a_call(found: Expert | None, code: str = "en") -> Call:
    metadata = DispatchMetadata(session_id="session-1", pipeline=Pipeline.TEXT, language=code)
    return Call(
        metadata=metadata,
        settings=None,  # type: ignore[arg-type]
        pipeline=Pipeline.TEXT,
        backend=None,  # type: ignore[arg-type]
        room=None,  # type: ignore[arg-type]
        turns=Turns(),
        language=LanguageTracker(metadata),
        speaker=Speaker(),  # type: ignore[arg-type]
        screen=Screen(),
        expert=found,
    )


def context(call: Call) -> Any:
    @asynccontextmanager
    async def with_filler(filler: Any, **_: Any) -> Any:
        filler(0)
        yield

    speech = SimpleNamespace(allow_interruptions=True, interrupted=False, add_done_callback=lambda _: None)
    session = SimpleNamespace(current_speech=None)
    return SimpleNamespace(userdata=call, with_filler=with_filler, speech_handle=speech, session=session)


@pytest.mark.parametrize("code", LANGUAGES)
async def test_it_is_marked_as_general_in_the_language_of_the_call(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    model = Model("It depends ", "on the fare.")
    call = a_call(an_expert(monkeypatch, model), code)
    answer = json.loads(str(await ask_expert(context(call), "Can I get my money back?")))
    assert (answer["answer"], answer["general"]) == ("It depends on the fare.", True)
    assert call.speaker.said == ["one_moment", LANGUAGES[code].general]  # type: ignore[attr-defined]
    asked = [item.text_content for item in model.asked[0][0].items]
    assert LANGUAGES[code].english_name in asked[0]
    assert "Can I get my money back?" in asked[1]


@pytest.mark.parametrize("model", [Model(fails=True), Model(), Model("   "), Model("late", waits=5.0)])
async def test_one_that_does_not_answer_is_said_to_be_away(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    monkeypatch.setattr(budgets, "EXPERT_TIMEOUT", 0.2)
    found = an_expert(monkeypatch, model)
    with pytest.raises(ExpertAway):
        await found.ask("?", "none", "en")
    call = a_call(found)
    assert json.loads(str(await ask_expert(context(call), "?")))["problem"] == "unavailable"
    assert LANGUAGES["en"].general not in call.speaker.said  # type: ignore[attr-defined]


async def test_a_stop_ends_it_and_nothing_of_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    call = a_call(an_expert(monkeypatch, Model("never heard", waits=60.0)))
    asking = asyncio.ensure_future(ask_expert(context(call), "?"))
    while not call.turns.working:  # noqa: ASYNC110 - nothing to wait on
        await asyncio.sleep(0)
    call.turns.stop()
    answer: Any = await asking
    assert json.loads(answer.output)["status"] == "stopped"
    assert call.speaker.said == ["one_moment"]  # type: ignore[attr-defined]


async def test_a_long_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(await an_expert(monkeypatch, Model("x" * 5000)).ask("?", "none", "en")) == ANSWER_MAX


def test_without_one_the_model_is_told_that_it_cannot_tell() -> None:
    call = a_call(None)
    assert "ask_expert" not in {tool.id for tool in call.persona.tools_of(call)}
    assert "cannot tell fare rules" in call.persona.instructions(call)
    call = a_call(Expert(lambda: None))  # type: ignore[arg-type, return-value]
    assert "ask_expert" in {tool.id for tool in call.persona.tools_of(call)}
    assert "cannot tell fare rules" not in call.persona.instructions(call)


def test_the_setting_names_models_that_exist_and_have_their_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert AgentSettings.model_validate(SETTINGS).experts == ()
    assert AgentSettings.model_validate({**SETTINGS, "POLYGLOT_EXPERT_MODEL": " "}).experts == ()
    two = {**SETTINGS, "POLYGLOT_EXPERT_MODEL": "anthropic/claude-sonnet-4-6, openai/gpt-6-sol"}
    with pytest.raises(ValidationError, match="ANTHROPIC_API_KEY is not set, and POLYGLOT_EXPERT_MODEL"):
        AgentSettings.model_validate(two)
    found = AgentSettings.model_validate({**two, "ANTHROPIC_API_KEY": "key"})
    assert [str(ref) for ref in found.experts] == ["anthropic/claude-sonnet-4-6", "openai/gpt-6-sol"]
    assert set(found.experts) <= set(found.every_model)
    with pytest.raises(ValidationError, match="no chat model"):
        AgentSettings.model_validate({**SETTINGS, "POLYGLOT_EXPERT_MODEL": "openai/gpt-99"})
    assert expert.QUESTION_MAX
