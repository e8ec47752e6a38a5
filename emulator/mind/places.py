"""The mind's view of the place data: what is named in a text, and what to pass to a tool for it."""

from dataclasses import dataclass

from contracts.places import find


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
        ambiguous = sum(city.notable for city in match.cities) > 1
        mentions.append(PlaceMention(match.start, match.end, match.text if ambiguous else match.city.code))
    return mentions
