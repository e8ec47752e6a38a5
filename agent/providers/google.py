"""Google: Gemini, Gemini Live, and Google Cloud's speech services."""

from typing import Any

from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.plugins import google

from agent.providers.context import REALTIME_CONNECT, CallContext, tag
from contracts.models import ModelRef

CHINESE = "cmn-Hans-CN"
"""Google's own tag for what others call zh-CN."""


def realtime(ref: ModelRef, voice: str, call: CallContext) -> RealtimeModel:
    """Gemini Live."""
    return google.realtime.RealtimeModel(
        model=ref.model, voice=voice, api_key=call.value("GOOGLE_API_KEY"), conn_options=REALTIME_CONNECT
    )


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:
    """Gemini."""
    return google.LLM(model=ref.model, api_key=call.value("GOOGLE_API_KEY"))


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """Cloud Speech, streaming."""
    return google.STT(
        model=ref.model,
        languages=[_tag(code) for code in call.heard],
        credentials_file=call.value("GOOGLE_APPLICATION_CREDENTIALS"),
    )


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:
    """A Chirp 3 voice; it speaks one language."""
    return google.TTS(
        model_name=ref.model,
        voice_name=voice,
        language=voice.rsplit("-Chirp3", 1)[0],
        credentials_file=call.value("GOOGLE_APPLICATION_CREDENTIALS"),
    )


def speak(tts: TTS[Any], voice: str, call: CallContext) -> None:  # noqa: ARG001 - the seam's arguments
    """Speak another language from now on."""
    if isinstance(tts, google.TTS):
        tts.update_options(voice_name=voice, language=voice.rsplit("-Chirp3", 1)[0])


def listen(model: STT[Any] | RealtimeModel, ref: ModelRef, call: CallContext) -> None:  # noqa: ARG001
    """Listen for other languages from now on."""
    if isinstance(model, google.STT):
        model.update_options(languages=[_tag(code) for code in call.heard])


def _tag(language: str) -> str:
    return CHINESE if language == "zh" else tag(language)
