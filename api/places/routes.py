"""Looking up cities, airports and regions by name."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from api.budgets.rates import limited
from api.places.service import places_of
from contracts.flights import Place
from contracts.places import Meaning, resolve

router = APIRouter(tags=["places"], dependencies=[limited("places")])

_MOST = 8


class PlacesFound(BaseModel):
    """Places of that name, the likeliest first, each with its state or country in `area`."""

    places: tuple[Place, ...]
    exact: bool
    """False: none is called so; these are called something like it."""
    meaning: Literal["found", "ambiguous", "region", "unknown"]
    """`found`: the first one is meant; `ambiguous`: several are called so; `region`: a country, state or island, these
    are its airports; `unknown`: suggestions."""
    region: str | None = None
    """The region's name in the language."""


@router.get("/v1/places")
async def find_places(
    q: Annotated[str, Query(min_length=1, max_length=120, description="City, airport, region, or IATA code")],
    language: Annotated[str, StringConstraints(max_length=20), Query()] = "en",
    country: Annotated[
        str | None, Query(pattern=r"^[A-Za-z]{2}$", description="The traveller's own, ISO 3166 alpha-2")
    ] = None,
) -> PlacesFound:
    """Places that a name can mean, named in `language`; perhaps-meant ones when there is none."""
    answer = resolve(q, language, country.upper() if country else None)
    return PlacesFound(
        places=tuple(places_of(answer.choices[:_MOST], language)),
        exact=answer.meaning is not Meaning.UNKNOWN,
        meaning=answer.meaning.value,
        region=answer.region.display_name(language) if answer.region else None,
    )
