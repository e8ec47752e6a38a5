"""The registry of providers, models and voices (`models.toml`): one list for the API's edge, the agent, the emulator,
`polyglot config check` and the infrastructure.

A stage's setting is an ordered list of `provider/model`, perhaps with a voice after an `@`: the first is used, the next
ones step in when it fails.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from contracts.dispatch import Pipeline

RETIRES_SOON: Final = dt.timedelta(days=30)
"""A model that is switched off within this is an error of the configuration."""
OPENAI: Final = "openai"


class Stage(StrEnum):
    """What a model does in a call."""

    REALTIME = "realtime"
    """Speech in, speech out."""
    CHAT = "chat"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"


class Model(BaseModel):
    """What must be known of a model before it is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shutdown: dt.date | None = None
    """The day on which its provider switches it off; None where nothing is announced."""
    reasoning_effort: str | None = None
    """Sent with each request, where the model's own default would keep a caller waiting."""
    vision: bool | None = None
    """Whether it sees pictures; None: as most of its provider's do."""
    languages: bool = False
    """Takes a list of the languages that may be heard, and says which it was."""


class Offer(BaseModel):
    """What one provider has for one stage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: Mapping[str, Model] = Field(default_factory=dict)
    vision: bool = False
    """Whether its models see pictures, those of unlisted names too."""
    openai_url: str | None = None
    """Where its chat models answer in OpenAI's shape, too."""
    open: bool = False
    """Whether names of models and voices beside the listed ones are allowed."""
    voices: tuple[str, ...] = ()
    default_voice: str | None = None
    voice_of: Mapping[str, str] = Field(default_factory=dict)
    """Voices by language, where none speaks them all; a call changes them with its language."""
    secrets: tuple[str, ...] = ()
    """Environment variables with keys."""
    variables: tuple[str, ...] = ()
    """Environment variables without secrets that it needs."""
    module: str | None = None
    """What it imports, where that is not the plugin itself."""
    python: str | None = None
    """Lowest version of Python that it runs on, where that is not ours."""

    @property
    def all_voices(self) -> tuple[str, ...]:
        """Every listed voice."""
        default = (self.default_voice,) if self.default_voice else ()
        return tuple(dict.fromkeys((*self.voices, *self.voice_of.values(), *default)))

    def has_voice(self, voice: str) -> bool:
        """Whether the voice may be asked for."""
        return voice in self.all_voices or self.open


class Provider(BaseModel):
    """One company or server, and its stages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    extra: str | None = None
    """The optional dependency of ours that brings its plugin; None: always installed."""
    realtime: Offer | None = None
    chat: Offer | None = None
    transcription: Offer | None = None
    speech: Offer | None = None

    def offer(self, stage: Stage) -> Offer | None:
        """What it has for a stage."""
        offers = {
            Stage.REALTIME: self.realtime,
            Stage.CHAT: self.chat,
            Stage.TRANSCRIPTION: self.transcription,
            Stage.SPEECH: self.speech,
        }
        return offers[stage]


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One entry of a stage's list."""

    stage: Stage
    provider: str
    model: str
    voice: str | None = None

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}{f'@{self.voice}' if self.voice else ''}"

    @property
    def offer(self) -> Offer:
        """What its provider has for the stage."""
        offer = REGISTRY.providers[self.provider].offer(self.stage)
        if offer is None:
            raise ValueError(f"{self.provider} has no {self.stage}")
        return offer

    @property
    def known(self) -> Model:
        """What the registry knows of the model; the defaults for a name of the account's own."""
        return self.offer.models.get(self.model, Model())


def sees(refs: Sequence[ModelRef]) -> bool:
    """Whether each of them sees pictures: the next one steps in when one fails, and is asked the same."""
    return bool(refs) and all(ref.offer.vision if ref.known.vision is None else ref.known.vision for ref in refs)


class Registry(BaseModel):
    """All providers; `source` and `date` say where the names come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    date: dt.date
    defaults: Mapping[Stage, str]
    providers: Mapping[str, Provider]

    def providers_of(self, stage: Stage) -> Mapping[str, Offer]:
        """The providers that have a stage."""
        offers = {name: provider.offer(stage) for name, provider in self.providers.items()}
        return {name: offer for name, offer in offers.items() if offer is not None}

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Every listed model of a stage, as `provider/model`."""
        return tuple(f"{name}/{model}" for name, offer in self.providers_of(stage).items() for model in offer.models)

    def voices(self, stage: Stage) -> tuple[str, ...]:
        """Every listed voice of a stage, each once."""
        listed = (voice for offer in self.providers_of(stage).values() for voice in offer.all_voices)
        return tuple(dict.fromkeys(listed))

    def openai(self, stage: Stage) -> Offer:
        """What OpenAI has for a stage: what the emulator stands in for."""
        offer = self.providers[OPENAI].offer(stage)
        if offer is None:
            raise ValueError(f"{OPENAI} has no {stage}")
        return offer


REGISTRY: Final = Registry.model_validate(
    tomllib.loads((resources.files("contracts") / "models.toml").read_text(encoding="utf-8"))
)

PROVIDER_VARIABLES: Final = frozenset(
    name
    for stage in Stage
    for offer in REGISTRY.providers_of(stage).values()
    for name in (*offer.secrets, *offer.variables)
    if not name.startswith("POLYGLOT_")
)
"""Every provider's own environment variables."""

STAGE_OF: Final[Mapping[Pipeline, Stage]] = {
    Pipeline.REALTIME: Stage.REALTIME,
    Pipeline.CASCADE: Stage.CHAT,
    Pipeline.TEXT: Stage.CHAT,
}
"""The stage whose model a session of that pipeline may name."""
VOICE_STAGE_OF: Final[Mapping[Pipeline, Stage]] = {
    Pipeline.REALTIME: Stage.REALTIME,
    Pipeline.CASCADE: Stage.SPEECH,
}
"""The stage whose voice it may name; a text session has none."""


def parse_model(stage: Stage, name: str) -> ModelRef:
    """One entry of a stage's list; ValueError says what is wrong and what exists.

    A name without a provider is OpenAI's, or else the one provider's that lists it.
    """
    name, _, voice = name.strip().partition("@") if stage in VOICE_STAGE_OF.values() else (name.strip(), "", "")
    offers = REGISTRY.providers_of(stage)
    provider, slash, model = name.partition("/")
    if not slash:
        provider, model = _owner(stage, name), name
    if provider not in offers:
        raise ValueError(f"{provider!r} is no provider of {stage}; there are {', '.join(offers)}")
    offer = offers[provider]
    if not model or (model not in offer.models and not offer.open):
        listed = ", ".join(f"{provider}/{known}" for known in offer.models)
        raise ValueError(f"there is no {stage} model {name!r}; there are {listed}")
    if voice and not offer.has_voice(voice):
        raise ValueError(f"{provider} has no voice {voice!r} for {stage}; it has {', '.join(offer.all_voices)}")
    return ModelRef(stage, provider, model, voice or None)


def parse_models(stage: Stage, names: str) -> tuple[ModelRef, ...]:
    """A stage's ordered list, separated by commas; ValueError says what is wrong and what exists."""
    refs = tuple(parse_model(stage, name) for name in names.split(",") if name.strip())
    if not refs:
        raise ValueError(f"names no model; there are {', '.join(REGISTRY.names(stage))}")
    return refs


def _owner(stage: Stage, model: str) -> str:
    offers = REGISTRY.providers_of(stage)
    owners = [name for name, offer in offers.items() if model in offer.models]
    if OPENAI in owners or len(owners) == 1:
        return OPENAI if OPENAI in owners else owners[0]
    exists = ", ".join(REGISTRY.names(stage))
    raise ValueError(f"there is no {stage} model {model!r}; write provider/model. There are {exists}")


def known_models(stage: Stage, names: str) -> str:
    """The list as it is; ValueError as `parse_models` has it."""
    parse_models(stage, names)
    return names


def needs_newer(ref: ModelRef, python: tuple[int, ...]) -> str | None:
    """The version of Python that a model's plugin needs, where that one is older."""
    needed = ref.offer.python
    return needed if needed and python < tuple(int(part) for part in needed.split(".")) else None


def check_voice(ref: ModelRef, voice: str | None) -> None:
    """ValueError, which says what there is, for a voice that the model's provider does not have."""
    if voice and not ref.offer.has_voice(voice):
        raise ValueError(f"{ref} has no voice {voice!r}; it has {', '.join(ref.offer.all_voices)}")


def extras(refs: Iterable[ModelRef]) -> tuple[str, ...]:
    """The optional dependencies that bring these models' plugins, sorted: what an image that asks them must hold."""
    named = (REGISTRY.providers[ref.provider].extra for ref in refs)
    return tuple(sorted({extra for extra in named if extra}))


def retirement(ref: ModelRef, announced: dt.date | None = None) -> dt.date | None:
    """The day on which a model is switched off, the earlier where registry and service disagree; None: not announced."""
    days = [day for day in (ref.known.shutdown, announced) if day is not None]
    return min(days) if days else None
