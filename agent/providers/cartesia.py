"""Cartesia: speech, and transcription."""

from typing import Any

from livekit.agents.llm import RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.plugins import cartesia

from agent.providers.context import CallContext
from contracts.models import ModelRef


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """One stream a call, in the language that is spoken now: it does not detect one."""
    return cartesia.STT(model=ref.model, language=call.language, api_key=call.value("CARTESIA_API_KEY"))


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:
    """One voice for all languages."""
    return cartesia.TTS(model=ref.model, voice=voice, language=call.language, api_key=call.value("CARTESIA_API_KEY"))


def speak(tts: TTS[Any], voice: str, call: CallContext) -> None:
    """Speak another language from now on."""
    if isinstance(tts, cartesia.TTS):
        tts.update_options(voice=voice, language=call.language)


def listen(model: STT[Any] | RealtimeModel, ref: ModelRef, call: CallContext) -> None:  # noqa: ARG001 - the seam's arguments
    """Listen for another language from now on."""
    if isinstance(model, cartesia.STT):
        model.update_options(language=call.language)
