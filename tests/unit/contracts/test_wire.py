"""Every message survives the wire unchanged, refuses what it does not know, and carries its version."""

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from samples import NOW, offer, result

from contracts import agent_name
from contracts.dispatch import Consent, DispatchMetadata, Pipeline
from contracts.languages import LANGUAGES
from contracts.models import Stage
from contracts.names import AGENT_NAME, AGENT_NAME_VARIABLE
from contracts.records import (
    AgentSessionRequest,
    Allowance,
    CallEvents,
    ConfiguredModel,
    EndedEvent,
    EndReason,
    FailureEvent,
    InterruptionEvent,
    ModelsEvent,
    NoticeEvent,
    PipelineEvent,
    ToolEvent,
    TurnEvent,
    TurnTimes,
    UsageEvent,
)
from contracts.room import NoticeKind, NoticeMessage, RefineRequest, ResultsMessage, SelectRequest, ShowReply, View
from contracts.sessions import AgentReport, AgentVerdict, SessionRequest, SessionStarted, SessionStatus
from contracts.tools import OfferReply, ToolProblem, brief
from contracts.turns import Summary, Turn

MESSAGES: list[BaseModel] = [
    DispatchMetadata(session_id="session-1", language="pt-BR", consent=Consent(store_turns=True)),
    SessionRequest(language="ja", pipeline=Pipeline.TEXT, time_zone="Asia/Tokyo"),
    SessionStarted(
        session_id="session-1",
        room_name="room",
        server_url="ws://127.0.0.1",
        participant_token="t",
        expires_at=NOW,
        pipeline=Pipeline.REALTIME,
        livekit_url="ws://127.0.0.1",
        livekit_token="t",
    ),
    SessionStatus(
        session_id="session-1", room_name="room", pipeline=Pipeline.TEXT, verdict=AgentVerdict.READY, attempts=1
    ),
    AgentReport(kind="rejected", room_name="room", reason="pipeline: unknown"),
    CallEvents(
        events=(
            TurnEvent(
                id="e1",
                at=NOW,
                turn_id="item_1",
                pipeline=Pipeline.CASCADE,
                language="de",
                times=TurnTimes(words_ms=90),
            ),
            ToolEvent(id="e2", at=NOW, name="search_flights", arguments={"origin": "Rome"}, outcome="ok", ms=12),
            InterruptionEvent(id="e3", at=NOW, by="stop"),
            FailureEvent(id="e4", at=NOW, stage="tts", provider="openai", reason="timed out", recovered=True),
            UsageEvent(id="e5", at=NOW, stage="llm", provider="openai", model="gpt-6-luna", input_tokens=7),
            PipelineEvent(id="e6", at=NOW, pipeline=Pipeline.CASCADE, reason="connection lost"),
            NoticeEvent(id="e7", at=NOW, notice="still_there"),
            EndedEvent(id="e8", at=NOW, reason=EndReason.SILENCE),
            ModelsEvent(
                id="e9", at=NOW, models=(ConfiguredModel(stage=Stage.CHAT, provider="openai", model="gpt-6-luna"),)
            ),
        )
    ),
    Allowance(seconds_left=60, reason=EndReason.TIME_LIMIT),
    AgentSessionRequest(room_name="room"),
    Turn(id="item_1", role="user", text="¿Adónde?", language="es", modality="voice", started_at=NOW),
    Summary(status="pending"),
    ResultsMessage(
        language="de", summary="Madrid – Berlin: 1", total_offers=3, view=View(), result=result(offer("80"))
    ),
    NoticeMessage(kind=NoticeKind.SEARCHING, language="zh", text="请稍等"),
    SelectRequest(search_id="search-0001", number=2),
    RefineRequest(search_id="search-0001", view=View(sort_by="duration", max_price="250.5")),
    ShowReply(search_id="search-0001", shown=(1, 2)),
    OfferReply(sample=True, offer=brief(offer("80.00", stops=1), 1)),
    ToolProblem(problem="unknown_place", field="origin", detail="no such place", candidates=("Paris",)),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_round_trip(message: BaseModel) -> None:
    assert type(message).model_validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_field_that_is_not_defined_is_refused(message: BaseModel) -> None:
    with pytest.raises(ValidationError, match="surprise"):
        type(message).model_validate({**message.model_dump(), "surprise": 1})


def test_another_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="version"):
        DispatchMetadata.model_validate({"session_id": "session-1", "version": 2})


@pytest.mark.parametrize(
    ("field", "value"),
    [("pipeline", "telepathy"), ("language", "tlh"), ("session_id", "x"), ("model", "rm -rf /"), ("tenant", "A B")],
)
def test_metadata_names_the_wrong_field(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DispatchMetadata.model_validate({"session_id": "session-1", field: value})
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


@given(st.text(max_size=40))
def test_any_text_is_a_language_or_a_clear_refusal(text: str) -> None:
    known = text == "auto" or text.split("-", maxsplit=1)[0].lower() in LANGUAGES
    expectation = nullcontext() if known else pytest.raises(ValidationError, match="must be 'auto' or one of")
    with expectation:
        code = DispatchMetadata(session_id="session-1", language=text).language
        assert code == "auto" or code in LANGUAGES


class TestAgentName:
    def test_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(AGENT_NAME_VARIABLE, raising=False)
        assert agent_name() == AGENT_NAME

    def test_override(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(AGENT_NAME_VARIABLE, "another-agent")
        assert agent_name() == "another-agent"

    @pytest.mark.parametrize("name", ["Agent", "two words", "-x", "x-", "a" * 64, "émile"])
    def test_a_name_that_cannot_work_is_refused(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv(AGENT_NAME_VARIABLE, name)
        with pytest.raises(ValueError, match=AGENT_NAME_VARIABLE):
            agent_name()
