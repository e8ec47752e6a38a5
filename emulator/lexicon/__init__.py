"""What the emulator's mind knows of each language: words to listen for and sentences to answer with, one file each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.flights import Cabin, SortKey
from contracts.languages import LANGUAGES

Intent = Literal[
    "hello",
    "thanks",
    "repeat",
    "yes",
    "no",
    "help",
    "search",
    "goodbye",
    "round_trip",
    "one_way",
    "non_stop",
    "results",
]


class Markers(BaseModel):
    """Words that say which end of the journey a place is: before it, or after it as in Japanese."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_before: tuple[str, ...] = ()
    from_after: tuple[str, ...] = ()
    to_before: tuple[str, ...] = ()
    to_after: tuple[str, ...] = ()
    return_before: tuple[str, ...] = ()
    """What makes the date that follows the return date."""
    return_after: tuple[str, ...] = ()


class Answers(BaseModel):
    """Sentences, with the fields in braces filled from the data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hello: str
    help: str
    thanks: str
    goodbye: str
    yes: str
    no: str
    switched: str
    not_understood: str
    nothing_said: str
    """Answer to "repeat" when there is nothing to repeat."""
    ask_destination: str
    ask_origin: str
    ask_date: str
    ask_return: str
    found: str
    """count, origin, destination, date"""
    found_one: str
    returning: str
    """date; follows `found`"""
    nothing: str
    nothing_in_time: str
    """Not every source answered: no offers does not mean that there are none."""
    """origin, destination, date"""
    nothing_left: str
    """A refinement that leaves no flight."""
    sample: str
    indicative: str
    best: Mapping[SortKey, str]
    """carrier, time, price, stops"""
    matching: str
    """count; opens the answer to a refinement that only filters"""
    selected: str
    """number, carrier, flight, time, arrival, price, stops"""
    non_stop: str
    one_stop: str
    """via"""
    many_stops: str
    """count, via"""
    stops_out: str
    """stops, of the way out where the way back has others; as in the next two"""
    stops_back: str
    stops_leg: str
    """number, stops"""
    unknown_place: str
    """place"""
    ambiguous_place: str
    """place, candidates"""
    invalid_input: str
    """detail, said only where the detail is in a language the user cannot be expected to read otherwise"""
    past_date: str
    nothing_to_refine: str
    no_such_number: str
    limit_reached: str
    """A call may search so often and no more."""
    list_or: str
    """Joins the last two candidates."""


class Lexicon(BaseModel):
    """One language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    spaced: bool = True
    words: tuple[str, ...]
    """Frequent words that tell the language."""
    names: tuple[str, ...]
    """The language's own name as its speakers and others say it when they ask for it, for example `auf deutsch`."""
    markers: Markers
    articles: tuple[str, ...] = ()
    """Words that may stand between a marker and its place."""
    intents: Mapping[Intent, tuple[str, ...]]
    sort: Mapping[SortKey, tuple[str, ...]]
    cabins: Mapping[Cabin, tuple[str, ...]]
    ordinals: tuple[str, ...]
    """First, second, ...; variants of one separated by `|`."""
    cardinals: tuple[str, ...]
    select: tuple[str, ...]
    """Templates with `{n}`: how one offer is chosen by its place, `the second one`."""
    numbered: tuple[str, ...]
    """Templates with `{n}`: how one offer is chosen by its number, `number two`."""
    picked: tuple[str, ...] = ()
    """The same, where the number by itself would be a day."""
    adults: tuple[str, ...]
    """Templates with `{n}`: how many travel."""
    price_cap: tuple[str, ...]
    """Templates with `{amount}`: the most that a flight may cost."""
    answers: Answers


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of a supported language."""
    file = resources.files("emulator.lexicon") / f"{code}.toml"
    return Lexicon.model_validate(tomllib.loads(file.read_text("utf-8")))


def lexicons() -> tuple[Lexicon, ...]:
    """All lexicons, in the order of `contracts.languages`."""
    return tuple(lexicon(code) for code in LANGUAGES)
