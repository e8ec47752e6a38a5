"""Speech without words, and words that come late: asked again only where nothing was made out."""

import asyncio

import pytest
from stacks import RATE as RATE_OF_SPEECH
from stacks import Emulator, Speech

from cli.stack.local import LocalStack
from cli.traveller.audio import RATE, synthesise
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.languages import language
from contracts.room import NoticeKind
from contracts.sessions import SessionRequest

QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
UNKNOWN = "Photosynthesis converts light into chemical energy"
"""The emulator's ears were not told of it."""
WHISPER = 0.0025
"""Of full loudness: our ears notice it, the provider's do not."""
GREETING_BEGUN = 1.0
"""Seconds after which a greeting has been synthesised in part, and waits."""
LATE_MS = 2500
"""Later than it takes until speech without words is asked about again, sooner than a request is given up."""


async def test_speech_that_has_no_words_is_asked_about_again(stack: LocalStack) -> None:
    samples = await synthesise(UNKNOWN, speech_url=f"{stack.emulator_url}/v1", speed=1 / RATE_OF_SPEECH)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        ended = await caller.say(samples)
        assert (await caller.answer(ended)).text == language("en").lines.not_understood
        assert caller.results == []
        asked = await caller.write(QUESTION)
        assert (await caller.cards(asked)).result.query.destination.code == "BER"


async def test_speech_too_quiet_for_a_realtime_provider_is_asked_about_again(stack: LocalStack, speech: Speech) -> None:
    samples = await speech(QUESTION)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        ended = await caller.say((samples * WHISPER).astype(samples.dtype))
        assert (await caller.answer(ended)).text == language("en").lines.not_understood
        await caller.quiet()
        asked = await caller.say(samples)
        assert (await caller.cards(asked - 1)).result.query.destination.code == "BER"
        assert NoticeKind.PIPELINE_SWITCHED not in {notice.kind for _, notice in caller.notices}


async def test_words_that_come_late_are_answered_and_not_asked_about(
    stack: LocalStack, emulator: Emulator, speech: Speech
) -> None:
    samples = await speech(QUESTION)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.slow(transcription_ms=LATE_MS)
        ended = await caller.say(samples)
        assert (await caller.cards(ended)).result.query.destination.code == "BER"
        answer = await caller.answer(ended)
        # Cut off or not: of what is interrupted, the words that were heard are told.
        assert not language("en").lines.not_understood.startswith(answer.text)
        assert "Berlin" in answer.text


@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE])
async def test_cut_off_before_anybody_listens_the_assistant_is_heard_later(
    stack: LocalStack, pipeline: Pipeline
) -> None:
    """The caller's first words cut off a greeting whose sound waits for the caller to be subscribed to it."""
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline), listening=False) as caller:
        await caller.ready()
        await asyncio.sleep(GREETING_BEGUN)
        asked = await caller.write(QUESTION)
        await caller.cards(asked)
        caller.listen()
        heard = await caller.sound(asked)
        assert "Berlin" in (await caller.answer(asked)).text
        await caller.quiet()
        assert caller.ear.seconds_of_sound(heard) > 1


@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE])
async def test_of_two_messages_typed_while_speaking_the_last_one_is_answered(
    stack: LocalStack, speech: Speech, pipeline: Pipeline
) -> None:
    samples = await speech(QUESTION)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.hush()
        saying = asyncio.create_task(caller.say(samples))
        await asyncio.sleep(len(samples) / RATE - 0.4)
        await caller.write("Show me flights from London to Tokyo tomorrow")
        await asyncio.sleep(0.01)
        asked = await caller.write("Show me flights from Paris to Rome tomorrow")
        await saying
        answer = await caller.until(
            "answer to the last message",
            lambda: next((t for t in caller.transcripts if t.speaker == "assistant" and "Rome" in t.text), None),
        )
        assert "cheapest" in answer.text, "the answer was cut off"
        assert [message.result.query.destination.code for at, message in caller.results if at >= asked][-1] == "ROM"
