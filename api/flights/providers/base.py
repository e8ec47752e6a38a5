"""The seam behind which every fare source sits."""

from typing import Protocol

from contracts.flights import Offer, PriceKind, SearchQuery


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

    async def search(self, query: SearchQuery, deadline: float) -> tuple[Offer, ...]:
        """Offers in any order; empty when there is none.

        The currency of the query is a wish: a source that cannot choose gives the currency that it has, and every offer
        says its own. `deadline` is how many seconds the source may take; the chain cancels it then. Raises InvalidInput
        for what the traveller must mend, which ends the search; anything else counts as a failure of the source, and
        the next one is asked (`faults` has the kinds).
        """

    async def ready(self) -> bool:
        """Whether a search now is likely to be answered; cheap, and it never raises."""

    async def aclose(self) -> None:
        """Close the connections."""
