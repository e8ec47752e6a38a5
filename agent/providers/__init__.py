"""Builds what a stage of a call runs on, by whichever provider the settings name.

A provider is a module of this package with a function for each stage that the registry says it has: `chat(ref, call)`,
`transcription(ref, call)`, `speech(ref, voice, call)`, `realtime(ref, voice, call)`; and, where its models must be told that
the language changed, `speak(tts, voice, call)` and `listen(model, ref, call)`. It is imported when it is first used.
"""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from livekit.agents import llm, stt
from livekit.agents.llm import LLM, RealtimeModel
from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.agents.vad import VAD

from agent import budgets
from agent.hearing.eager_transcription import EagerTranscription
from agent.providers.choice import ModelChoice, voice_for
from agent.providers.context import CallContext
from agent.providers.voices import Voices
from contracts.models import ModelRef, Stage


def module(ref: ModelRef) -> ModuleType:
    """The module of a model's provider."""
    return importlib.import_module(f"agent.providers.{ref.provider}")


@dataclass(frozen=True)
class Built:
    """A stage's model, and the entries that it is made of: they are told when the language changes."""

    model: Any
    parts: tuple[tuple[ModelRef, Any], ...]

    def speak(self, call: CallContext, choice: ModelChoice) -> None:
        """Speak the call's language from now on."""
        for ref, part in self.parts:
            if hasattr(module(ref), "speak"):
                module(ref).speak(part, voice_for(ref, choice, call.language), call)

    def listen(self, call: CallContext) -> None:
        """Listen for the call's languages from now on."""
        for ref, part in self.parts:
            if hasattr(module(ref), "listen"):
                module(ref).listen(part, ref, call)


def realtime(choice: ModelChoice, call: CallContext) -> Built:
    """Speech in, speech out; the next model takes over where one fails."""
    refs = choice.models(Stage.REALTIME)
    models: list[RealtimeModel] = [
        module(ref).realtime(ref, voice_for(ref, choice, call.language), call) for ref in refs
    ]
    model = models[0] if len(models) == 1 else llm.RealtimeModelFallbackAdapter(models)
    return Built(model, tuple(zip(refs, models, strict=True)))


def chat(choice: ModelChoice, call: CallContext) -> Built:
    """A chat model; the next one is asked where one fails or does not begin in time."""
    refs = choice.models(Stage.CHAT)
    models: list[LLM[Any]] = [module(ref).chat(ref, call) for ref in refs]
    if len(models) == 1:
        return Built(models[0], ((refs[0], models[0]),))
    return Built(
        llm.FallbackAdapter(models, attempt_timeout=budgets.MODEL_TIMEOUT), tuple(zip(refs, models, strict=True))
    )


def expert(call: CallContext) -> LLM[Any]:
    """A model for questions in general terms, the next one where it fails; there is at least one."""
    models: list[LLM[Any]] = [module(ref).chat(ref, call) for ref in call.settings.experts]
    each = budgets.EXPERT_TIMEOUT / len(models)
    return models[0] if len(models) == 1 else llm.FallbackAdapter(models, attempt_timeout=each)


def transcription(choice: ModelChoice, call: CallContext, ears: VAD) -> Built:
    """Ears that stream: one that takes whole utterances is sent them in the pauses."""
    refs = choice.models(Stage.TRANSCRIPTION)
    parts: list[STT[Any]] = [module(ref).transcription(ref, call) for ref in refs]
    models = [part if part.capabilities.streaming else EagerTranscription(stt=part, vad=ears) for part in parts]
    model = models[0] if len(models) == 1 else stt.FallbackAdapter(models, attempt_timeout=budgets.MODEL_TIMEOUT)
    return Built(model, tuple(zip(refs, parts, strict=True)))


def speech(choice: ModelChoice, call: CallContext) -> Built:
    """A voice; the next one goes on where one fails."""
    refs = choice.models(Stage.SPEECH)
    voices: list[TTS[Any]] = [module(ref).speech(ref, voice_for(ref, choice, call.language), call) for ref in refs]
    # One that is given whole sentences is asked again where it fails within one; one that streams is asked again by itself.
    alone = len(voices) == 1 and voices[0].capabilities.streaming
    model = voices[0] if alone else Voices(voices, retries=budgets.MODEL_RETRIES)
    return Built(model, tuple(zip(refs, voices, strict=True)))
