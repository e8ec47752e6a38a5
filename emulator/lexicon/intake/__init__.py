"""Words for a medical intake, in the languages that it is taken in."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict

LANGUAGES: Final = ("en", "es")
Phrases = tuple[str, ...]


class IntakeAnswers(BaseModel):
    """Questions and sentences, with the fields in braces filled from what was said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    consent: str
    name: str
    name_right: str
    """name"""
    date_of_birth: str
    date_of_birth_right: str
    """date"""
    phone: str
    phone_right: str
    """phone"""
    symptoms: str
    history: str
    allergies: str
    medicines: str
    check: str
    change: str
    complete: str
    declined: str
    problem: str


class IntakeWords(BaseModel):
    """What is said, and how it is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    yes: Phrases
    no: Phrases
    none: Phrases
    i_am: Phrases
    """Before a name."""
    person: Phrases
    wanted: Phrases
    """Who would rather do this than what another persona does."""
    flights: Phrases
    """Who would rather look for flights."""
    joins: Phrases
    """Between the entries of a list."""
    out_of_ten: Phrases
    """After a number: how strong it is."""
    since: Phrases
    answers: IntakeAnswers


@cache
def intake_words(code: str) -> IntakeWords:
    """The words of a language; English where an intake is not taken in it."""
    known = code if code in LANGUAGES else "en"
    table: Mapping[str, object] = tomllib.loads(
        (resources.files(__name__) / f"{known}.toml").read_text(encoding="utf-8")
    )
    return IntakeWords.model_validate(table)
