"""Deepgram: streaming transcription."""

from typing import Any

from livekit.agents.llm import RealtimeModel
from livekit.agents.stt import STT
from livekit.plugins import deepgram

from agent.providers.context import CallContext
from contracts.models import ModelRef

ANY = "multi"
"""Deepgram's name for speech whose language may change; Chinese is not among its languages."""


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """One stream a call."""
    return deepgram.STT(model=ref.model, language=_language(call), api_key=call.value("DEEPGRAM_API_KEY"))


def listen(model: STT[Any] | RealtimeModel, ref: ModelRef, call: CallContext) -> None:  # noqa: ARG001 - the seam's arguments
    """Listen for other languages from now on."""
    if isinstance(model, deepgram.STT):
        model.update_options(language=_language(call))


def _language(call: CallContext) -> str:
    return call.language if call.pinned or call.language == "zh" else ANY
