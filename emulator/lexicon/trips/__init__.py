"""Words for what comes after a search: checking, comparing, the cheapest day, a flight's status, price alerts."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

Phrases = tuple[str, ...]


class TripAnswers(BaseModel):
    """Sentences, with the fields in braces filled from the data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    same: str
    """number, price"""
    changed: str
    """number, before, now"""
    gone: str
    """number"""
    link: str
    best_price: str
    """numbers, as in the next ones"""
    best_duration: str
    best_stops: str
    best_checked_bags: str
    alike: str
    cheapest_day: str
    """origin, destination, date, price"""
    no_prices: str
    on_time: str
    """flight, time"""
    late: str
    """flight, minutes, time"""
    active: str
    """flight, arrives"""
    landed: str
    """flight, as in the next ones"""
    cancelled: str
    diverted: str
    unknown: str
    which_flight: str
    created: str
    created_at: str
    """price"""
    confirm: str
    listed: str
    """count, routes"""
    none: str
    paused: str
    resumed: str
    deleted: str
    expert: str
    """What the stronger model knows, in general."""
    cannot_tell: str


class TripWords(BaseModel):
    """What is asked for, and how it is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Phrases
    person: Phrases
    """Who would rather speak to one."""
    harder: Phrases
    """What no search answers."""
    this_one: Phrases
    """The card that is being talked about."""
    compare: Phrases
    calendar: Phrases
    that_day: Phrases
    """The cheapest day that was told."""
    status: Phrases
    alert_create: Phrases
    notify: Phrases
    """Asks to be told, which is an alert where it is of a price."""
    falls: Phrases
    """What a price does."""
    alert_list: Phrases
    alert_delete: Phrases
    alert_pause: Phrases
    alert_resume: Phrases
    told: TripAnswers


@cache
def trip_words(code: str) -> TripWords:
    """The words of a supported language."""
    file = resources.files("emulator.lexicon.trips") / f"{code}.toml"
    return TripWords.model_validate(tomllib.loads(file.read_text("utf-8")))
