"""A response that failed, a refused one, a new connection: each question is answered once, or said to have failed."""

import asyncio
import math
from typing import Any

import pytest
from livekit.agents import llm
from recovery import Handle, World

from agent import budgets
from agent.call.response_recovery import ALREADY_ANSWERING, LateResponse
from contracts.dispatch import Pipeline


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "ANSWER_RETRY_WAIT", 0.0)


@pytest.fixture
async def world() -> World:
    return World()


def done(status: str, **details: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status, "status_details": details or None}}


RATE_LIMITED = done("failed", error={"type": "requests", "code": "rate_limit_exceeded"})


async def test_a_failed_response_is_asked_for_once_more_and_then_said_to_have_failed(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (1, [])
    assert world.turns.open is not None
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (1, ["model_unavailable"])
    assert world.turns.open is None


async def test_a_response_that_fails_after_a_filler_is_no_silence(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.filled()
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert world.asked == 1


async def test_each_question_has_a_retry_of_its_own(world: World) -> None:
    for _ in range(2):
        world.turns.typed("to Berlin")
        world.repair.server_event(RATE_LIMITED)
        await world.settled()
    assert (world.asked, world.said) == (2, [])


async def test_an_incomplete_response_before_any_sound_is_asked_for_again(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(done("incomplete", reason="content_filter"))
    await world.settled()
    assert world.asked == 1


async def test_an_incomplete_response_that_was_heard_stands(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.answered()
    world.repair.server_event(done("incomplete", reason="max_output_tokens"))
    await world.settled()
    assert world.asked == 0


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_what_ended_as_it_should_is_left_alone(world: World, status: str) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(done(status))
    await world.settled()
    assert world.asked == 0


async def test_after_a_stop_nothing_is_asked_for_again(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.stop()
    world.repair.server_event(RATE_LIMITED)
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 0


async def test_a_stop_between_the_failure_and_the_retry_is_silence(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    world.turns.stop()
    await world.settled()
    assert world.asked == 0


async def test_words_that_could_not_be_made_out_do_not_hold_the_answer(world: World) -> None:
    world.turns.speech_began()
    world.repair.server_event({"type": "input_audio_buffer.speech_stopped", "item_id": "item_1"})
    world.repair.server_event({"type": "conversation.item.input_audio_transcription.failed", "item_id": "item_1"})
    async with asyncio.timeout(budgets.STOP_GATE / 2):
        assert await world.turns.may_be_heard()
    assert world.turns.spoken is not None
    assert (world.turns.spoken.id, world.turns.spoken.known) == ("item_1", True)


async def test_a_new_connection_answers_the_open_question(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 1


async def test_a_new_connection_without_a_question_says_nothing(world: World) -> None:
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 0


async def test_an_answer_that_is_refused_for_another_comes_after_it(world: World) -> None:
    world.turns.typed("to Berlin")
    refusal = llm.RealtimeError("busy", code=ALREADY_ANSWERING)
    world.refusals = [refusal, None]
    await world.repair.see_through(Handle(refusal))  # type: ignore[arg-type]
    assert world.asked == 2


async def test_a_reassurance_does_not_come_after_the_answer(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.reassure()
    assert world.said == ["one_moment"]
    world.repair.heard(Handle())  # type: ignore[arg-type]
    assert world.filler.interrupted == 1
    assert world.turns.open is None
    world.current_speech, world.agent_state = Handle(), "speaking"
    world.repair.reassure()
    assert world.said == ["one_moment"], "it would be heard after the answer that is on its way"


async def test_a_reply_of_which_no_response_is_made_is_asked_for_again_and_then_elsewhere(world: World) -> None:
    world.turns.typed("to Berlin")
    first, second = Handle(), Handle()
    world.current_speech = first
    world.repair.reassure()
    await world.settled()
    assert (first.interrupted, world.said, world.asked) == (1, ["clip of one_moment"], 1)
    world.current_speech = second
    world.repair.reassure()
    await world.settled()
    assert (second.interrupted, world.asked) == (1, 1)
    assert world.said == ["clip of one_moment", "now cascade"]


async def test_a_reply_that_was_asked_for_just_now_may_still_become_a_response(world: World) -> None:
    world.turns.typed("to Berlin")
    world.current_speech = Handle()
    world.repair.made(world.current_speech)
    assert not world.repair.reassure(), "there will be another look"
    world.now += budgets.RESPONSE_UNMADE + 0.1
    assert world.repair.reassure()
    await world.settled()
    assert (world.current_speech.interrupted, world.asked) == (1, 1)


async def test_a_response_that_is_under_way_says_its_lines_itself_and_is_not_taken_back(world: World) -> None:
    world.turns.typed("to Berlin")
    world.current_speech = Handle()
    under_way = LateResponse(world.repair)
    under_way.begins()
    world.now += budgets.RESPONSE_MUTE - 0.1
    assert not world.repair.reassure()
    assert not under_way.given_up()
    await world.settled()
    assert (world.current_speech.interrupted, world.asked, world.said) == (0, 0, [])


async def test_a_response_that_stays_mute_is_given_up_asked_for_again_and_then_asked_elsewhere(world: World) -> None:
    world.turns.typed("to Berlin")
    for _ in range(2):
        world.current_speech, mute = Handle(), LateResponse(world.repair)
        world.now += budgets.RESPONSE_MUTE
        assert mute.given_up()
        await world.settled()
        assert world.current_speech.interrupted == 1
    assert (world.asked, world.said) == (1, ["clip of one_moment", "now cascade"])


async def test_each_question_has_a_mute_response_of_its_own(world: World) -> None:
    for _ in range(2):
        world.turns.typed("to Berlin")
        world.current_speech, mute = Handle(), LateResponse(world.repair)
        world.now += budgets.RESPONSE_MUTE
        assert mute.given_up()
        await world.settled()
        world.repair.heard(Handle())  # type: ignore[arg-type]
    assert (world.asked, world.said) == (2, ["clip of one_moment"] * 2)


@pytest.mark.parametrize("why", ["the user is speaking", "a line of ours is being said", "nothing is said"])
async def test_what_may_still_be_heard_is_not_given_up(world: World, why: str) -> None:
    world.turns.typed("to Berlin")
    world.current_speech, late = Handle(), LateResponse(world.repair)
    if why == "the user is speaking":
        world.turns.speech_began()
    elif why == "a line of ours is being said":
        world.current_speech = world.filler
    elif why == "nothing is said":
        world.current_speech = None
    world.now += 2 * budgets.RESPONSE_MUTE
    assert not late.given_up()
    assert (world.said, world.asked) == ([], 0)


async def test_after_a_stop_a_response_is_not_waited_for(world: World) -> None:
    world.turns.typed("to Berlin")
    world.current_speech, late = Handle(), LateResponse(world.repair)
    world.turns.stop()
    assert late.given_up()
    await world.settled()
    assert (world.said, world.asked) == ([], 0)


@pytest.mark.parametrize("why", ["it is heard", "it is a line of ours", "the user is speaking", "a cascade"])
async def test_what_does_not_wait_for_a_response_is_left_alone(world: World, why: str) -> None:
    world.turns.typed("to Berlin")
    world.current_speech = Handle()
    if why == "it is heard":
        world.agent_state = "speaking"
    elif why == "it is a line of ours":
        world.current_speech = world.filler
    elif why == "the user is speaking":
        world.turns.speech_began()
    else:
        world.call.pipeline = Pipeline.CASCADE
    world.repair.reassure()
    await world.settled()
    assert (world.said, world.asked, world.current_speech.interrupted) == ([], 0, 0)


async def test_a_stop_while_a_reply_is_asked_for_anew_is_silence(world: World) -> None:
    world.turns.typed("to Berlin")
    world.current_speech = Handle()
    world.repair.reassure()
    world.turns.stop()
    await world.settled()
    assert (world.asked, world.said) == (0, [])


async def test_an_apology_does_not_wait_for_an_answer_that_does_not_come(world: World) -> None:
    world.call.pipeline = Pipeline.CASCADE
    world.turns.typed("to Berlin")
    world.current_speech = Handle()
    await world.repair.stalled()
    assert (world.current_speech.interrupted, world.said) == (1, ["model_unavailable"])


async def test_a_question_is_quiet_from_the_end_of_what_was_heard_of_it(world: World) -> None:
    question = world.turns.typed("to Berlin")
    world.repair.heard(world.filler)  # type: ignore[arg-type]
    world.now += 3
    world.repair.hushed()
    assert (question.quiet, world.repair.sound.until) == (world.now, world.now)
    world.now += 2
    world.repair.hushed()
    assert question.quiet == world.now - 2, "what is over is not over again"


async def test_a_line_that_fills_the_wait_is_no_answer_and_ends_the_quiet(world: World) -> None:
    question = world.turns.typed("to Berlin")
    world.now += 2
    world.repair.heard(world.filler)  # type: ignore[arg-type]
    assert world.turns.open is question
    assert question.quiet == world.now


async def test_what_is_heard_while_a_tool_runs_is_no_answer(world: World) -> None:
    question = world.turns.typed("to Berlin")
    running = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    world.repair.heard(Handle())  # type: ignore[arg-type]
    assert world.turns.open is question
    world.turns.stop()
    await asyncio.wait([running])


async def test_an_answer_that_takes_its_time_begins_with_a_line_again_and_again(world: World) -> None:
    question = world.turns.typed("to Berlin")
    assert world.repair.must_speak_in() == pytest.approx(budgets.MEANWHILE_AFTER)
    world.now += budgets.MEANWHILE_AFTER
    assert world.repair.must_speak_in() == pytest.approx(0)
    assert world.repair.fill() == "One moment"
    assert world.said == ["noted one_moment"]
    assert world.repair.must_speak_in() == pytest.approx(budgets.MEANWHILE_AFTER)
    world.repair.heard(Handle())  # type: ignore[arg-type]
    assert world.turns.open is question, "what is heard is the line"
    world.repair.filled(answered=True)
    assert world.turns.open is None
    assert world.repair.must_speak_in() == math.inf


async def test_an_answer_that_did_not_come_after_all_leaves_the_question_open(world: World) -> None:
    question = world.turns.typed("to Berlin")
    world.repair.fill()
    world.repair.filled(answered=False)
    assert world.turns.open is question
    world.repair.heard(Handle())  # type: ignore[arg-type]
    assert world.turns.open is None, "the next try is heard"


async def test_an_answer_that_comes_in_time_is_answered_when_it_is_heard(world: World) -> None:
    question = world.turns.typed("to Berlin")
    world.repair.filled(answered=True)
    assert world.turns.open is question


@pytest.mark.parametrize("why", ["the user is speaking", "nothing is spoken", "nobody asked", "a stop"])
async def test_nothing_is_said_meanwhile_where_nobody_waits_for_a_sound(world: World, why: str) -> None:
    if why != "nobody asked":
        world.turns.typed("to Berlin")
    world.now += 60
    if why == "the user is speaking":
        world.turns.speech_began()
    elif why == "nothing is spoken":
        world.call.pipeline = Pipeline.TEXT
    elif why == "a stop":
        world.turns.stop()
    assert world.repair.must_speak_in() == math.inf


def limits(**fields: Any) -> dict[str, Any]:
    return {"type": "rate_limits.updated", "rate_limits": [{"name": "requests", "limit": 10, **fields}]}


async def test_an_account_that_may_soon_ask_again_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    world.turns.typed("to Berlin")
    world.repair.server_event(limits(remaining=0, reset_seconds=1.5))
    world.repair.server_event(RATE_LIMITED)
    monkeypatch.setattr("agent.call.response_recovery.asyncio.sleep", sleep)
    await world.settled()
    assert (world.asked, slept) == (1, [1.5])


async def test_an_account_that_is_used_up_for_long_is_said_to_be_at_once(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(limits(remaining=0, reset_seconds=40.0))
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (0, ["model_unavailable"])
    world.repair.server_event(limits(remaining=9, reset_seconds=0.1))
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert world.asked == 1


async def test_nothing_in_time_is_a_lost_connection_in_realtime_and_a_failure_elsewhere(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.repair.stalled()
    assert world.said == ["now cascade"]
    assert world.turns.open is not None
    world.call.pipeline = Pipeline.CASCADE
    await world.repair.stalled()
    assert world.said[1:] == ["model_unavailable"]
    assert world.turns.open is None


async def test_a_mute_response_that_no_question_waits_for_is_given_up_and_nothing_is_said(world: World) -> None:
    world.current_speech, mute = Handle(), LateResponse(world.repair)
    world.now += budgets.RESPONSE_MUTE
    assert mute.given_up()
    await world.settled()
    assert (world.current_speech.interrupted, world.asked, world.said) == (1, 0, [])


async def test_of_speech_that_was_not_written_down_a_new_connection_knows_nothing(world: World) -> None:
    world.turns.speech_began()
    world.repair.server_event({"type": "input_audio_buffer.speech_started", "item_id": "item_1"})
    world.now += 1
    world.repair.server_event({"type": "input_audio_buffer.speech_stopped", "item_id": "item_1"})
    world.repair.reconnected()
    await world.settled()
    assert (world.asked, world.said) == (0, ["not_understood"])
    assert not world.turns.unanswered
