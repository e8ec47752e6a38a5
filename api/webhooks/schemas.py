"""Webhooks as operators make and read them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.access.schemas import TenantName


class HookEvent(StrEnum):
    """What an operator can be told of."""

    CALL_STARTED = "call.started"
    CALL_FAILED = "call.failed"
    """No agent came; the call may still be rescued."""
    CALL_ENDED = "call.ended"
    ALERT_PRICE = "alert.price"
    """The price of a journey fell to what somebody waits for."""


class NewWebhook(BaseModel):
    """Body of `POST /v1/webhooks`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s/@]+(/\S*)?$")]
    """https, to a public address."""
    events: Annotated[tuple[HookEvent, ...], Field(min_length=1, max_length=len(HookEvent))]
    tenant: TenantName | None = None
    """None: the caller's own."""


class Webhook(BaseModel):
    """A webhook, without its secret."""

    id: str
    tenant: str
    url: str
    events: tuple[HookEvent, ...]
    created_at: AwareDatetime


class MadeWebhook(Webhook):
    """A webhook that was just made."""

    secret: str
    """Verify messages with it, by any library of standardwebhooks.com; it is not shown again."""


class Webhooks(BaseModel):
    """Webhooks, newest first."""

    webhooks: tuple[Webhook, ...]


class Delivery(BaseModel):
    """One message."""

    id: str
    kind: HookEvent
    created_at: AwareDatetime
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    answer: int | None
    """HTTP status of the last attempt; None: there was no answer."""
    delivered_at: AwareDatetime | None


class Deliveries(BaseModel):
    """Messages to one webhook, newest first."""

    deliveries: tuple[Delivery, ...]
