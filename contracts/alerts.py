"""Price alerts: a journey that somebody wants to hear of when it gets cheaper."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from contracts.flights import CurrencyCode, Money, SearchQuery
from contracts.wire import Wire

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^@\s<>\"',;:()\[\]\\]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,63}$"
    ),
]
"""One plain address; nothing that could be a second one or a header."""
Price = Annotated[str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,3})?$")]


class AlertStatus(StrEnum):
    """How an alert stands."""

    UNCONFIRMED = "unconfirmed"
    """The address has not confirmed it yet: nothing is checked and nothing more is sent."""
    ACTIVE = "active"
    PAUSED = "paused"


class NewAlert(Wire):
    """Body of `POST /v1/alerts`: the journey of an answer of the last hour, or a search to be resolved like any other."""

    search_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = None
    search: dict[str, object] | None = Field(default=None, description="As the body of `POST /v1/flights/search`")
    max_price: Price | None = Field(
        default=None,
        description="Tell at or below this, in the currency of the search, in which it must be sold; else when it gets cheaper",
    )
    email: Email | None = Field(default=None, description="Asked to confirm first; without it only webhooks are told")
    language: Annotated[str, StringConstraints(max_length=20)] = "en"

    @property
    def asks_a_source(self) -> bool:
        """Whether making it searches: to see in which currency the journey is sold."""
        return self.search is not None and self.max_price is not None

    @model_validator(mode="after")
    def _one_journey(self) -> Self:
        if (self.search_id is None) is (self.search is None):
            raise ValueError("either search_id or search must be given")
        return self


class Alert(Wire):
    """An alert as its owner sees it."""

    id: str
    query: SearchQuery
    currency: CurrencyCode
    max_price: Price | None
    email: str | None
    """Masked."""
    status: AlertStatus
    last_price: Money | None
    """The lowest at the last check."""
    checked_at: AwareDatetime | None
    created_at: AwareDatetime
    ends_on: dt.date
    """The day of departure, after which it is erased."""


class MadeAlert(Alert):
    """An alert that was just made."""

    token: str
    """Manages it without other credentials, in the header `X-Alert-Token`; not shown again."""


class Alerts(Wire):
    """Alerts of one owner, newest first."""

    alerts: tuple[Alert, ...]


class AlertChange(Wire):
    """Body of `PATCH /v1/alerts/{alert_id}`."""

    paused: bool
