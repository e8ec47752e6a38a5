"""The seam behind which every source sits, and what a source is made with."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast, runtime_checkable

from pydantic import SecretStr

from contracts.flights import Money, Offer, PriceKind, SearchQuery
from contracts.trips import FlightStatus

Prices = Mapping[date, Money]


class Progress:
    """What a source has found so far, while it still asks; what it could not wait for."""

    def __init__(self, tell: Callable[[tuple[Offer, ...]], None] = lambda _: None) -> None:
        self._tell = tell
        self.offers: tuple[Offer, ...] = ()
        self.complete = True
        """False: the answer lacks what somebody would have said a little later."""
        self.cut = False
        """There is more than the source gave, chosen by the filters of the question."""

    def found(self, offers: tuple[Offer, ...]) -> None:
        """These so far, all of them."""
        self.offers = offers
        self._tell(offers)


@dataclass(frozen=True, slots=True)
class Fares:
    """What the first source that answered said."""

    provider: str
    price_kind: PriceKind
    offers: tuple[Offer, ...]
    complete: bool = True
    """False: some source did not answer, or had too little time for an empty answer to mean that there is nothing."""
    cut: bool = False
    """Chosen from more by the filters of the question: no answer to the same question with others."""


class FareSource(Protocol):
    """Something that prices journeys: an airline aggregator, a metasearch, the sample data."""

    name: str
    """As in POLYGLOT_FARE_SOURCES and in `Offer.provider`."""
    price_kind: PriceKind
    """Of an answer without offers; an offer says its own."""
    patience: float
    """Seconds that it needs before an answer without offers means that there are none."""

    def able(self, query: SearchQuery) -> bool:
        """Whether it can price this kind of journey at all; one that cannot is not asked, and never asked for less."""

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        """Offers in any order; empty when there is none. What is found on the way is told by `progress`.

        The currency of the query is a wish: a source that cannot choose gives the currency that it has, and every offer
        says its own. `deadline` is how many seconds the source may take; the chain cancels it then. Raises InvalidInput
        for what the traveller must mend, which ends the search; anything else counts as a failure of the source, and
        the next one is asked (`faults` has the kinds).
        """

    async def ready(self) -> bool:
        """Whether a search now is likely to be answered; cheap, and it never raises."""

    async def aclose(self) -> None:
        """Close the connections."""


@runtime_checkable
class Checks(Protocol):
    """A source that can be asked for one offer again."""

    async def check(self, offer: Offer, query: SearchQuery, deadline: float) -> Offer | None:
        """The offer as it is sold now; None when it is not any more. Raises a FareFault where it cannot say."""


@runtime_checkable
class Books(Protocol):
    """A source with a page on which an offer can be bought."""

    async def booking_url(self, offer: Offer, back: str, deadline: float) -> str | None:
        """The page; `back` is where it sends the traveller afterwards."""


@runtime_checkable
class Calendars(Protocol):
    """A source of the lowest price of each day."""

    name: str
    price_kind: PriceKind

    async def calendar(self, query: SearchQuery, days: Sequence[date], stay: int | None, deadline: float) -> Prices:
        """Prices for the party of the query by day of departure; `stay` nights make it a return. A day may be missing."""


@runtime_checkable
class TellsStatus(Protocol):
    """A source that knows whether flights are on time."""

    name: str

    async def status(self, flight: str, day: date, deadline: float) -> FlightStatus | None:
        """The flight of that local day of departure; None when it knows of none."""


class Source(Protocol):
    """What any source has, whatever it gives."""

    name: str

    async def ready(self) -> bool:
        """Whether a question now is likely to be answered."""

    async def aclose(self) -> None:
        """Close the connections."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a source's package is given: its variables, the defaults of `contracts/fares.toml` filled in."""

    name: str
    values: Mapping[str, SecretStr]
    prod: bool

    def secret(self, variable: str) -> SecretStr:
        """A key; the settings have made sure that a listed source has it."""
        return self.values[variable]

    def value(self, variable: str) -> str:
        """A setting that is no secret."""
        return self.values[variable].get_secret_value()


class Package(Protocol):
    """What `api/flights/providers/NAME/__init__.py` has."""

    def make(self, access: Access) -> Source:
        """The source."""


def make_source(access: Access) -> Source:
    """The source of that name, by the package of that name."""
    package = cast("Package", importlib.import_module(f"{__package__}.{access.name}"))
    return package.make(access)
