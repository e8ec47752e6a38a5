"""Turns of the cascade end by their sound, on this machine; a sound over the assistant has not the last word."""

import asyncio
from typing import Any, cast

import pytest
from livekit.agents import LanguageCode, inference

from agent import budgets
from agent.call import pipelines
from agent.call.agent_session import new_session
from agent.hearing.heard_silence import HeardSilence
from agent.hearing.transcript_filter import TranscriptFilter
from agent.hearing.turn_end_detector import SURE_SECONDS, UNFINISHED_SECONDS, TurnEndDetector
from agent.hearing.voice_activity import SILENCE_SECONDS
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.languages import LANGUAGES

SETTINGS = AgentSettings.model_validate(
    {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
        "OPENAI_API_KEY": "sk-test",
    }
)
HESITATION = 1.5
"""Seconds for which people think in the middle of a sentence."""


async def models(pipeline: Pipeline) -> pipelines.PipelineModels:
    metadata = DispatchMetadata(session_id="s" * 12, pipeline=pipeline)
    call = CallContext(SETTINGS, Clients(SETTINGS), "en", pinned=False)
    return pipelines.build(pipeline, choose_models(metadata, SETTINGS), call)


@pytest.mark.parametrize("dev", ["0", "1"])
async def test_the_detector_is_the_local_one_and_streams_to_nobody(monkeypatch: pytest.MonkeyPatch, dev: str) -> None:
    monkeypatch.setenv("LIVEKIT_DEV_MODE", dev)
    detector = cast("inference.TurnDetector", (await models(Pipeline.CASCADE)).turn_handling["turn_detection"])
    assert detector.model == "turn-detector-v1-mini"
    assert detector._cloud_opts is None
    stream = detector.stream()
    try:
        assert all([await stream.supports_language(LanguageCode(code)) for code in LANGUAGES])
    finally:
        await stream.aclose()


async def test_who_hesitates_is_waited_for_and_who_has_ended_is_not() -> None:
    endpointing = (await models(Pipeline.CASCADE)).turn_handling["endpointing"]
    assert endpointing["max_delay"] > HESITATION + SILENCE_SECONDS - 0.1
    assert endpointing["min_delay"] <= 0.7, "a distant model's first words"


async def test_an_answer_goes_on_after_a_sound_without_words_before_anybody_says_sorry() -> None:
    interruption = (await models(Pipeline.CASCADE)).turn_handling["interruption"]
    assert interruption["resume_false_interruption"] is True
    assert cast("float", interruption["false_interruption_timeout"]) < budgets.NO_WORDS_AFTER
    assert interruption["mode"] == "vad", "the other one listens in the cloud"


async def test_words_in_the_air_are_waited_for_whatever_they_sound_like() -> None:
    metadata = DispatchMetadata(session_id="s" * 12, pipeline=Pipeline.CASCADE)
    filtered = TranscriptFilter()
    call = CallContext(SETTINGS, Clients(SETTINGS), "en", pinned=False)
    built = pipelines.build(Pipeline.CASCADE, choose_models(metadata, SETTINGS), call, filtered)
    userdata: Any = None
    session = new_session(built, userdata)
    detector = cast("TurnEndDetector", built.turn_handling["turn_detection"])
    stream = detector.stream()
    # The library asks for a look when 0.2 s are silent.
    loop = asyncio.get_running_loop()
    stream._transport.run_inference = lambda asked: loop.call_soon(stream._resolve_prediction, asked, 0.99)
    try:
        for words, language, seconds in (
            ("Find me a flight from.", "en", UNFINISHED_SECONDS),
            ("Rome to Berlin.", "en", SURE_SECONDS),
        ):
            filtered.hears(words, language)
            stream.predict()
            # Its threshold is never reached, so that the longer silence is taken, which is set for each turn.
            assert cast("float", await stream.unlikely_threshold(LanguageCode("en"))) > 1.0
            assert session.options.endpointing["max_delay"] == seconds
    finally:
        await stream.aclose()


@pytest.mark.parametrize(("pipeline", "detection"), [(Pipeline.REALTIME, "realtime_llm"), (Pipeline.TEXT, "manual")])
async def test_where_turns_are_not_ours_the_detector_is_not_loaded(pipeline: Pipeline, detection: str) -> None:
    handling = (await models(pipeline)).turn_handling
    assert handling["turn_detection"] == detection
    assert handling["interruption"]["resume_false_interruption"] is False


async def test_a_turn_of_a_call_ends_in_silence_that_was_heard_and_not_before_its_words_are_known() -> None:
    built = await models(Pipeline.CASCADE)
    userdata: Any = None
    new_session(built, userdata)
    detector = cast("TurnEndDetector", built.turn_handling["turn_detection"])
    assert detector.silence == cast("HeardSilence", built.vad).hears_silence
    assert built.stt is not None
    assert detector.ears == (built.stt.model,)
    assert built.stt.model._vad is not built.vad, "whose silence is that of the library's own listener"
    ours, theirs = cast("HeardSilence", built.vad)._opts, built.stt.model._vad._opts
    assert ours == theirs
