"""The seam behind which every fare source sits."""

from typing import Protocol

from contracts.flights import Offer, PriceKind, SearchQuery


class FareSource(Protocol):
    """Something that prices journeys: an airline aggregator, a metasearch, the sample data."""

    name: str
    """As in POLYGLOT_FARE_SOURCES and in `Offer.provider`."""
    price_kind: PriceKind

    async def search(self, query: SearchQuery, deadline: float) -> tuple[Offer, ...]:
        """Offers in the currency of the query, in any order; empty when there is none.

        `deadline` is how many seconds the source may take; the chain cancels it then. Raises FaresUnavailable, or any
        other PolyglotError that the traveller must hear of; whatever else it raises counts as a failure of the source.
        """

    async def ready(self) -> bool:
        """Whether a search now is likely to be answered; cheap, and it never raises."""

    async def aclose(self) -> None:
        """Close the connections."""
