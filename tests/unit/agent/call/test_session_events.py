"""Everything that the library tells of a session reaches the parts of the call that it concerns. No network."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from call_session import Speech, World
from livekit.agents import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    FunctionToolsExecutedEvent,
    UserInputTranscribedEvent,
    llm,
)

from agent import budgets
from agent.turns.turn import State
from contracts.dispatch import Pipeline
from contracts.events import Event


@pytest.fixture(params=[Pipeline.REALTIME, Pipeline.CASCADE])
async def any_world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    yield World(request.param)
    await tidy()


@pytest.fixture
async def realtime() -> AsyncIterator[World]:
    yield World(Pipeline.REALTIME)
    await tidy()


@pytest.fixture
async def cascade() -> AsyncIterator[World]:
    yield World(Pipeline.CASCADE)
    await tidy()


async def tidy() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, dict[str, Any]]]:
    """Events for metrics."""
    told: list[tuple[Event, dict[str, Any]]] = []
    monkeypatch.setattr("agent.call.listeners.emit", lambda event, **fields: told.append((event, fields)))
    return told


def spy(monkeypatch: pytest.MonkeyPatch, of: Any, name: str) -> list[Any]:
    """What a part is asked to do."""
    calls: list[Any] = []

    def called(*arguments: Any, **_: Any) -> Any:
        calls.append(arguments[0] if arguments else None)

        async def nothing() -> None:
            """Done."""

        return nothing() if name in ("see_through", "lose") else None

    monkeypatch.setattr(of, name, called)
    return calls


def message(role: Any, text: str, **fields: Any) -> ConversationItemAddedEvent:
    return ConversationItemAddedEvent(item=llm.ChatMessage(role=role, content=[text], **fields))


def failure(kind: str) -> ErrorEvent:
    error = SimpleNamespace(type=kind, recoverable=False, error=TimeoutError())
    return ErrorEvent.model_construct(error=error, source=None)


# -- who is told --------------------------------------------------------------------------------------------------


async def test_what_is_wrong_with_an_answer_is_found_before_the_answer_is_recorded(any_world: World) -> None:
    first, second = [listener for name, listener in any_world.session.listeners if name == "conversation_item_added"][
        :2
    ]
    assert first == any_world.running._guard.on_item
    assert second == any_world.running._record._on_item


async def test_who_speaks_is_there(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    active = spy(monkeypatch, any_world.running._lifecycle, "user_active")
    any_world.ears("speaking")
    any_world.ears("listening")
    assert len(active) == 1


async def test_silence_is_counted_from_what_the_assistant_says(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounded = spy(monkeypatch, any_world.running._lifecycle, "sounded")
    any_world.heard()
    any_world.session.emit("agent_state_changed", AgentStateChangedEvent(old_state="speaking", new_state="listening"))
    assert len(sounded) == 1


async def test_the_next_session_shows_its_model_the_shared_screen(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = spy(monkeypatch, any_world.call, "follow")
    any_world.listeners.follow(any_world.session)  # type: ignore[arg-type]
    assert followed == [any_world.session]


@pytest.mark.parametrize("interrupted", [True, False])
async def test_what_is_said_is_stored_and_reaches_the_persona(
    any_world: World, monkeypatch: pytest.MonkeyPatch, told: list[Any], *, interrupted: bool
) -> None:
    said: list[str] = []
    monkeypatch.setattr(type(any_world.call.persona), "said", lambda _self, _call, text: said.append(text))
    any_world.turns.typed("Find me a flight to Rome")
    any_world.heard()
    any_world.session.emit("conversation_item_added", message("user", "Find me a flight to Rome"))
    assert (said, any_world.turns.untold is None) == ([], False)
    any_world.session.emit("conversation_item_added", message("assistant", "Two flights", interrupted=interrupted))
    await any_world.settled()
    assert any_world.stored == ["Find me a flight to Rome", "Two flights"]
    assert said == ["Two flights"]
    assert any_world.turns.untold is None
    assert [event for event, _ in told] == [Event.TURN_INTERRUPTED] * interrupted


async def test_how_long_an_answer_took_is_stored_with_it(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    states = spy(monkeypatch, any_world.running._log, "agent_state")
    any_world.heard()
    assert len(states) == 1


async def test_what_is_no_message_is_nothing_that_was_said(any_world: World) -> None:
    item = llm.AgentHandoff(new_agent_id="another")
    any_world.session.emit("conversation_item_added", ConversationItemAddedEvent.model_construct(item=item))
    await any_world.settled()
    assert any_world.stored == []


async def test_tools_that_are_done_make_the_answer_due_again(any_world: World) -> None:
    question = any_world.turns.typed("Find me a flight to Rome")
    any_world.heard()
    any_world.session.emit(
        "function_tools_executed", FunctionToolsExecutedEvent(function_calls=[], function_call_outputs=[])
    )
    assert any_world.turns.open is question


async def test_a_failure_is_an_event_with_its_stage_and_cause(any_world: World, told: list[Any]) -> None:
    any_world.session.emit("error", failure("llm_error"))
    assert told == [(Event.MODEL_FAILED, {"stage": "llm_error", "cause": "TimeoutError"})]


async def test_a_lost_voice_is_followed_by_writing(cascade: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = spy(monkeypatch, cascade.listeners._parts.voice, "lose")
    cascade.turns.typed("Find me a flight to Rome")
    cascade.session.emit("error", failure("tts_error"))
    assert len(lost) == 1
    assert cascade.turns.open is None


async def test_ears_that_failed_hold_no_answer(cascade: World) -> None:
    cascade.ears("speaking")
    cascade.session.emit("error", failure("stt_error"))
    assert cascade.turns.spoken is not None
    assert cascade.turns.spoken.known


# -- words --------------------------------------------------------------------------------------------------------


async def test_words_that_may_still_change_are_nothing(any_world: World) -> None:
    any_world.session.emit("user_input_transcribed", UserInputTranscribedEvent(transcript="stop", is_final=False))
    await any_world.settled()
    assert any_world.turns.current is None


async def test_a_stop_that_is_told_twice_is_one(realtime: World) -> None:
    realtime.question()
    for _ in range(2):
        realtime.words("stop")
        await realtime.settled()
    assert realtime.turns.number == 1


async def test_a_question_brings_the_voice_back_and_may_be_repeated(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored = spy(monkeypatch, any_world.listeners._parts.voice, "restore")
    any_world.words("Find me a flight for 99 euros", None)
    assert len(restored) == 1
    assert "99" in any_world.call.heard


@pytest.mark.parametrize("silenced", [True, False])
async def test_what_was_silenced_by_a_stop_before_it_is_answered(
    realtime: World, monkeypatch: pytest.MonkeyPatch, *, silenced: bool
) -> None:
    monkeypatch.setattr(budgets, "ANSWER_RETRY_WAIT", 0.0)
    realtime.question("item_1")
    realtime.now += 1
    realtime.question("item_2")
    if silenced:
        realtime.words("stop", "item_1")
        await realtime.settled()
    assert realtime.answers().interrupted == silenced
    realtime.words("Find me a flight to Rome", "item_2")
    await realtime.settled()
    assert ("reply None" in realtime.session.did) == silenced
    assert realtime.turns.open is not None


# -- speech of which no words come --------------------------------------------------------------------------------


async def test_the_library_tells_when_no_words_came(cascade: World) -> None:
    cascade.ears("speaking")
    cascade.now += 1
    cascade.ears("listening")
    cascade.session.emit("user_transcription_timeout", SimpleNamespace())
    await cascade.settled()
    assert cascade.said == ["not_understood"]
    assert cascade.turns.spoken is not None
    assert (cascade.turns.spoken.state, cascade.turns.spoken.known) == (State.EMPTY, True)


@pytest.mark.parametrize("why", ["an answer", "ears at work", "goes on", "typed", "no session", "no speech", "words"])
async def test_who_need_not_say_it_again_is_not_asked(
    cascade: World, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    async def at_work() -> bool:
        return False

    if why != "no speech":
        cascade.ears("speaking")
        cascade.now += 1
        cascade.ears("listening")
    if why == "an answer":
        cascade.session.current_speech = Speech()
    elif why == "ears at work":
        eager = SimpleNamespace(nothing_heard=at_work)
        monkeypatch.setattr(type(cascade.running.pipeline), "eager_ears", eager)
    elif why == "goes on":
        cascade.session.user_state = "speaking"
    elif why == "typed":
        cascade.turns.typed("Find me a flight to Rome")
    elif why == "no session":
        cascade.running.pipeline.session = None
    elif why == "words":
        cascade.words("Find me a flight to Rome", None)
    await cascade.listeners.no_words_yet()
    assert cascade.said == []
    assert why in ("no speech", "no session") or cascade.turns.open is not None


async def test_eager_ears_that_heard_nothing_are_believed(cascade: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> bool:
        return True

    monkeypatch.setattr(type(cascade.running.pipeline), "eager_ears", SimpleNamespace(nothing_heard=nothing))
    cascade.ears("speaking")
    cascade.now += 1
    cascade.ears("listening")
    await cascade.listeners.no_words_yet()
    assert cascade.said == ["not_understood"]


# -- what is about to be said -------------------------------------------------------------------------------------


async def test_the_provider_s_own_answer_is_seen_through_and_heard(
    realtime: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = spy(monkeypatch, realtime.running._recovery, "see_through")
    realtime.question()
    answer = realtime.answers()
    assert followed == [answer]
    assert not answer.interrupted
    assert realtime.turns.spoken is not None
    assert realtime.turns.spoken.answer is answer


async def test_an_answer_that_we_asked_for_is_not_taken_for_the_provider_s_own(
    realtime: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = spy(monkeypatch, realtime.running._recovery, "see_through")
    realtime.question()
    assert not realtime.answers(user_initiated=True).interrupted
    assert realtime.turns.spoken is not None
    assert (followed, realtime.turns.spoken.answer) == ([], None)


async def test_in_the_cascade_every_answer_is_ours(cascade: World, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = spy(monkeypatch, cascade.running._recovery, "see_through")
    cascade.turns.provider_ended("item_1")
    assert not cascade.answers().interrupted
    assert followed == []


async def test_after_a_stop_nothing_is_said_whoever_wants_to(any_world: World) -> None:
    any_world.turns.stop()
    assert any_world.answers().interrupted
    assert any_world.answers(user_initiated=True).interrupted


# -- speech over the assistant's ----------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["cascade", "not speaking", "over", "no session", "too soon"])
async def test_what_is_no_speech_over_the_assistant_s_interrupts_nothing(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    world = World(Pipeline.CASCADE if why == "cascade" else Pipeline.REALTIME)
    monkeypatch.setattr(budgets, "BARGE_IN_AFTER", 3600.0 if why == "too soon" else 0.0)
    world.session.agent_state = "listening" if why == "not speaking" else "speaking"
    world.ears("speaking")
    if why == "over":
        world.ears("listening")
    elif why == "no session":
        world.running.pipeline.session = None
    await world.settled()
    assert [did for did in world.session.did if did.startswith("interrupt")] == []
    await tidy()


async def test_an_answer_that_is_heard_before_the_end_of_its_question_is_the_answer(realtime: World) -> None:
    realtime.ears("speaking")
    realtime.now += 1
    realtime.session.agent_state = "speaking"
    realtime.ears("listening")
    assert realtime.turns.open is None


async def test_speech_that_ends_between_two_sessions_is_over(realtime: World) -> None:
    realtime.ears("speaking")
    realtime.now += 1
    realtime.running.pipeline.session = None
    realtime.ears("listening")
    assert realtime.turns.open is not None


@pytest.mark.parametrize("between", [True, False])
async def test_what_is_heard_is_what_is_being_said(
    any_world: World, monkeypatch: pytest.MonkeyPatch, *, between: bool
) -> None:
    heard = spy(monkeypatch, any_world.running._recovery, "heard")
    speech = any_world.session.current_speech = Speech()
    if between:
        any_world.running.pipeline.session = None
    any_world.heard()
    assert heard == [None if between else speech]


async def test_a_message_without_words_is_said_to_have_none(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(type(any_world.call.persona), "said", lambda _self, _call, text: said.append(text))
    item = llm.ChatMessage(role="assistant", content=[llm.ImageContent(image="https://example.com/a.png")])
    any_world.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))
    assert said == [""]


async def test_an_error_that_says_nothing_of_another_try_is_one(any_world: World, told: list[Any]) -> None:
    error = SimpleNamespace(type="llm_error", error=TimeoutError())
    any_world.listeners.failed(ErrorEvent.model_construct(error=error, source=None))
    await any_world.settled()
    assert any_world.said == ["model_unavailable"]
    assert len(told) == 1
