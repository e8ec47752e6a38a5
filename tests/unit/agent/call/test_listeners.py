"""The library's events of a session are bound to turns: each question is answered once. No network."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from unittest.mock import create_autospec

import pytest
from call_session import World
from livekit.agents import CloseEvent, CloseReason, ConversationItemAddedEvent, ErrorEvent, llm
from livekit.agents.voice.agent_activity import AgentActivity

from agent.call.resume import ask_again
from agent.turns.turn import State
from contracts.dispatch import Pipeline


@pytest.fixture
async def world() -> AsyncIterator[World]:
    yield World(Pipeline.REALTIME)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def test_words_that_come_after_the_answer_ask_nothing(world: World) -> None:
    world.question()
    world.answers()
    world.heard()
    world.words("Find me a flight from Madrid to Berlin")
    assert world.turns.open is None
    assert world.turns.number == 0
    assert "Berlin" in world.call.heard, "the assistant may repeat its numbers all the same"


async def test_words_that_come_twice_are_one_question(world: World) -> None:
    world.question()
    for _ in range(2):
        world.words("Find me a flight from Madrid to Berlin")
    assert world.turns.number == 1


@pytest.mark.parametrize("words", ["okay", "thank you", "Find me a flight to Rome"])
async def test_words_during_a_search_do_not_end_it(world: World, words: str) -> None:
    world.question()
    go = asyncio.Event()
    running = asyncio.create_task(world.turns.work.run(go.wait()))
    await world.settled()
    world.question("item_2")
    world.words(words, "item_2")
    await world.settled()
    assert not running.done()
    go.set()
    assert await running


async def test_a_stop_during_a_search_ends_it_in_silence(world: World) -> None:
    world.question()
    running = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await world.settled()
    world.question("item_2", seconds=0.4)
    world.words("stop", "item_2")
    await world.settled()
    assert running.done()
    assert running.exception() is not None
    assert world.session.did == ["interrupt True"]
    assert world.answers().interrupted, "the provider's own answer to the stop"
    assert world.turns.muted


@pytest.mark.parametrize("words", ["Wait.", "Un momento, por favor", "ちょっと待って", "等一下"])
@pytest.mark.parametrize("first", [True, False])
async def test_who_asks_for_a_moment_during_a_search_is_not_answered_and_loses_nothing(
    world: World, words: str, *, first: bool
) -> None:
    world.question()
    world.words("Find me a flight to Rome")
    go = asyncio.Event()
    running = asyncio.create_task(world.turns.work.run(go.wait()))
    await world.settled()
    world.question("item_2", seconds=0.4)
    answer = world.answers() if first else None
    world.words(words, "item_2")
    answer = answer or world.answers()
    await world.settled()
    assert answer.interrupted, "the provider's own answer to the words"
    assert not running.done()
    assert not world.turns.muted
    assert world.turns.open is not None
    assert world.turns.open.words == "Find me a flight to Rome"
    assert await world.turns.may_be_heard()
    go.set()
    assert await running


async def test_who_asks_for_a_moment_and_to_stop_ends_the_search(world: World) -> None:
    world.question()
    running = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await world.settled()
    world.question("item_2", seconds=0.4)
    world.words("Wait, stop.", "item_2")
    await world.settled()
    assert running.done()
    assert world.turns.muted


async def test_who_asks_for_a_moment_while_nothing_runs_has_silence(world: World) -> None:
    world.question()
    world.answers()
    world.heard()
    world.question("item_2", seconds=0.4)
    world.words("Hold on, please.", "item_2")
    await world.settled()
    assert world.turns.muted
    assert world.session.did == ["interrupt True"]
    assert world.answers().interrupted


async def test_who_types_that_they_want_a_moment_during_a_search_loses_nothing(world: World) -> None:
    await world.running.controls.typed("Find me a flight to Rome")
    go = asyncio.Event()
    running = asyncio.create_task(world.turns.work.run(go.wait()))
    await world.settled()
    did = list(world.session.did)
    await world.running.controls.typed("wait")
    await world.settled()
    assert (running.done(), world.turns.muted, world.session.did) == (False, False, did)
    go.set()
    await running
    await world.running.controls.typed("wait")
    assert world.turns.muted


async def test_a_stop_whose_words_come_after_its_answer_began_is_a_stop(world: World) -> None:
    world.question()
    world.answers()
    world.heard()
    world.words("stop")
    await world.settled()
    assert world.turns.muted
    assert world.session.did == ["interrupt True"]


async def test_the_answer_to_what_was_overtaken_by_typed_words_is_not_heard(world: World) -> None:
    world.question()
    await world.running.controls.typed("Find me a flight to Rome")
    assert world.answers().interrupted
    assert not world.answers().interrupted, "what was typed is answered"
    world.words("stop")
    assert not world.turns.muted, "it was said before"
    assert world.turns.open is not None
    assert world.turns.open.words == "Find me a flight to Rome"


async def test_words_that_could_not_be_made_out_leave_the_question_open(world: World) -> None:
    world.question()
    world.provider("conversation.item.input_audio_transcription.failed")
    assert world.turns.open is not None
    world.answers()
    world.heard()
    assert world.turns.open is None


async def test_a_question_that_was_asked_of_a_lost_connection_is_asked_again(world: World) -> None:
    world.question()
    world.words("Find me a flight to Rome")
    ask_again(world.call, world.running.session)
    assert world.session.did == ["reply Find me a flight to Rome"]
    assert world.turns.number == 1


async def test_who_spoke_to_a_lost_connection_is_asked_to_say_it_again(world: World) -> None:
    world.question()
    ask_again(world.call, world.running.session)
    assert (world.said, world.session.did) == (["not_understood"], [])
    assert world.turns.open is None


async def test_an_answer_that_is_in_the_conversation_is_not_given_again(world: World) -> None:
    world.question()
    world.words("Find me a flight to Rome")
    world.heard()
    message = llm.ChatMessage(role="assistant", content=["The cheapest one"])
    world.session.emit("conversation_item_added", ConversationItemAddedEvent(item=message))
    ask_again(world.call, world.running.session)
    assert (world.said, world.session.did) == ([], [])


async def test_a_model_that_failed_for_good_is_said_to_have(world: World) -> None:
    world.question()
    error = SimpleNamespace(type="llm_error", recoverable=False, error=TimeoutError())
    world.session.emit("error", ErrorEvent.model_construct(error=error, source=None))
    await world.settled()
    assert world.said == ["model_unavailable"]
    assert world.turns.open is None


@pytest.mark.parametrize("pipeline", [Pipeline.CASCADE, Pipeline.REALTIME])
@pytest.mark.parametrize("heard", [True, False])
async def test_in_the_cascade_a_voice_over_the_assistant_is_told_to_the_library_at_once(
    pipeline: Pipeline, heard: bool
) -> None:
    world = World(pipeline)
    world.session.agent_state = "speaking" if heard else "listening"
    world.ears("speaking")
    assert world.session.did == [], "after the library has taken note of it itself"
    await asyncio.sleep(0)
    assert ("asks itself" in world.session.did) is (heard and pipeline is Pipeline.CASCADE)
    world.session._activity = None
    world.ears("listening")
    world.ears("speaking")
    await world.settled()


def test_the_library_has_what_it_is_told_by() -> None:
    assert callable(AgentActivity._interrupt_by_audio_activity)


async def test_a_model_s_own_failure_is_told_by_the_answer_that_it_was_to_give(world: World) -> None:
    world.question()
    error = SimpleNamespace(type="llm_error", recoverable=False, error=TimeoutError())
    model = create_autospec(llm.LLM, instance=True)
    world.session.emit("error", ErrorEvent.model_construct(error=error, source=model))
    await world.settled()
    assert world.said == []
    assert world.turns.open is not None, "another one may say the rest"
    world.running._recovery.gave_up()
    await world.settled()
    assert (world.said, world.turns.open) == (["model_unavailable"], None)


@pytest.mark.usefixtures("world")
async def test_in_the_cascade_speech_of_which_no_words_come_is_asked_about() -> None:
    cascade = World(Pipeline.CASCADE)
    cascade.ears("speaking")
    cascade.now += 1
    cascade.ears("listening")
    await cascade.listeners.no_words_yet()
    assert cascade.said == ["not_understood"]
    cascade.words("Find me a flight to Rome", None)
    await cascade.listeners.no_words_yet()
    assert cascade.said == ["not_understood"], "they came late, and are answered"
    assert cascade.turns.open is not None


def failure(kind: str, *, recoverable: bool = False) -> ErrorEvent:
    error = SimpleNamespace(type=kind, recoverable=recoverable, error=TimeoutError())
    return ErrorEvent.model_construct(error=error, source=None)


async def test_ears_that_failed_lose_what_was_spoken_and_nothing_else() -> None:
    cascade = World(Pipeline.CASCADE)
    question = cascade.turns.typed("Find me a flight to Rome")
    cascade.now += 1
    cascade.ears("speaking")
    cascade.now += 1
    cascade.ears("listening")
    cascade.session.emit("error", failure("stt_error"))
    await cascade.settled()
    assert cascade.said == ["hearing_unavailable"]
    assert cascade.turns.spoken is not None
    assert cascade.turns.spoken.state is State.FAILED
    assert cascade.turns.open is question, "its answer is still due"


async def test_a_line_that_could_not_be_synthesised_leaves_the_question_open(world: World) -> None:
    world.question()
    world.session.emit("error", failure("tts_error"))
    assert world.said == ["as a clip"]
    assert world.turns.open is not None, "the model answers in its own voice"


async def test_a_failure_that_is_tried_again_is_not_told(world: World) -> None:
    world.question()
    world.session.emit("error", failure("llm_error", recoverable=True))
    await world.settled()
    assert world.said == []
    assert world.turns.open is not None


async def test_a_realtime_model_that_is_lost_is_followed_by_a_cascade(world: World) -> None:
    switched: list[Pipeline] = []

    async def switch(pipeline: Pipeline) -> None:
        switched.append(pipeline)

    world.running.pipeline.switch = switch  # type: ignore[method-assign]
    world.question()
    world.session.emit("error", failure("realtime_model_error"))
    await world.settled()
    assert switched == [Pipeline.CASCADE]
    assert world.turns.open is not None, "it is asked again there"


async def test_nothing_is_said_of_what_fails_when_the_call_is_over(world: World) -> None:
    world.running.pipeline.over = True
    world.session.emit("error", failure("llm_error"))
    world.session.emit("close", CloseEvent.model_construct(reason=CloseReason.ERROR))
    await world.settled()
    assert (world.said, world.left) == ([], [])


@pytest.mark.parametrize(
    ("reason", "room"), [(CloseReason.PARTICIPANT_DISCONNECTED, ["room deleted"]), (CloseReason.JOB_SHUTDOWN, [])]
)
async def test_a_session_that_closes_ends_the_call_and_leaves_the_room_to_a_worker_that_follows(
    world: World, reason: CloseReason, room: list[str]
) -> None:
    world.session.emit("close", CloseEvent.model_construct(reason=reason))
    await world.settled()
    assert world.left == [*room, f"session closed: {reason.value}"]


async def test_between_two_sessions_a_closed_one_ends_nothing(world: World) -> None:
    world.running.pipeline.changing = True
    world.session.emit("close", CloseEvent.model_construct(reason=CloseReason.ERROR))
    await world.settled()
    assert world.left == []


async def test_speech_that_goes_on_over_the_assistant_silences_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.budgets.BARGE_IN_AFTER", 0.0)
    world.session.agent_state = "speaking"
    world.ears("speaking")
    await world.settled()
    assert world.session.did == ["interrupt False"]


async def test_in_the_cascade_a_noise_while_an_answer_is_due_settles_itself_alone() -> None:
    cascade = World(Pipeline.CASCADE)
    question = cascade.turns.typed("Find me a flight to Rome")
    cascade.now += 1
    cascade.ears("speaking")
    cascade.now += 0.3
    cascade.ears("listening")
    await cascade.listeners.no_words_yet()
    assert cascade.turns.open is question
