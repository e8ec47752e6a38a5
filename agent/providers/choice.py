"""Which models and voice a call uses: the session's own wish before what is configured."""

import sys
from dataclasses import dataclass
from importlib.util import find_spec

from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata
from contracts.models import REGISTRY, STAGE_OF, VOICE_STAGE_OF, ModelRef, Stage, needs_newer, parse_model


class NotOffered(ValueError):
    """A session's model or voice that this worker does not have; the message says which it has."""


@dataclass(frozen=True)
class ModelChoice:
    """Settings and what one session asked for, checked against each other."""

    settings: AgentSettings
    model: ModelRef | None = None
    voice: ModelRef | None = None
    """The entry of the voice's stage with the voice in it."""

    def models(self, stage: Stage) -> tuple[ModelRef, ...]:
        """The stage's models, the session's own first; a call that changed pipeline has the configured ones."""
        configured = self.settings.models(stage)
        head = self.model if self.model and self.model.stage is stage else None
        refs = (head, *(ref for ref in configured if ref != head)) if head else configured
        if self.voice and self.voice.stage is stage:
            refs = tuple(self.voice if _same(ref, self.voice) else ref for ref in refs)
        return refs


def choose_models(metadata: DispatchMetadata, settings: AgentSettings) -> ModelChoice:
    """The session's wish; NotOffered when it names what this worker does not have."""
    model = None
    if metadata.model is not None:
        stage = STAGE_OF[metadata.pipeline]
        try:
            model = parse_model(stage, metadata.model)
        except ValueError as error:
            raise NotOffered(f"model: {error}") from None
        absent = [name for name in (*model.offer.secrets, *model.offer.variables) if not settings.value_of(name)]
        if absent:
            raise NotOffered(f"model: {model} needs {', '.join(absent)}, which this worker does not have")
    if metadata.voice is None:
        return ModelChoice(settings, model)
    stage_of_voice = VOICE_STAGE_OF.get(metadata.pipeline)
    if stage_of_voice is None:
        return ModelChoice(settings, model)
    return ModelChoice(settings, model, _voice(metadata.voice, stage_of_voice, ModelChoice(settings, model)))


def voice_for(ref: ModelRef, chosen: ModelChoice, language: str) -> str:
    """The voice of an entry: its own, what is set for the stage's first model, the language's, the provider's."""
    if ref.voice:
        return ref.voice
    configured, first = chosen.settings.voice(ref.stage), chosen.settings.models(ref.stage)[0]
    if configured and _same(ref, first):
        return configured
    return ref.offer.voice_of.get(language) or ref.offer.default_voice or ""


def missing(settings: AgentSettings) -> list[str]:
    """What the configured models need and this installation does not have, in sentences; empty when nothing."""
    problems = []
    listed = [(f"POLYGLOT_{stage.upper()}_MODEL", settings.models(stage)) for stage in Stage]
    for name, refs in (*listed, ("POLYGLOT_EXPERT_MODEL", settings.experts)):
        for ref in refs:
            extra = REGISTRY.providers[ref.provider].extra
            if extra and find_spec(f"livekit.plugins.{extra}") is None:
                problems.append(f"{name}: {ref} needs the package livekit-plugins-{extra} (extra {extra!r})")
            elif newer := needs_newer(ref, sys.version_info[:2]):
                problems.append(f"{name}: {ref} needs Python {newer} or newer")
    return problems


def _voice(name: str, stage: Stage, so_far: ModelChoice) -> ModelRef:
    """The entry that speaks with a voice, which may have its provider before a slash."""
    refs = so_far.models(stage)
    provider, slash, bare = name.partition("/")
    named = bool(slash) and provider in REGISTRY.providers
    voice = bare if named else name
    for ref in refs:
        listed = voice in ref.offer.all_voices
        if (ref.provider == provider and ref.offer.has_voice(voice)) if named else listed:
            return ModelRef(stage, ref.provider, ref.model, voice)
    if not named and refs[0].offer.open:
        return ModelRef(stage, refs[0].provider, refs[0].model, voice)
    has = ", ".join(f"{ref.provider}/{known}" for ref in refs for known in ref.offer.all_voices)
    raise NotOffered(f"voice: there is no {name!r} here; there are {has}")


def _same(one: ModelRef, other: ModelRef) -> bool:
    return (one.provider, one.model) == (other.provider, other.model)
