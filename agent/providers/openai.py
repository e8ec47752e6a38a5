"""OpenAI: all four stages."""

from typing import Any

from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.agents.types import NOT_GIVEN
from livekit.plugins import openai
from openai import AsyncClient
from openai.types.realtime import AudioTranscription
from openai.types.realtime import realtime_audio_input_turn_detection as turn_detection

from agent.providers.context import REALTIME_CONNECT, SERVER_VAD_SILENCE_MS, CallContext
from agent.providers.low_delay_realtime import LowDelayRealtimeModel
from contracts.models import OPENAI, REGISTRY, ModelRef, Stage, parse_model


def realtime(ref: ModelRef, voice: str, call: CallContext) -> RealtimeModel:
    """Speech in, speech out, over the Realtime API."""
    return realtime_at(ref, voice, call, base_url=call.settings.model_base_url, key=call.value("OPENAI_API_KEY"))


def realtime_at(ref: ModelRef, voice: str, call: CallContext, *, base_url: str | None, key: str) -> RealtimeModel:
    """The same, wherever the API is."""
    return LowDelayRealtimeModel(
        model=ref.model,
        voice=voice,
        input_audio_transcription=_hears(call),
        turn_detection=turn_detection.ServerVad(
            type="server_vad",
            threshold=0.5,
            prefix_padding_ms=300,
            silence_duration_ms=SERVER_VAD_SILENCE_MS,
            create_response=True,
            interrupt_response=True,
        ),
        conn_options=REALTIME_CONNECT,
        api_key=key,
        base_url=base_url or NOT_GIVEN,
    )


class QuietlyWarmed(openai.LLM):
    """The library's chat model, which opens its connection by asking for the list of models; ours does not read it.

    Making objects of a hundred models takes longer than the request, while the call begins.
    """

    async def _prewarm_impl(self) -> None:
        await self._client.models.with_raw_response.list()


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:
    """A chat model by Chat Completions."""
    return chat_by(ref, call.clients.openai())


def chat_by(ref: ModelRef, client: AsyncClient) -> LLM[Any]:
    """The same by any client."""
    effort = ref.known.reasoning_effort
    return QuietlyWarmed(
        model=ref.model,
        parallel_tool_calls=False,
        client=client,
        reasoning_effort=effort or NOT_GIVEN,  # type: ignore[arg-type]
    )


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """One request an utterance, or a stream, as the model has it."""
    return transcription_by(ref, call, call.clients.openai())


def transcription_by(ref: ModelRef, call: CallContext, client: AsyncClient) -> STT[Any]:
    """The same by any client."""
    if ref.known.languages:
        return openai.STT(model=ref.model, language=list(call.heard), client=client)
    if call.pinned:
        return openai.STT(model=ref.model, language=call.language, client=client)
    return openai.STT(model=ref.model, detect_language=True, client=client)


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:
    """One request a sentence."""
    return speech_by(ref, voice, call.clients.openai())


def speech_by(ref: ModelRef, voice: str, client: AsyncClient) -> TTS[Any]:
    """The same by any client. Samples as they are: nothing to decode, and the first ones are there sooner."""
    return openai.TTS(model=ref.model, voice=voice, client=client, response_format="pcm")


def listen(model: STT[Any] | RealtimeModel, ref: ModelRef, call: CallContext) -> None:
    """Listen for other languages from now on."""
    if isinstance(model, openai.realtime.RealtimeModel):
        model.update_options(input_audio_transcription=_hears(call))
    elif isinstance(model, openai.STT) and ref.known.languages:
        model.update_options(language=list(call.heard))
    elif isinstance(model, openai.STT):
        model.update_options(language=call.language if call.pinned else [], detect_language=not call.pinned)


def _hears(call: CallContext) -> AudioTranscription:
    """What writes down a realtime user: the first of the transcription models that is OpenAI's."""
    configured = [ref for ref in call.settings.models(Stage.TRANSCRIPTION) if ref.provider in (OPENAI, "server")]
    ref = configured[0] if configured else parse_model(Stage.TRANSCRIPTION, REGISTRY.defaults[Stage.TRANSCRIPTION])
    if ref.known.languages:
        return AudioTranscription(model=ref.model, languages=list(call.heard))
    return AudioTranscription(model=ref.model, language=call.language if call.pinned else None)
