"""What a call shows: kept by the API for the session, changed by voice, touch and form through the same few actions."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from contracts.flights import CountryCode, SearchResult
from contracts.room import View
from contracts.wire import Wire

SearchId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
OfferId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
HISTORY_MAX = 10
COMPARED_MAX = 4


class Hand(StrEnum):
    """What changed the screen last."""

    VOICE = "voice"
    TOUCH = "touch"
    FORM = "form"


class Seen(Wire):
    """A search that was shown before."""

    search_id: SearchId
    origin: str
    destination: str
    departure_date: str


class Screen(Wire):
    """What is shown now. `version` counts changes, from 0 for a call that has shown nothing."""

    version: Annotated[int, Field(ge=0)] = 0
    search: SearchResult | None = None
    history: tuple[Seen, ...] = ()
    """Searches in the order in which they were shown, the present one last."""
    view: View = Field(default_factory=View)
    selected: OfferId | None = None
    compared: tuple[OfferId, ...] = ()
    by: Hand | None = None
    country: CountryCode | Literal["auto"] | None = None
    """Where the traveller has chosen by form to buy, in the middle of the call; None: nothing was chosen in it."""


class ScreenAction(Wire):
    """Body of `POST /v1/sessions/{session_id}/screen`: one change.

    `show` a search by its id, or as `result` where its agent made it; `refine` by a view; `select` an offer, or none;
    `compare` two to four; `clear` everything.
    """

    action: Literal["show", "refine", "select", "compare", "clear"]
    search_id: SearchId | None = None
    result: SearchResult | None = None
    view: View | None = None
    offer_id: OfferId | None = None
    offer_ids: Annotated[tuple[OfferId, ...], Field(max_length=COMPARED_MAX)] = ()
    by: Hand
    country: CountryCode | Literal["auto"] | None = None
    """With `show`, by form: where the traveller buys from now on; `auto`: as their clock and locale say."""
    seen: Annotated[int, Field(ge=0)] | None = None
    """The version that the change is made on; an older one than the present is refused. None: whatever is there."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        needed = {"show": self.search_id or self.result, "refine": self.view, "compare": len(self.offer_ids) > 1}
        if not needed.get(self.action, True):
            names = {"show": "search_id", "refine": "view", "compare": "two to four offer_ids"}
            raise ValueError(f"{self.action} needs {names[self.action]}")
        return self


class ScreenChanged(Wire):
    """Data topic `polyglot.screen`, from the API to everybody in the room: look again."""

    version: int
