"""A batch offer request: created, then asked again until it has no more (duffel.com/docs/api/v2/batch-offer-requests).

Shapes: BatchOfferRequestsTypes.ts of github.com/duffelhq/duffel-api-javascript.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from pydantic_core import from_json

from api.flights.providers.duffel.offers import PROVIDER, Choosing
from api.flights.providers.faults import SOON, AnswerUnreadable
from contracts.flights import Offer, SearchQuery


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer: what came since the one before it."""

    id: str
    remaining: int
    """Batches that are still to come."""
    items: tuple[Any, ...]


def read_batch(body: bytes) -> Batch:
    """The answer to the request's creation, or to one look at it; AnswerUnreadable when it is neither."""
    try:
        data = from_json(body, cache_strings="all")["data"]
        items = data.get("offers") or ()
        batch = Batch(str(data["id"]), int(data["remaining_batches"]), tuple(items))
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        raise AnswerUnreadable(f"{PROVIDER}: the answer is not a batch of offers", again_in=SOON) from None
    if not batch.id.replace("_", "").isalnum() or batch.remaining < 0:
        raise AnswerUnreadable(f"{PROVIDER}: the batch has no usable id or count")
    return batch


class Gathered:
    """The offers of all batches, of every pair of airports that was asked for."""

    def __init__(
        self, query: SearchQuery, now: Callable[[], datetime], found: Callable[[tuple[Offer, ...]], None]
    ) -> None:
        self.query = query
        self._now = now
        self._found = found
        self._choosing = Choosing(query)
        self._lock = Lock()  # batches are read in threads
        self._news = False
        self.offers: tuple[Offer, ...] = ()
        self.fault: AnswerUnreadable | None = None
        """There were offers, and none of them can be read."""

    @property
    def received(self) -> int:
        """Offers that came."""
        return self._choosing.received

    @property
    def unreadable(self) -> int:
        """Offers that were left out."""
        return self._choosing.unreadable

    @property
    def cut(self) -> bool:
        """Whether there is more than was chosen."""
        return self._choosing.cut

    @property
    def test_mode(self) -> bool:
        """Whether any of them is made up."""
        return self._choosing.test_mode

    def add(self, batch: Batch) -> None:
        """Read what a batch brought; one in which nothing can be read does not cost the others."""
        if not batch.items:
            return
        with self._lock:
            self._choosing.add(batch.items, self._now())
            try:
                self.offers, self.fault = self._choosing.choose(), None
            except AnswerUnreadable as fault:
                self.fault = fault
            self._news = True

    def tell(self) -> None:
        """Show what is new; on the loop."""
        if self._news and self.offers:
            self._news = False
            self._found(self.offers)
