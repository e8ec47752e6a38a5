"""One place from what a traveller calls it, or the question that must be asked first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.places.repository import choices_of, examples, look_up, places_of, position
from api.places.schemas import AirportPosition, AirportPositions, PlacesFound
from contracts.flights import Place
from contracts.places import Answer, Meaning
from contracts.problems import AmbiguousPlace, Choice, FieldProblem, UnknownPlace

_MOST: Final = 8
"""Places in an answer to somebody who reads."""
_OFFERED: Final = 6
"""Places to choose from; more are no help to somebody who listens."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The place that is meant, and others of its name."""

    place: Place
    namesakes: tuple[Place, ...]


def settle(field: str, name: str, language: str, country: str | None) -> Settled:
    """The place that a name means beyond doubt.

    Raises AmbiguousPlace or UnknownPlace, both with the choices, labelled in the language.
    """
    answer = look_up(name, language, country)
    if answer.meaning is Meaning.FOUND:
        best, *others = places_of(answer.choices, language)
        return Settled(best, tuple(others))
    raise _question(field, name.strip()[:60], answer, language)


def positions(codes: Iterable[str]) -> AirportPositions:
    """Where the airports of these codes are; a code of a city is where its main airport is."""
    found = ((code, position(code)) for code in dict.fromkeys(codes))
    return AirportPositions(
        airports=tuple(
            AirportPosition(code=code, latitude=at[0], longitude=at[1]) for code, at in found if at is not None
        )
    )


def find(name: str, language: str, country: str | None) -> PlacesFound:
    """Every place that a name can mean, or perhaps-meant ones."""
    answer = look_up(name, language, country)
    return PlacesFound(
        places=tuple(places_of(answer.choices[:_MOST], language)),
        exact=answer.meaning is not Meaning.UNKNOWN,
        meaning=answer.meaning.value,
        region=answer.region.display_name(language) if answer.region else None,
    )


def _question(field: str, name: str, answer: Answer, language: str) -> AmbiguousPlace | UnknownPlace:
    cities = answer.choices[:_OFFERED]
    choices = choices_of(cities or examples(), language)
    told = "; ".join(choice.label for choice in choices)
    if answer.meaning is Meaning.UNKNOWN:
        problem = f"no airport is known for {name!r}"
        detail = f"{field}: {problem}; a city or an IATA code is needed, perhaps {told}"
        return UnknownPlace(detail, errors=(_problem(field, problem, choices, guessed=bool(cities)),))
    if answer.meaning is Meaning.REGION and answer.region:
        problem = f"{answer.region.display_name(language)} has several airports"
    else:
        problem = f"several places are called {name!r}"
    return AmbiguousPlace(f"{field}: {problem}; which one: {told}?", errors=(_problem(field, problem, choices),))


def _problem(field: str, problem: str, choices: tuple[Choice, ...], *, guessed: bool = True) -> FieldProblem:
    """Examples for a name that nothing is like are told as what is allowed, but are no choices."""
    allowed = "; ".join(f"{choice.label} ({choice.value})" for choice in choices)
    return FieldProblem(field=field, problem=problem, allowed=allowed, choices=choices if guessed else ())
