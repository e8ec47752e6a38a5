"""The registry of model and voice names (`models.toml`): one list for the API's edge, the agent and the emulator."""

import datetime as dt
import tomllib
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict

from contracts.dispatch import Pipeline


class Stage(BaseModel):
    """What one stage of a pipeline may use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: str
    models: tuple[str, ...]
    default_voice: str | None = None
    voices: tuple[str, ...] = ()


class Registry(BaseModel):
    """All stages; `source` and `date` say where the names come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    date: dt.date
    realtime: Stage
    chat: Stage
    transcription: Stage
    speech: Stage

    def models_for(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Models that a session of that pipeline may name."""
        return self.realtime.models if pipeline is Pipeline.REALTIME else self.chat.models

    def voices_for(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Voices that a session of that pipeline may name; none for text."""
        stages = {Pipeline.REALTIME: self.realtime, Pipeline.CASCADE: self.speech}
        return stages[pipeline].voices if pipeline in stages else ()

    def all_models(self) -> tuple[str, ...]:
        """Every model of every stage, each once."""
        stages = (self.realtime, self.chat, self.transcription, self.speech)
        return tuple(dict.fromkeys(name for stage in stages for name in stage.models))


REGISTRY: Final = Registry.model_validate(
    tomllib.loads((resources.files("contracts") / "models.toml").read_text(encoding="utf-8"))
)
