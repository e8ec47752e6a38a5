"""The mind's view of the place data: what is named in a text, and what to pass to a tool for it."""

from dataclasses import dataclass

from contracts.places import find, resolve


@dataclass(frozen=True)
class PlaceMention:
    """A place and where it stands: `text[start:end]`."""

    start: int
    end: int
    argument: str
    """IATA code; the words themselves where they can mean several well-known cities, so that the tool can ask."""


def find_places(text: str, language: str) -> list[PlaceMention]:
    """Places of a text in the order they are written."""
    mentions = []
    for match in find(text, language):
        place = resolve(match.text, language).place
        mentions.append(PlaceMention(match.start, match.end, place.code if place else match.text))
    return mentions
