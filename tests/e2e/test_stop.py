"""Told to stop in any way, at any time: silence, and nothing afterwards until asked."""

import asyncio
import time

import pytest
from stacks import Emulator, Speech, frozen

from agent import budgets
from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.languages import LANGUAGES
from contracts.room import NoticeKind
from contracts.sessions import SessionRequest

QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
VOICES = [Pipeline.REALTIME, Pipeline.CASCADE]
WATCHED_SECONDS = 2.5
WATCHED_AFTER_A_SEARCH = 3.5
SILENT_WHILE_SPEAKING = 1.3
GENEROUS_SECONDS = 3.5
"""Upper bound for silence on a busy machine; the real figure is measured by `make bench`."""


async def assert_silent_from_now(caller: Traveller, told: float, watched: float = WATCHED_SECONDS) -> None:
    """Silence comes soon after a moment, and stays; no cards and no words come either."""
    await caller.quiet(GENEROUS_SECONDS, settled=1.0)
    silent_from = time.monotonic()
    results, spoken = len(caller.results), len([t for t in caller.transcripts if t.speaker == "assistant"])
    await asyncio.sleep(watched)
    assert caller.ear.seconds_of_sound(silent_from) == 0, f"heard after the stop {told}"
    assert len(caller.results) == results
    assert len([t for t in caller.transcripts if t.speaker == "assistant"]) == spoken


async def assert_answers_when_asked(caller: Traveller) -> None:
    """The assistant still answers."""
    asked = await caller.write(QUESTION)
    await caller.cards(asked)
    await caller.sound(asked)


async def start_answer(caller: Traveller) -> None:
    """Bring the assistant into the middle of a long spoken answer."""
    await caller.ready()
    await caller.hush()
    asked = await caller.write(QUESTION)
    await caller.cards(asked)
    await caller.sound(asked)


@pytest.mark.parametrize("pipeline", VOICES)
@pytest.mark.parametrize("words", ["Stop", "Hold on"])
async def test_stop_by_voice(stack: LocalStack, speech: Speech, pipeline: Pipeline, words: str) -> None:
    samples = await speech(words, "onyx")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        told = await caller.say(samples)
        await assert_silent_from_now(caller, told)
        await assert_answers_when_asked(caller)


async def test_a_spoken_stop_holds_longer_than_any_clock_of_the_call(stack: LocalStack, speech: Speech) -> None:
    question, stop = await speech(QUESTION), await speech("Stop", "onyx")

    async def stopped(after: float) -> None:
        await asyncio.sleep(after)
        async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
            await caller.ready()
            await caller.hush()
            asked = await caller.say(question)
            await caller.cards(asked - 1)
            await caller.sound(asked)
            told = await caller.say(stop)
            await assert_silent_from_now(caller, told, budgets.ANSWER_WATCHDOG + 1)
            assert not [notice for _, notice in caller.notices if notice.kind is NoticeKind.PIPELINE_SWITCHED]

    # Whether the words or the end of the sound is noticed first is chance. Not at once, which would be much to hear.
    await asyncio.gather(stopped(0.0), stopped(4.0))


@pytest.mark.parametrize("pipeline", VOICES)
async def test_barge_in_silences_and_the_new_question_is_answered(
    stack: LocalStack, speech: Speech, pipeline: Pipeline
) -> None:
    samples = await speech("Show me flights from London to Tokyo tomorrow", "alloy")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        begun = time.monotonic()
        ended = await caller.say(samples)
        # While the traveller speaks, the old answer must have ended.
        assert caller.ear.seconds_of_sound(begun + SILENT_WHILE_SPEAKING, ended) == 0
        cards = await caller.cards(begun)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("LON", "TYO")
        await caller.sound(ended)


@pytest.mark.parametrize("pipeline", VOICES)
async def test_stop_by_button(stack: LocalStack, pipeline: Pipeline) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        pressed = time.monotonic()
        reply = await caller.stop()
        assert reply.stopped
        await caller.told("stopped", pressed)
        await assert_silent_from_now(caller, time.monotonic())
        assert not (await caller.stop()).stopped
        await assert_answers_when_asked(caller)


@pytest.mark.parametrize("pipeline", VOICES)
@pytest.mark.parametrize("pause", [0.0, 0.6])
async def test_a_question_typed_right_after_a_spoken_stop_is_answered(
    stack: LocalStack, speech: Speech, pipeline: Pipeline, pause: float
) -> None:
    samples = await speech("Stop", "onyx")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        await caller.say(samples)
        await asyncio.sleep(pause)
        typed = await caller.write("Show me flights from Paris to Rome tomorrow")
        cards = await caller.cards(typed)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("PAR", "ROM")
        assert (await caller.answer(typed)).text
        await caller.sound(typed)


@pytest.mark.parametrize("pipeline", VOICES)
async def test_a_spoken_stop_that_is_understood_late_leaves_what_was_typed_after_it(
    stack: LocalStack, emulator: Emulator, speech: Speech, pipeline: Pipeline
) -> None:
    samples = await speech("Stop", "onyx")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        await emulator.slow(transcription_ms=3000)
        await caller.say(samples)
        typed = await caller.write("Show me flights from Paris to Rome tomorrow")
        cards = await caller.cards(typed)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("PAR", "ROM")
        # What was left of the answer that was stopped may be told after the typed words went out; this is the other one,
        # told when it has been said.
        answer = await caller.until(
            "answer to what was typed",
            lambda: next((t for t in caller.transcripts if t.speaker == "assistant" and "Rome" in t.text), None),
        )
        assert "cheapest" in answer.text, "the answer was cut off"
        assert caller.ear.seconds_of_sound(typed) > 1.5


@pytest.mark.parametrize(
    ("pipeline", "how"), [(Pipeline.REALTIME, "button"), (Pipeline.CASCADE, "button"), (Pipeline.CASCADE, "text")]
)
async def test_a_stop_takes_back_what_was_said_just_before_it(
    stack: LocalStack, emulator: Emulator, speech: Speech, pipeline: Pipeline, how: str
) -> None:
    samples = await speech(QUESTION)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.slow(transcription_ms=700)
        await caller.say(samples)
        if how == "button":
            await caller.stop()
        else:
            await caller.write("Stop")
        told = time.monotonic()
        await assert_silent_from_now(caller, told, WATCHED_AFTER_A_SEARCH)
        assert caller.results == []
        await assert_answers_when_asked(caller)


@pytest.mark.parametrize("pipeline", VOICES)
async def test_who_presses_stop_while_speaking_is_answered(
    stack: LocalStack, speech: Speech, pipeline: Pipeline
) -> None:
    samples = await speech("Show me flights from London to Tokyo tomorrow", "alloy")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await start_answer(caller)
        begun = time.monotonic()
        saying = asyncio.create_task(caller.say(samples))
        await asyncio.sleep(SILENT_WHILE_SPEAKING)
        await caller.stop()
        ended = await saying
        cards = await caller.cards(begun)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("LON", "TYO")
        await caller.sound(ended)


@pytest.mark.parametrize("language", ["en", "zh"])  # a unit test has them all, and voices stop in each of them too
async def test_stop_by_text_in_its_own_script(stack: LocalStack, language: str) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await start_answer(caller)
        told = await caller.write(LANGUAGES[language].stop_words[0])
        await caller.told("stopped", told)
        await assert_silent_from_now(caller, told)


@pytest.mark.parametrize("pipeline", VOICES)
async def test_stop_during_the_greeting(stack: LocalStack, speech: Speech, pipeline: Pipeline) -> None:
    samples = await speech("Stop", "onyx")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.sound(0.0)
        told = await caller.say(samples)
        await assert_silent_from_now(caller, told)


@pytest.mark.parametrize("how", ["voice", "button", "text"])
@pytest.mark.parametrize("pipeline", VOICES)
async def test_stop_during_a_slow_search_cancels_it(
    stack: LocalStack, speech: Speech, pipeline: Pipeline, how: str
) -> None:
    samples = await speech("Stop", "onyx")
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.hush()
        with frozen(stack, "api"):
            asked = await caller.write(QUESTION)
            await caller.told("searching", asked)
            await asyncio.sleep(0.5)
            if how == "voice":
                told = await caller.say(samples)
            elif how == "button":
                await caller.stop()
                told = time.monotonic()
            else:
                told = await caller.write("stop")
            await caller.told("stopped", asked)
            await asyncio.sleep(1.0)
        # The API wakes up and would answer now.
        await assert_silent_from_now(caller, told, WATCHED_AFTER_A_SEARCH)
        assert not caller.results
        await assert_answers_when_asked(caller)
