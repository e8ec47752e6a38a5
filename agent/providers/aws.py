"""AWS: Bedrock, Nova Sonic, Transcribe and Polly, with the role of the task and no key."""

import os
from typing import Any

from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.plugins import aws

from agent.providers.context import CallContext, tag
from contracts.languages import LANGUAGES
from contracts.models import ModelRef

POLLY_RATE = 16_000
"""Samples a second, the most that Polly gives as plain samples."""


def _region() -> str:
    """The task's own, as ECS tells it; the plugins would take one in the United States."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def realtime(ref: ModelRef, voice: str, call: CallContext) -> RealtimeModel:  # noqa: ARG001 - the seam's arguments
    """Nova Sonic; its SDK needs Python 3.12."""
    from livekit.plugins.aws.experimental.realtime import RealtimeModel as NovaSonic  # noqa: PLC0415

    return NovaSonic(model=ref.model, voice=voice, region=_region())


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:  # noqa: ARG001
    """A model of Bedrock's."""
    return aws.LLM(model=ref.model, region=_region())


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:  # noqa: ARG001
    """Transcribe, streaming; its SDK needs Python 3.12."""
    if call.pinned:
        return aws.STT(region=_region(), language=tag(call.language))
    tags = ",".join(tag(code) for code in LANGUAGES)
    return aws.STT(
        region=_region(), identify_language=True, language_options=tags, preferred_language=tag(call.language)
    )


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:  # noqa: ARG001
    """Polly; a voice speaks one language."""
    return aws.TTS(
        voice=voice,
        speech_engine="generative" if ref.model == "generative" else "neural",
        sample_rate=POLLY_RATE,
        region=_region(),
    )


def speak(tts: TTS[Any], voice: str, call: CallContext) -> None:  # noqa: ARG001
    """Speak another language from now on."""
    if isinstance(tts, aws.TTS):
        tts.update_options(voice=voice)
