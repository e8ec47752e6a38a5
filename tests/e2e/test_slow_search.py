"""A search that takes seconds, as real ones do, and a caller who makes sounds meanwhile; responses that fail."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from stacks import Emulator, Speech, at_own_pace, emulator_of, new_stack

from cli.stack.local import LocalStack
from cli.traveller.audio import RATE, Samples
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.room import NoticeKind
from contracts.sessions import SessionRequest

QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
SEARCH_SECONDS = 3
LATE = {"transcription_ms": 1500, "first_token_ms": 300}
"""The words of a question come after the search for it has begun."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slow_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    environ = {
        "EMULATOR_WORLD": "distant",
        "POLYGLOT_SAMPLE_DELAY": str(SEARCH_SECONDS),
        "POLYGLOT_SEARCH_CACHE_SECONDS": "0",
    }
    async with new_stack(tmp_path_factory.mktemp("slow"), environ=environ) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def control(slow_stack: LocalStack) -> AsyncIterator[Emulator]:
    async with emulator_of(slow_stack) as emulator:
        yield emulator


@pytest.fixture
def voice(slow_stack: LocalStack) -> Speech:
    async def speak(text: str, voice: str = "echo", speed: float = 1.0) -> Samples:
        return await at_own_pace(slow_stack, text, voice, speed)

    return speak


def cough() -> Samples:
    """A third of a second of noise, as loud as a voice."""
    noise = np.random.default_rng(7).normal(0, 0.2, int(RATE * 0.3))
    return (np.clip(noise, -1, 1) * 20_000).astype(np.int16)


async def asked_and_searching(caller: Traveller, question: Samples) -> float:
    await caller.ready()
    await caller.hush()
    ended = await caller.say(question)
    await caller.told(NoticeKind.SEARCHING, ended - 1)
    return ended


async def test_words_that_come_after_their_own_search_began_do_not_end_it(
    slow_stack: LocalStack, control: Emulator, voice: Speech
) -> None:
    await control.slow(**LATE)
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        ended = await asked_and_searching(caller, await voice(QUESTION))
        assert (await caller.cards(ended)).result.query.destination.code == "BER"
        assert "Berlin" in (await caller.answer(ended + SEARCH_SECONDS)).text
        assert NoticeKind.PIPELINE_SWITCHED not in {notice.kind for _, notice in caller.notices}


@pytest.mark.parametrize(
    ("sound", "pipeline"),
    [
        ("cough", Pipeline.REALTIME),
        ("Okay", Pipeline.CASCADE),
        ("Wait, hold on.", Pipeline.REALTIME),
        ("Wait, hold on.", Pipeline.CASCADE),
    ],
)
async def test_a_sound_during_a_search_loses_neither_it_nor_its_answer(
    slow_stack: LocalStack, voice: Speech, pipeline: Pipeline, sound: str
) -> None:
    made = cough() if sound == "cough" else await voice(sound)
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        ended = await asked_and_searching(caller, await voice(QUESTION))
        await caller.say(made)
        assert (await caller.cards(ended)).result.query.destination.code == "BER"
        await caller.until(
            "an answer about Berlin",
            lambda: any("Berlin" in one.text for one in caller.transcripts if one.speaker == "assistant"),
        )
        assert NoticeKind.PIPELINE_SWITCHED not in {notice.kind for _, notice in caller.notices}


@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE])
async def test_a_stop_during_a_search_is_silence(slow_stack: LocalStack, voice: Speech, pipeline: Pipeline) -> None:
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await asked_and_searching(caller, await voice(QUESTION))
        stopped = await caller.write("stop")
        await asyncio.sleep(SEARCH_SECONDS + 1)
        assert caller.results == []
        assert caller.ear.seconds_of_sound(stopped + 0.5) < 0.3


@pytest.mark.parametrize("kind", ["failed", "rate_limited", "incomplete"])
async def test_a_response_that_fails_once_is_answered_all_the_same(
    slow_stack: LocalStack, control: Emulator, kind: str
) -> None:
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        await control.fault("realtime", kind, times=1)
        asked = await caller.write(QUESTION)
        assert (await caller.cards(asked)).result.query.destination.code == "BER"
        assert NoticeKind.MODEL_UNAVAILABLE not in {notice.kind for _, notice in caller.notices}


async def test_responses_that_keep_failing_are_said_to_have_failed(slow_stack: LocalStack, control: Emulator) -> None:
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        await control.fault("realtime", "failed")
        asked = await caller.write(QUESTION)
        await caller.told(NoticeKind.MODEL_UNAVAILABLE, asked)
        await control.heal()
        again = await caller.write(QUESTION)
        assert (await caller.cards(again)).result.query.destination.code == "BER"
        assert NoticeKind.PIPELINE_SWITCHED not in {notice.kind for _, notice in caller.notices}


async def test_words_that_cannot_be_made_out_do_not_hold_the_answer(
    slow_stack: LocalStack, control: Emulator, voice: Speech
) -> None:
    async with Traveller.call(slow_stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        await control.fault("realtime", "unheard")
        ended = await caller.say(await voice(QUESTION))
        assert (await caller.cards(ended - 1)).result.query.destination.code == "BER"
