"""Any server with OpenAI's API: each stage has its own URL, key and model names."""

from typing import Any

from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS

from agent.providers import openai
from agent.providers.client import server_of
from agent.providers.context import CallContext
from contracts.models import ModelRef, Stage

listen = openai.listen


def realtime(ref: ModelRef, voice: str, call: CallContext) -> RealtimeModel:
    """Speech in, speech out."""
    base_url, key = server_of(call.settings, Stage.REALTIME)
    return openai.realtime_at(ref, voice, call, base_url=base_url, key=key)


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:
    """A chat model."""
    return openai.chat_by(ref, call.clients.server(Stage.CHAT))


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """Speech to text."""
    return openai.transcription_by(ref, call, call.clients.server(Stage.TRANSCRIPTION))


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:
    """Text to speech."""
    return openai.speech_by(ref, voice, call.clients.server(Stage.SPEECH))
