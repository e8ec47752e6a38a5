"""Tells operators of calls: ordered with what happened, signed, sent again with longer waits, replayed by hand."""

import asyncio
import contextlib
import ipaddress
import json
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import structlog

from api.access.caller import Caller
from api.access.settings import AccessSettings
from api.calls.repository import CallRepository
from api.calls.service import brief
from api.database.tables import DeliveryRow, WebhookRow
from api.jobs.repository import order
from api.outgoing import trusted
from api.sessions.repository import SessionRecord
from api.webhooks.repository import WebhookRepository
from api.webhooks.schemas import Delivery, HookEvent, MadeWebhook, NewWebhook, Webhook
from api.webhooks.signing import fresh_secret, headers
from contracts.problems import Forbidden, InvalidInput, NotFound, PolyglotError

log = structlog.get_logger("polyglot.webhooks")

DELIVER_JOB: Final = "deliver"
ATTEMPTS: Final = 8
"""Over about ten hours."""
TIMEOUT: Final = 10.0
SHOWN: Final = 100
HOOKS_MAX: Final = 20
_ID_LENGTH: Final = 64


class NotDelivered(Exception):
    """The receiver did not answer with 2xx."""


class WebhookService:
    """Everything about webhooks of operators."""

    def __init__(
        self,
        access: AccessSettings,
        hooks: WebhookRepository,
        calls: CallRepository,
        *,
        local: bool,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._access = access
        self._hooks = hooks
        self._calls = calls
        self._local = local
        self._timeout = TIMEOUT
        self._http = httpx2.AsyncClient(verify=trusted(), timeout=TIMEOUT, transport=transport, follow_redirects=False)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def make(self, wanted: NewWebhook, caller: Caller) -> MadeWebhook:
        """A new webhook with a fresh secret. InvalidInput for an address that we would not call."""
        tenant = wanted.tenant or caller.tenant
        if not caller.sees_tenant(tenant):
            raise Forbidden("tenant: webhooks of another tenant are made by the operator.")
        if not self._access.knows(tenant):
            raise InvalidInput.of("tenant", "there is no such tenant", ", ".join(("default", *self._access.tenants)))
        if await self._address(wanted.url) is None:
            raise InvalidInput.of("url", "is not an address that we call", "https, to a public address")
        if len(await self._hooks.all(tenant)) >= HOOKS_MAX:
            raise InvalidInput.of("url", f"the tenant has {HOOKS_MAX} webhooks already", "fewer: remove one first")
        row = WebhookRow(
            id=secrets.token_hex(8),
            tenant=tenant,
            url=wanted.url,
            secret=fresh_secret(),
            events=" ".join(sorted(set(wanted.events))),
            created_at=datetime.now(UTC),
        )
        made = MadeWebhook(**_shown(row).model_dump(), secret=row.secret)
        await self._hooks.add(row)
        return made

    async def all(self, caller: Caller) -> tuple[Webhook, ...]:
        """Webhooks of the caller's tenant, or of all."""
        return tuple(_shown(row) for row in await self._hooks.all(caller.tenants))

    async def remove(self, webhook_id: str, caller: Caller) -> None:
        """Drop a webhook."""
        await self._hooks.remove((await self._visible(webhook_id, caller)).id)

    async def deliveries(self, webhook_id: str, caller: Caller) -> tuple[Delivery, ...]:
        """The last messages to a webhook, newest first."""
        row = await self._visible(webhook_id, caller)
        return tuple(_delivery(one) for one in await self._hooks.deliveries(row.id, SHOWN))

    async def replay(self, webhook_id: str, delivery_id: str, caller: Caller) -> Delivery:
        """Send a message again, with its own id, so that the receiver can tell."""
        row = await self._visible(webhook_id, caller)
        delivery = await self._hooks.delivery(delivery_id)
        if delivery is None or delivery.webhook_id != row.id:
            raise NotFound("There is no such message.")
        async with self._hooks.database.writing() as db:
            key = f"replay:{delivery.id}:{secrets.token_hex(4)}"
            await order(db, DELIVER_JOB, key, {"delivery_id": delivery.id}, datetime.now(UTC))
        return _delivery(delivery)

    async def observe(self, kind: str, record: SessionRecord) -> None:
        """Tell of something that happened to a call. Never fails: the call goes on."""
        try:
            await self._tell(HookEvent(kind), record.id)
        except PolyglotError as error:
            log.warning("webhook not ordered", kind=kind, error=type(error).__name__)

    async def call_ended(self, payload: Mapping[str, str]) -> None:
        """The job that follows the end of a call."""
        await self._tell(HookEvent.CALL_ENDED, payload["session_id"])

    async def deliver(self, payload: Mapping[str, str]) -> None:
        """The job: one attempt. Raises NotDelivered."""
        delivery = await self._hooks.delivery(payload["delivery_id"])
        hook = await self._hooks.get(delivery.webhook_id) if delivery else None
        if delivery is None or hook is None:
            return  # removed or erased meanwhile
        now = datetime.now(UTC)
        answer = await self._answer(
            hook.url,
            delivery.body.encode(),
            {
                "content-type": "application/json",
                "user-agent": "polyglot-webhooks",
                **headers(hook.secret, delivery.id, now, delivery.body),
            },
        )
        good = answer is not None and 200 <= answer < 300  # noqa: PLR2004 - the standard's own bounds
        await self._hooks.answered(
            delivery.id, status="delivered" if good else "pending", answer=answer, at=now if good else None
        )
        if not good:
            raise NotDelivered

    async def _answer(self, url: str, body: bytes, told: Mapping[str, str]) -> int | None:
        """The status of one call; None for none. Nothing of what the receiver says is read, and a redirect is an answer."""
        address = await self._address(url)
        if address is None:
            return None
        try:
            async with asyncio.timeout(self._timeout), self._calling(url, address, body, told) as response:
                return int(response.status_code)
        except (httpx2.HTTPError, TimeoutError) as error:
            log.info("webhook not answered", error=type(error).__name__)
            return None

    def _calling(
        self, url: str, address: str, body: bytes, told: Mapping[str, str]
    ) -> contextlib.AbstractAsyncContextManager[httpx2.Response]:
        """The call to the very address that was looked at: asked again, a name may lead into our network."""
        parts = urlsplit(url)
        if self._local:
            return self._http.stream("POST", url, content=body, headers=told)
        host = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{host}:{parts.port or 443}", fragment="").geturl()
        return self._http.stream(
            "POST",
            pinned,
            content=body,
            headers={**told, "host": parts.netloc},
            extensions={"sni_hostname": parts.hostname},
        )

    async def give_up(self, payload: Mapping[str, str]) -> None:
        """All attempts failed."""
        delivery = await self._hooks.delivery(payload["delivery_id"])
        if delivery is not None and delivery.status != "delivered":
            await self._hooks.answered(delivery.id, status="failed", answer=delivery.answer, at=None)

    async def announce(self, kind: HookEvent, tenant: str, subject: str, data: Mapping[str, Any]) -> None:
        """Order a message to each webhook of the tenant that wants it; once for a subject."""
        now = datetime.now(UTC)
        async with self._hooks.database.writing() as db:
            for hook in await self._hooks.of_tenant(db, tenant):
                if kind.value not in hook.events.split():
                    continue
                delivery_id = _message_id(kind, subject, hook.id)
                if await db.get(DeliveryRow, delivery_id) is not None:
                    continue
                body: dict[str, Any] = {
                    "type": kind.value,
                    "timestamp": now.isoformat(),
                    "data": data,
                }
                db.add(
                    DeliveryRow(
                        id=delivery_id,
                        webhook_id=hook.id,
                        tenant=tenant,
                        kind=kind.value,
                        body=json.dumps(body, ensure_ascii=False),
                        created_at=now,
                        status="pending",
                    )
                )
                await order(db, DELIVER_JOB, f"deliver:{delivery_id}", {"delivery_id": delivery_id}, now)

    async def _tell(self, kind: HookEvent, session_id: str) -> None:
        row = await self._calls.get(session_id)
        if row is not None:
            await self.announce(kind, row.tenant, row.id, brief(row).model_dump(mode="json"))

    async def _visible(self, webhook_id: str, caller: Caller) -> WebhookRow:
        row = await self._hooks.get(webhook_id)
        if row is None or not caller.sees_tenant(row.tenant):
            raise NotFound("There is no such webhook.")
        return row

    async def _address(self, url: str) -> str | None:
        """Where to call; None when that is not public: a tenant must not reach into our own network through us.

        Asked before every attempt, because a name may lead elsewhere by then. On one's own machine all is allowed.
        """
        parts = urlsplit(url)
        if self._local:
            return parts.hostname or None
        if parts.scheme != "https" or not parts.hostname or parts.username:
            return None
        try:
            found = await _addresses(parts.hostname, parts.port or 443)
        except (OSError, UnicodeError, ValueError):
            return None
        return str(found[0]) if found and all(map(_public, found)) else None


_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a translator (NAT64) reaches them, which their form does not say to be private."""


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = address
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            inner = address.ipv4_mapped or address.sixtofour or address
    return inner.is_global and not inner.is_multicast


def _message_id(kind: HookEvent, subject: str, hook_id: str) -> str:
    name = f"msg_{kind.value.replace('.', '_')}_{subject}_{hook_id}"
    return name if len(name) <= _ID_LENGTH else f"msg_{sha256(name.encode()).hexdigest()[:40]}"


async def _addresses(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Where a host leads: itself when it is an address, else what the resolver says."""
    with contextlib.suppress(ValueError):
        return [ipaddress.ip_address(host)]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


def _shown(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        tenant=row.tenant,
        url=row.url,
        events=tuple(HookEvent(name) for name in row.events.split()),
        created_at=row.created_at,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery.model_validate(
        {
            name: getattr(row, name)
            for name in ("id", "kind", "created_at", "status", "attempts", "answer", "delivered_at")
        }
    )
