"""Models and voices that the emulator has: OpenAI's, and a name of its own for its voice."""

from collections.abc import Mapping
from typing import Final

from contracts.models import REGISTRY, Stage, parse_models

OWN_VOICE: Final = "espeak-ng"
"""The speech model that outlives OpenAI's speech endpoint: what really speaks here."""
MODELS: Final[Mapping[Stage, tuple[str, ...]]] = {
    stage: (*REGISTRY.openai(stage).models, *((OWN_VOICE,) if stage is Stage.SPEECH else ())) for stage in Stage
}
ALL_MODELS: Final = tuple(dict.fromkeys(name for names in MODELS.values() for name in names))


def default(stage: Stage) -> str:
    """The model that a keyless assistant uses at a stage."""
    return OWN_VOICE if stage is Stage.SPEECH else parse_models(stage, REGISTRY.defaults[stage])[0].model


def voices(stage: Stage) -> tuple[str, ...]:
    """Names of voices that a stage takes."""
    return REGISTRY.openai(stage).voices
