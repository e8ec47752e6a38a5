"""Which persona, pipeline, model and voice a session gets, checked against the registry before anything is started.

A name may have its provider before a slash, as `openai/gpt-6-luna`. Whether the agent has a key for that provider only the
agent knows; it refuses the session with a reason where it does not.
"""

from dataclasses import dataclass

from api.settings import Settings
from contracts.dispatch import Pipeline
from contracts.models import OPENAI, REGISTRY, STAGE_OF, VOICE_STAGE_OF, ModelRef, Stage, parse_model
from contracts.personas import PERSONAS
from contracts.problems import InvalidInput
from contracts.sessions import SessionRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """A valid combination; None leaves it to the agent's configuration."""

    persona: str
    pipeline: Pipeline
    model: str | None
    voice: str | None


def choose(request: SessionRequest, settings: Settings) -> Choice:
    """The request's choice. Raises InvalidInput that names the field, the value and what is allowed."""
    persona = _persona(request, settings)
    voice, foreign = _voice(request.voice, settings)
    found = _models(request.model)
    pipeline = request.pipeline or _pipeline(found, voice, settings, foreign=foreign)
    runs_in = tuple(Pipeline(name) for name in PERSONAS[persona].pipelines)
    if runs_in and pipeline not in runs_in:
        if request.pipeline is not None or request.model is not None or request.voice is not None:
            raise InvalidInput.of("pipeline", f"the persona {persona!r} does not run as {pipeline}", ", ".join(runs_in))
        pipeline = runs_in[0]
    model = None
    if request.model is not None:
        model = found.get(STAGE_OF[pipeline])
        if model is None:
            raise _refused("model", request.model, pipeline, REGISTRY.names(STAGE_OF[pipeline]))
    if foreign and pipeline is not Pipeline.CASCADE:
        raise InvalidInput.of("voice", f"{voice} is a voice of the cascade pipeline, not of {pipeline}")
    if voice is not None and not foreign:
        stage = VOICE_STAGE_OF.get(pipeline)
        allowed = REGISTRY.openai(stage).voices if stage else ()
        if voice not in allowed:
            raise _refused("voice", voice, pipeline, allowed)
    return Choice(persona, pipeline, str(model) if model else None, voice)


def _persona(request: SessionRequest, settings: Settings) -> str:
    name = request.persona or settings.personas[0]
    if name not in settings.personas:
        raise InvalidInput.of("persona", f"{name!r} is not offered here", ", ".join(settings.personas))
    spoken = PERSONAS[name].languages
    if request.language != "auto" and request.language not in spoken:
        raise InvalidInput.of("language", f"the persona {name!r} does not speak {request.language}", ", ".join(spoken))
    return name


def _models(name: str | None) -> dict[Stage, ModelRef]:
    """The stages that have a model of that name."""
    found: dict[Stage, ModelRef] = {}
    for stage in (Stage.REALTIME, Stage.CHAT) if name is not None else ():
        try:
            ref = parse_model(stage, name or "")
        except ValueError:
            continue
        # A server's names are its own: nobody but its operator can say what is behind them.
        if ref.model in ref.offer.models or ref.provider == "server":
            found[stage] = ref
    return found


def _voice(voice: str | None, settings: Settings) -> tuple[str | None, bool]:
    """The voice without OpenAI's prefix, and whether it belongs to another provider."""
    if voice is None or "/" not in voice:
        return voice, False
    provider, _, name = voice.partition("/")
    if provider not in settings.speech_providers:
        raise InvalidInput.of(
            "voice",
            f"the provider {provider!r} of {voice!r} is not configured",
            f"voices of {', '.join(settings.speech_providers)}: {', '.join(_all_voices())}",
        )
    return (name, False) if provider == OPENAI else (voice, True)


def _pipeline(found: dict[Stage, ModelRef], voice: str | None, settings: Settings, *, foreign: bool) -> Pipeline:
    if foreign:
        return Pipeline.CASCADE
    if Stage.REALTIME in found:
        return Pipeline.REALTIME
    if Stage.CHAT in found:
        return Pipeline.TEXT if settings.default_pipeline is Pipeline.TEXT and voice is None else Pipeline.CASCADE
    if voice is None:
        return settings.default_pipeline
    if voice in REGISTRY.openai(Stage.REALTIME).voices:
        return Pipeline.REALTIME
    if voice in REGISTRY.openai(Stage.SPEECH).voices:
        return Pipeline.CASCADE
    raise InvalidInput.of("voice", f"there is no voice {voice!r}", ", ".join(_all_voices()))


def _refused(field: str, value: str, pipeline: Pipeline, allowed: tuple[str, ...]) -> InvalidInput:
    what = f"{value!r} is no {field} of the {pipeline} pipeline"
    return InvalidInput.of(field, what, ", ".join(allowed) or f"no {field} at all")


def _all_voices() -> list[str]:
    return sorted({*REGISTRY.openai(Stage.REALTIME).voices, *REGISTRY.openai(Stage.SPEECH).voices})
