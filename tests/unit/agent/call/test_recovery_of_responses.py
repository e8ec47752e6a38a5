"""What a realtime provider tells of its responses, in all its shapes, and what is asked for again. No network."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from call_session import Session, Speech, World
from livekit.agents import llm

from agent import budgets
from agent.call.response_recovery import ALREADY_ANSWERING
from contracts.dispatch import Pipeline
from contracts.events import Event

REFUSED = llm.RealtimeError("busy", code=ALREADY_ANSWERING)


class Answer(Speech):
    """An answer that is over at once, with an error or without one."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error = error
        self.awaited = 0

    def __await__(self) -> Any:
        self.awaited += 1
        yield from super().__await__()

    def exception(self) -> Exception | None:  # type: ignore[override]
        return self.error


class Refusing(Session):
    """A session whose first answers are refused."""

    def __init__(self, *errors: Exception | None) -> None:
        super().__init__()
        self.answers = [Answer(error) for error in errors]
        self.given: list[Answer] = []

    def generate_reply(self, *, user_input: str | None = None, **more: Any) -> Any:
        super().generate_reply(user_input=user_input, **more)
        self.given.append(self.answers.pop(0) if self.answers else Answer())
        return self.given[-1]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "ANSWER_RETRY_WAIT", 0.0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, Any]]:
    """Events for metrics, with their causes."""
    told: list[tuple[Event, Any]] = []
    monkeypatch.setattr(
        "agent.call.response_recovery.emit",
        lambda event, **fields: told.append((event, fields.get("cause", fields.get("seconds")))),
    )
    return told


@pytest.fixture
async def world() -> World:
    return World(Pipeline.REALTIME)


def done(response: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "response.done", "response": response}


def refusing(world: World, *errors: Exception | None) -> Refusing:
    session = Refusing(*errors)
    world.running.pipeline.session = session  # type: ignore[assignment]
    return session


# -- what the provider tells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        ({"status": "failed", "status_details": {"error": {"code": "server_error"}}}, "server_error"),
        ({"status": "failed", "status_details": {"error": None, "reason": "other"}}, "other"),
        ({"status": "incomplete", "status_details": {"reason": "max_output_tokens"}}, "max_output_tokens"),
        ({"status": "failed", "status_details": None}, "failed"),
        ({"status": "failed"}, "failed"),
    ],
)
async def test_a_response_that_failed_is_an_event_with_its_cause(
    world: World, told: list[Any], response: dict[str, Any], cause: str
) -> None:
    world.running._recovery.server_event(done(response))
    assert told == [(Event.MODEL_FAILED, cause)]


@pytest.mark.parametrize("response", [None, {}, {"status": "completed"}, {"status": "cancelled"}])
async def test_one_that_did_not_is_none(world: World, told: list[Any], response: dict[str, Any] | None) -> None:
    world.turns.typed("to Berlin")
    world.running._recovery.server_event(done(response))
    await world.settled()
    assert (told, world.session.did) == ([], [])


async def test_words_that_could_not_be_made_out_are_an_event(world: World, told: list[Any]) -> None:
    world.question()
    world.provider("conversation.item.input_audio_transcription.failed")
    assert told == [(Event.MODEL_FAILED, "transcription failed")]


async def test_a_failure_before_anybody_asked_asks_for_nothing(world: World) -> None:
    world.running._recovery.server_event(done({"status": "incomplete"}))
    world.running._recovery.server_event(done({"status": "failed"}))
    await world.settled()
    assert world.session.did == []


@pytest.mark.parametrize(
    ("limits", "again"),
    [
        (None, True),
        ([], True),
        ([{"name": "requests", "remaining": 5, "reset_seconds": 60}], True),
        ([{"name": "tokens", "remaining": 0}], True),
        ([{"name": "tokens", "remaining": 0, "reset_seconds": None}], True),
        ([{"name": "tokens", "remaining": 0, "reset_seconds": 60}, {"name": "requests", "remaining": 4}], False),
    ],
)
async def test_only_a_limit_that_is_used_up_for_long_keeps_from_asking_again(
    world: World, limits: Any, *, again: bool
) -> None:
    world.turns.typed("to Berlin")
    world.running._recovery.server_event({"type": "rate_limits.updated", "rate_limits": limits})
    world.running._recovery.server_event(done({"status": "failed"}))
    await world.settled()
    assert ("reply None" in world.session.did) == again
    assert ("model_unavailable" in world.said) == (not again)


async def test_a_limit_that_is_over_just_in_time_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "RATE_LIMIT_WAIT", 0.0)
    world.turns.typed("to Berlin")
    world.running._recovery.server_event(done({"status": "failed"}))
    await world.settled()
    assert world.session.did == ["reply None"]


# -- asked for again ----------------------------------------------------------------------------------------------


async def test_an_answer_that_failed_after_a_filler_that_was_taken_for_it_is_asked_for_again(world: World) -> None:
    question = world.turns.typed("to Berlin")
    world.turns.answered()
    await world.running._recovery.again()
    assert world.turns.open is question
    assert world.session.did == ["reply None"]
    assert question.retries == 1


async def test_a_response_that_failed_after_its_first_words_is_asked_for_again(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.answered()
    world.running._recovery.server_event(done({"status": "failed"}))
    await world.settled()
    assert world.session.did == ["reply None"]


async def test_a_new_connection_does_not_answer_what_is_answered(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.answered()
    world.running._recovery.reconnected()
    await world.settled()
    assert world.session.did == []


@pytest.mark.parametrize("meanwhile", ["another session", "no session", "answered", "another question"])
async def test_what_is_no_longer_wanted_is_not_asked_for_again(world: World, meanwhile: str) -> None:
    world.turns.typed("to Berlin")
    asking = asyncio.create_task(world.running._recovery.again())
    await asyncio.sleep(0)
    if meanwhile == "another session":
        world.running.pipeline.session = Session()  # type: ignore[assignment]
    elif meanwhile == "no session":
        world.running.pipeline.session = None
    elif meanwhile == "answered":
        world.turns.answered()
    else:
        world.turns.typed("to Rome")
    await asking
    assert world.session.did == []


async def test_between_two_sessions_nothing_is_asked_for(world: World) -> None:
    world.turns.typed("to Berlin")
    world.running.pipeline.session = None
    await world.running._recovery.again()
    assert (world.said, world.turns.open is None) == ([], False)


@pytest.mark.parametrize("working", [True, False])
async def test_a_new_connection_answers_what_no_tool_is_working_for(world: World, *, working: bool) -> None:
    world.question()
    world.turns.ask(world.turns.words("to Berlin", "item_1")[1])
    world.ears("speaking")
    world.provider("input_audio_buffer.speech_started", "item_2")
    search = asyncio.create_task(world.turns.work.run(asyncio.Event().wait())) if working else None
    await world.settled()
    world.running._recovery.reconnected()
    await world.settled()
    assert ("reply None" in world.session.did) != working
    assert world.turns.spoken is not None
    assert not world.turns.spoken.noticed, "of what is being said the new connection knows nothing"
    if search is not None:
        world.turns.stop()
        await asyncio.wait([search])


# -- refused because another is under way -------------------------------------------------------------------------


async def test_a_refused_answer_is_asked_for_after_what_is_being_said(world: World) -> None:
    session = refusing(world, None)
    speaking = session.current_speech = Answer()
    world.turns.typed("to Berlin")
    await world.running._recovery.see_through(Answer(REFUSED))  # type: ignore[arg-type]
    assert session.did == ["reply None"]
    assert speaking.awaited == 1
    assert session.given[0].awaited == 1, "it may be refused too"


async def test_an_answer_is_refused_so_often_and_no_more(world: World) -> None:
    session = refusing(world, *[REFUSED] * 9)
    world.turns.typed("to Berlin")
    await world.running._recovery.see_through(Answer(REFUSED))  # type: ignore[arg-type]
    assert len(session.given) == 3


@pytest.mark.parametrize("error", [None, ValueError("other"), llm.RealtimeError("gone", code="session_expired")])
async def test_only_a_refusal_is_asked_for_again(world: World, error: Exception | None) -> None:
    session = refusing(world)
    world.turns.typed("to Berlin")
    await world.running._recovery.see_through(Answer(error))  # type: ignore[arg-type]
    assert session.given == []


@pytest.mark.parametrize("meanwhile", ["stop", "another question", "no session"])
async def test_a_refused_answer_that_nobody_waits_for_is_not_asked_for(world: World, meanwhile: str) -> None:
    session = refusing(world)
    world.turns.typed("to Berlin")
    refused = asyncio.create_task(world.running._recovery.see_through(Answer(REFUSED)))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    if meanwhile == "stop":
        world.turns.stop()
    elif meanwhile == "another question":
        world.turns.typed("to Rome")
    else:
        world.running.pipeline.session = None
    await refused
    assert session.given == []


async def test_a_question_that_came_up_since_is_answered_in_the_place_of_a_refused_answer_to_none(
    world: World,
) -> None:
    session = refusing(world)
    refused = asyncio.create_task(world.running._recovery.see_through(Answer(REFUSED)))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    world.turns.typed("to Rome")
    await refused
    assert len(session.given) == 1


async def test_a_refused_answer_to_nothing_is_not_asked_for(world: World) -> None:
    session = refusing(world)
    await world.running._recovery.see_through(Answer(REFUSED))  # type: ignore[arg-type]
    assert session.given == []


async def test_a_session_that_is_closing_ends_the_tries(world: World) -> None:
    class Closing(Session):
        tries = 0

        def generate_reply(self, **_: Any) -> Any:
            self.tries += 1
            raise RuntimeError("closing")

    session = Closing()
    world.running.pipeline.session = session  # type: ignore[assignment]
    world.turns.typed("to Berlin")
    await world.running._recovery.see_through(Answer(REFUSED))  # type: ignore[arg-type]
    assert session.tries == 1
    await world.running._recovery.again()


# -- heard --------------------------------------------------------------------------------------------------------


async def test_how_long_an_answer_took_is_measured(
    world: World, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[str, float]] = []
    monkeypatch.setattr("agent.call.response_recovery.measure", lambda name, value, **_: measured.append((name, value)))
    world.turns.typed("to Berlin")
    world.now += 1.23456
    world.heard()
    assert told == [(Event.TURN_FIRST_AUDIO, 1.235)]
    assert measured == [("answer_seconds", pytest.approx(1.23456))]
    world.heard()
    assert len(told) == 1, "what follows is no answer to anything"


async def test_a_line_that_was_said_already_is_not_interrupted(world: World) -> None:
    world.turns.typed("to Berlin")
    line = Speech()
    line.done = lambda: True  # type: ignore[method-assign]
    world.running._recovery._reassurance = line  # type: ignore[assignment]
    world.heard()
    assert not line.interrupted


async def test_a_line_that_still_waits_behind_the_answer_is_not_said(world: World) -> None:
    world.turns.typed("to Berlin")
    line = Speech()
    world.running._recovery._reassurance = line  # type: ignore[assignment]
    world.heard()
    assert line.interrupted


@pytest.mark.parametrize("why", ["no session", "text"])
async def test_where_nothing_is_spoken_nobody_is_reassured(world: World, why: str) -> None:
    world.turns.typed("to Berlin")
    if why == "no session":
        world.running.pipeline.session = None
    else:
        world.call.pipeline = Pipeline.TEXT
    world.running._recovery.reassure()
    assert world.said == []


async def test_a_line_without_a_question_is_still_said(world: World) -> None:
    world.running._recovery.reassure()
    assert world.said == ["one_moment"]


async def test_a_session_that_has_ended_is_asked_nothing(world: World) -> None:
    class Ended(Session):
        @property
        def current_agent(self) -> Any:
            raise RuntimeError("is not running")

    world.running.pipeline.session = Ended()  # type: ignore[assignment]
    world.ears("speaking")
    world.now += 1
    world.turns.speech_ended()
    world.running._recovery.reassure()
    await world.settled()
    assert world.said == []


async def test_a_provider_is_followed_by_the_name_that_it_gives_speech(world: World) -> None:
    world.provider("input_audio_buffer.speech_started", "item_7")
    assert world.turns.spoken is not None
    assert (world.turns.spoken.id, world.turns.spoken.noticed) == ("item_7", True)
    world.running._recovery.server_event(SimpleNamespace(get=lambda _key: "session.updated"))  # type: ignore[arg-type]


async def test_an_answer_of_the_cascade_that_is_on_its_way_says_its_lines_itself() -> None:
    world = World(Pipeline.CASCADE)
    question = world.turns.typed("to Berlin")
    world.session.current_speech = Speech()
    assert not world.running._recovery.reassure(), "for how long nothing was heard still counts"
    assert (world.said, question.quiet) == ([], 100.0)
