"""Builds what a pipeline runs on: models by provider, voice activity detection and an explicit turn policy.

`turn_handling` names every option on purpose: the library's defaults differ between development and production and
can stream a caller's audio to a third party.
"""

from dataclasses import dataclass
from typing import Any

from livekit.agents import inference
from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.agents.types import NOT_GIVEN, APIConnectOptions
from livekit.agents.vad import VAD
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import TurnHandlingOptions
from livekit.plugins import openai
from openai import AsyncClient
from openai.types.realtime import AudioTranscription
from openai.types.realtime import realtime_audio_input_turn_detection as turn_detection

from agent import budgets
from agent.models.hearing import EagerTranscription
from agent.models.realtime import PromptRealtimeModel
from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.models import REGISTRY

VAD_SILENCE_SECONDS = 0.3
"""Silence that ends an utterance, which is transcribed as a whole."""
END_OF_TURN_SECONDS = 0.5
"""Silence that ends a turn; an utterance that follows sooner belongs to it."""
SERVER_VAD_SILENCE_MS = 400

MODEL_CONNECT = APIConnectOptions(
    max_retry=budgets.MODEL_RETRIES, retry_interval=budgets.MODEL_RETRY_WAIT, timeout=budgets.MODEL_TIMEOUT
)
SESSION_CONNECT = SessionConnectOptions(
    stt_conn_options=MODEL_CONNECT,
    llm_conn_options=MODEL_CONNECT,
    tts_conn_options=MODEL_CONNECT,
    # A provider that is down must not end the call: we say so and stay.
    max_unrecoverable_errors=1_000_000,
)


@dataclass(frozen=True)
class PipelineModels:
    """Arguments of `AgentSession` that depend on the pipeline."""

    pipeline: Pipeline
    llm: LLM[Any] | RealtimeModel
    turn_handling: TurnHandlingOptions
    stt: EagerTranscription | None = None
    tts: TTS[Any] | None = None
    vad: VAD | None = None


def build(
    pipeline: Pipeline, metadata: DispatchMetadata, settings: AgentSettings, client: AsyncClient
) -> PipelineModels:
    """The models of one session, on the call's client. Names are checked by the provider when first used, never here."""
    if pipeline is Pipeline.REALTIME:
        return PipelineModels(
            pipeline=pipeline,
            llm=_realtime(metadata, settings),
            # Fixed lines (greeting, fillers) are synthesised, so that they are said word for word.
            tts=_speech(metadata, settings, client),
            # Turns are the provider's. Our own ears only notice speech that nothing ever comes back for.
            vad=inference.VAD(model="silero", min_silence_duration=VAD_SILENCE_SECONDS),
            turn_handling=_turns("realtime_llm"),
        )
    if pipeline is Pipeline.CASCADE:
        ears = inference.VAD(model="silero", min_silence_duration=VAD_SILENCE_SECONDS)
        return PipelineModels(
            pipeline=pipeline,
            llm=_chat(metadata, settings, client),
            stt=EagerTranscription(stt=_transcription(settings, client), vad=ears),
            tts=_speech(metadata, settings, client),
            vad=ears,
            turn_handling=_turns("vad"),
        )
    return PipelineModels(pipeline=pipeline, llm=_chat(metadata, settings, client), turn_handling=_turns("manual"))


def _turns(detection: Any) -> TurnHandlingOptions:  # noqa: ANN401 - the library's type is a private Literal
    return TurnHandlingOptions(
        turn_detection=detection,
        endpointing={"mode": "fixed", "min_delay": END_OF_TURN_SECONDS, "max_delay": 2.5},
        interruption={
            "enabled": True,
            "mode": "vad",
            "min_duration": 0.15,
            "min_words": 0,
            "resume_false_interruption": False,
            "discard_audio_if_uninterruptible": True,
        },
        # The model answers while the silence still has to prove that the turn is over; nothing of it is voiced, and no tool
        # runs, before that. With the model's first words about 0.7 s after the last of the user's, the silence costs nothing.
        preemptive_generation={"enabled": True, "preemptive_tts": False, "max_speech_duration": 10.0, "max_retries": 3},
    )


def _model(metadata: DispatchMetadata, allowed: tuple[str, ...], configured: str) -> str:
    """The session's own choice where it belongs to this stage (a call may change pipeline), else the configured one."""
    return metadata.model if metadata.model in allowed and metadata.model else configured


def _voice(metadata: DispatchMetadata, settings: AgentSettings, voices: tuple[str, ...], default: str | None) -> str:
    wanted = metadata.voice or settings.voice
    return wanted if wanted in voices else default or wanted


def _realtime(metadata: DispatchMetadata, settings: AgentSettings) -> RealtimeModel:
    return PromptRealtimeModel(
        model=_model(metadata, REGISTRY.realtime.models, settings.realtime_model),
        voice=_voice(metadata, settings, REGISTRY.realtime.voices, REGISTRY.realtime.default_voice),
        input_audio_transcription=AudioTranscription(model=settings.transcription_model),
        turn_detection=turn_detection.ServerVad(
            type="server_vad",
            threshold=0.5,
            prefix_padding_ms=300,
            silence_duration_ms=SERVER_VAD_SILENCE_MS,
            create_response=True,
            interrupt_response=True,
        ),
        conn_options=APIConnectOptions(
            max_retry=budgets.REALTIME_RETRIES,
            retry_interval=budgets.MODEL_RETRY_WAIT,
            timeout=budgets.REALTIME_TIMEOUT,
        ),
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.model_base_url or NOT_GIVEN,
    )


def _chat(metadata: DispatchMetadata, settings: AgentSettings, client: AsyncClient) -> LLM[Any]:
    return openai.LLM(
        model=_model(metadata, REGISTRY.chat.models, settings.chat_model),
        parallel_tool_calls=False,
        client=client,
    )


def _transcription(settings: AgentSettings, client: AsyncClient) -> STT[Any]:
    return openai.STT(model=settings.transcription_model, detect_language=True, client=client)


def _speech(metadata: DispatchMetadata, settings: AgentSettings, client: AsyncClient) -> TTS[Any]:
    return openai.TTS(
        model=settings.speech_model,
        voice=_voice(metadata, settings, REGISTRY.speech.voices, REGISTRY.speech.default_voice),
        client=client,
    )
