"""Azure: OpenAI's models in deployments of one's own, and Azure's speech services."""

from typing import Any

from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.plugins import azure, openai

from agent.providers.context import REALTIME_CONNECT, CallContext, tag
from contracts.languages import LANGUAGES
from contracts.models import ModelRef


def realtime(ref: ModelRef, voice: str, call: CallContext) -> RealtimeModel:
    """A deployment of a realtime model of OpenAI's."""
    return openai.realtime.RealtimeModel.with_azure(
        azure_deployment=ref.model,
        azure_endpoint=call.value("AZURE_OPENAI_ENDPOINT"),
        api_version=call.value("OPENAI_API_VERSION"),
        api_key=call.value("AZURE_OPENAI_API_KEY"),
        voice=voice,
        conn_options=REALTIME_CONNECT,
    )


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:
    """A deployment of a chat model of OpenAI's."""
    return openai.LLM.with_azure(
        model=ref.model,
        azure_deployment=ref.model,
        azure_endpoint=call.value("AZURE_OPENAI_ENDPOINT"),
        api_version=call.value("OPENAI_API_VERSION"),
        api_key=call.value("AZURE_OPENAI_API_KEY"),
        parallel_tool_calls=False,
    )


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:  # noqa: ARG001 - the seam's arguments
    """Azure's recogniser, streaming."""
    tags = [tag(call.language)] if call.pinned else [tag(code) for code in LANGUAGES]
    return azure.STT(
        speech_key=call.value("AZURE_SPEECH_KEY"), speech_region=call.value("AZURE_SPEECH_REGION"), language=tags
    )


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:  # noqa: ARG001
    """A neural voice."""
    return azure.TTS(
        voice=voice,
        language=tag(call.language),
        speech_key=call.value("AZURE_SPEECH_KEY"),
        speech_region=call.value("AZURE_SPEECH_REGION"),
    )


def speak(tts: TTS[Any], voice: str, call: CallContext) -> None:
    """Speak another language from now on."""
    if isinstance(tts, azure.TTS):
        tts.update_options(voice=voice, language=tag(call.language))


def listen(model: STT[Any] | RealtimeModel, ref: ModelRef, call: CallContext) -> None:  # noqa: ARG001
    """Listen for other languages from now on."""
    if isinstance(model, azure.STT):
        model.update_options(language=[tag(code) for code in call.heard])
