"""Words for times of day: how an hour is said, and whether a flight leaves or arrives before or after it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

Phrases = tuple[str, ...]


class HourWords(BaseModel):
    """Templates hold `{time}`, and `{until}` for the later one of two; shapes hold `{h}` and perhaps `{m}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles: Phrases = ()
    """What may stand right before an hour."""
    noon: Phrases
    midnight: Phrases
    am: Phrases
    pm: Phrases
    clock: Phrases
    """What may stand behind an hour."""
    clock_needed: bool = False
    """A number alone is no hour."""
    shapes: Mapping[str, int] = Field(default_factory=dict)
    """Ways to say an hour with its minutes, and how many of these beside `{m}`: "half past {h}" = 30."""
    not_before: Phrases
    not_after: Phrases
    between: Phrases
    at: Phrases
    """About that time."""
    arrive_before: Phrases
    """Words for arriving that stand before the time."""
    arrive_after: Phrases
    leave_before: Phrases
    leave_after: Phrases
    back: Phrases
    """Words for the way back."""
    nots: Phrases
    """What turns "before" into "not before", in the same part of the sentence."""
    breaks: Phrases
    """Words between two parts of a sentence."""


@cache
def hour_words(code: str) -> HourWords:
    """The words of a supported language."""
    file = resources.files("emulator.lexicon.hours") / f"{code}.toml"
    return HourWords.model_validate(tomllib.loads(file.read_text("utf-8")))
