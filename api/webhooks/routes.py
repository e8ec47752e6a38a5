"""Webhooks: make, list, remove, look at what was sent, send it again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, status

from api.access.dependencies import Manages
from api.idempotency.route import IdempotentRoute
from api.provide import provided
from api.webhooks.schemas import Deliveries, Delivery, MadeWebhook, NewWebhook, Webhooks
from api.webhooks.service import WebhookService

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=IdempotentRoute)

HooksDep = Annotated[WebhookService, Depends(provided(WebhookService))]
HookId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
DeliveryId = Annotated[str, Path(pattern=r"^msg_[A-Za-z0-9_-]{1,60}$")]


@router.get("")
async def list_webhooks(hooks: HooksDep, caller: Manages) -> Webhooks:
    """Webhooks of the caller's tenant, newest first."""
    return Webhooks(webhooks=await hooks.all(caller))


@router.post("", status_code=status.HTTP_201_CREATED)
async def make_webhook(wanted: NewWebhook, hooks: HooksDep, caller: Manages, response: Response) -> MadeWebhook:
    """Be told of calls. The answer holds the secret that messages are signed with."""
    response.headers["Cache-Control"] = "no-store"
    return await hooks.make(wanted, caller)


@router.post("/{webhook_id}/remove", status_code=status.HTTP_204_NO_CONTENT)
async def remove_webhook(webhook_id: HookId, hooks: HooksDep, caller: Manages) -> None:
    """Be told no more."""
    await hooks.remove(webhook_id, caller)


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(webhook_id: HookId, hooks: HooksDep, caller: Manages) -> Deliveries:
    """The last hundred messages, newest first."""
    return Deliveries(deliveries=await hooks.deliveries(webhook_id, caller))


@router.post("/{webhook_id}/deliveries/{delivery_id}/replay", status_code=status.HTTP_202_ACCEPTED)
async def replay_delivery(webhook_id: HookId, delivery_id: DeliveryId, hooks: HooksDep, caller: Manages) -> Delivery:
    """Send a message again."""
    return await hooks.replay(webhook_id, delivery_id, caller)
