"""Which pipeline, model and voice a session gets, checked against the registry before anything is started."""

from dataclasses import dataclass

from api.settings import Settings
from contracts.dispatch import Pipeline
from contracts.models import REGISTRY
from contracts.problems import InvalidInput
from contracts.sessions import SessionRequest

OWN_PROVIDER = "openai"


@dataclass(frozen=True, slots=True)
class Choice:
    """A valid combination; None leaves it to the agent's configuration."""

    pipeline: Pipeline
    model: str | None
    voice: str | None


def choose(request: SessionRequest, settings: Settings) -> Choice:
    """The request's choice. Raises InvalidInput that names the field, the value and what is allowed."""
    voice, foreign = _voice(request.voice, settings)
    pipeline = request.pipeline or _pipeline(request.model, voice, settings, foreign=foreign)
    if request.model is not None:
        _check("model", request.model, REGISTRY.models_for(pipeline), pipeline)
    if foreign and pipeline is not Pipeline.CASCADE:
        raise InvalidInput.of("voice", f"{voice} is a voice of the cascade pipeline, not of {pipeline}")
    if voice is not None and not foreign:
        _check("voice", voice, REGISTRY.voices_for(pipeline), pipeline)
    return Choice(pipeline, request.model, voice)


def _voice(voice: str | None, settings: Settings) -> tuple[str | None, bool]:
    """The voice without our own provider's prefix, and whether it belongs to another provider."""
    if voice is None or "/" not in voice:
        return voice, False
    provider, _, name = voice.partition("/")
    if provider not in settings.speech_providers:
        raise InvalidInput.of(
            "voice",
            f"the provider {provider!r} of {voice!r} is not configured",
            f"voices of {', '.join(settings.speech_providers)}: {', '.join(_all_voices())}",
        )
    return (name, False) if provider == OWN_PROVIDER else (voice, True)


def _pipeline(model: str | None, voice: str | None, settings: Settings, *, foreign: bool) -> Pipeline:
    if foreign:
        return Pipeline.CASCADE
    if model in REGISTRY.realtime.models:
        return Pipeline.REALTIME
    if model in REGISTRY.chat.models:
        return Pipeline.TEXT if settings.default_pipeline is Pipeline.TEXT and voice is None else Pipeline.CASCADE
    if model is not None:
        raise InvalidInput.of("model", f"there is no model {model!r}", ", ".join(_all_models()))
    if voice is None:
        return settings.default_pipeline
    if voice in REGISTRY.realtime.voices:
        return Pipeline.REALTIME
    if voice in REGISTRY.speech.voices:
        return Pipeline.CASCADE
    raise InvalidInput.of("voice", f"there is no voice {voice!r}", ", ".join(_all_voices()))


def _check(field: str, value: str, allowed: tuple[str, ...], pipeline: Pipeline) -> None:
    if value not in allowed:
        what = f"{value!r} is no {field} of the {pipeline} pipeline"
        raise InvalidInput.of(field, what, ", ".join(allowed) or f"no {field} at all")


def _all_voices() -> list[str]:
    return sorted({*REGISTRY.realtime.voices, *REGISTRY.speech.voices})


def _all_models() -> list[str]:
    return sorted({*REGISTRY.realtime.models, *REGISTRY.chat.models})
