"""Looking up cities and airports by name."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from api.dependencies import limit_searches
from contracts.flights import Place
from contracts.places import resolve, suggest

router = APIRouter(tags=["places"], dependencies=[limit_searches])

_MOST = 8


class PlacesFound(BaseModel):
    """Places of that name, the likeliest first."""

    places: tuple[Place, ...]
    exact: bool
    """False: none is called so; these are called something like it."""


@router.get("/v1/places")
async def find_places(
    q: Annotated[str, Query(min_length=1, max_length=120, description="City in any language, airport, or IATA code")],
    language: Annotated[str, StringConstraints(max_length=20), Query()] = "en",
) -> PlacesFound:
    """Places that a name can mean, named in `language`; perhaps-meant ones when there is none."""
    found = resolve(q, language)
    cities = (found or suggest(q))[:_MOST]
    return PlacesFound(places=tuple(city.to_place(language) for city in cities), exact=bool(found))
