"""Words for who travels and for what a flight must be like, and how these are told; one file for each language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DayPart = Literal["morning", "lunch", "afternoon", "evening", "night"]
Pair = tuple[str, str]
"""For one, and for `{n}`."""


class Told(BaseModel):
    """How a wish is said back, and what is said of wishes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adults: Pair
    children: Pair
    infants: Pair
    checked_bags: Pair
    max_stops: Pair
    refundable: str
    max_price: str
    """price"""
    depart_from: str
    """time, as in the next three"""
    depart_until: str
    arrive_from: str
    arrive_until: str
    every: str
    """what; it holds for each of several flights"""
    first: str
    """what; it holds for the first of several flights only"""
    airlines: str
    """names"""
    without_airlines: str
    kept: str
    """what"""
    ask_ages: str
    cannot: str
    """what; the search on offer has no way to ask for it"""
    bags_open: str
    refund_open: str
    price_open: str


class WishWords(BaseModel):
    """Templates hold `{n}`, a number; `{ages}`, one or more; `{stem}`, a number that
    the word goes on with ("siebenjähriges"). Times of day stand in `emulator.lexicon.hours`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    separators: tuple[str, ...]
    """Between numbers of a list."""
    children: tuple[str, ...]
    child: tuple[str, ...]
    """One child."""
    infants: tuple[str, ...]
    infant: tuple[str, ...]
    ages: tuple[str, ...]
    couple: tuple[str, ...]
    """Somebody who travels beside the speaker."""
    bags: tuple[str, ...]
    bag: tuple[str, ...]
    refundable: tuple[str, ...]
    stops: tuple[str, ...] = ()
    """The most changes that will do."""
    aged: tuple[str, ...] = ()
    """One child by its age."""
    without_before: tuple[str, ...] = ()
    """What makes an airline an unwanted one."""
    without_after: tuple[str, ...] = ()
    parts: Mapping[DayPart, tuple[str, ...]] = Field(default_factory=dict)
    told: Told


@cache
def wish_words(code: str) -> WishWords:
    """The words of a supported language."""
    file = resources.files("emulator.lexicon") / "wishes" / f"{code}.toml"
    return WishWords.model_validate(tomllib.loads(file.read_text("utf-8")))
