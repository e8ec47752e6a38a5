"""What the scripted conversations are."""

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from cli.traveller.library import Clip, clip_of
from contracts.dispatch import Pipeline
from contracts.languages import LANGUAGES

CASCADE_ALONE: Final = frozenset({"ja"})
"""Its travellers pause for up to 0.8 s within a sentence, which the emulator's realtime ears take for an end."""
SCRIPT: Final = Path(__file__).with_name("spoken.yaml")


class Turn(BaseModel):
    """What is said, and what must come of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clip: Annotated[str, Field(pattern=r"^(question|command|backchannel) \d+$")]
    tools: tuple[str, ...]
    route: str | None = None
    day: Literal["tomorrow"] | None = None
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    max_stops: int | None = None
    sorted_by: str | None = None
    selected: int | None = None

    def spoken(self, language: str) -> Clip:
        """Its clip."""
        kind, number = self.clip.split()
        return clip_of(language, kind, int(number))


class Script(BaseModel):
    """One conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    turns: tuple[Turn, ...]


class Dialogue(BaseModel):
    """One conversation in one language, by one pipeline."""

    model_config = ConfigDict(frozen=True)

    script: Script
    language: str
    pipeline: Pipeline


@cache
def dialogues() -> tuple[Dialogue, ...]:
    """Every conversation in every language; by turns in the cascade and in realtime where both can be."""
    scripts = TypeAdapter(list[Script]).validate_python(yaml.safe_load(SCRIPT.read_text("utf-8")))
    pairs = [(code, script) for code in LANGUAGES for script in scripts]
    both = (Pipeline.CASCADE, Pipeline.REALTIME)
    return tuple(
        Dialogue(script=script, language=code, pipeline=both[0 if code in CASCADE_ALONE else index % 2])
        for index, (code, script) in enumerate(pairs)
    )
