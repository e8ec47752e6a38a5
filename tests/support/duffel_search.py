"""A search that Duffel is asked, on a day that its offers in the tests fly on."""

from datetime import date
from typing import Any

from contracts.flights import Place, SearchQuery
from contracts.places import resolve

DAY = date(2026, 12, 4)


def place(name: str) -> Place:
    found = resolve(name).place
    assert found is not None
    return found.to_place("en")


def query(**changes: Any) -> SearchQuery:
    made = SearchQuery(origin=place("MAD"), destination=place("AMS"), departure_date=DAY)
    return made.model_copy(update=changes)
