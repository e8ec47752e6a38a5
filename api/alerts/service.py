"""Price alerts: made by a page, by voice or by the API; checked by a job; told by e-mail and webhook; erased on request."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date
from babel.numbers import format_currency
from pydantic import ValidationError

from api.access.caller import Caller, Kind
from api.alerts.mail import Mailer, words
from api.alerts.repository import AlertRepository, token_hash
from api.alerts.settings import AlertSettings
from api.database.tables import PriceAlertRow
from api.flights.filters import keep
from api.flights.providers.base import Fares
from api.flights.providers.chain import FareChain
from api.flights.repository import FlightRepository
from api.flights.schemas import JourneyParams
from api.flights.service import FlightService
from api.sessions.repository import SessionRecord
from api.webhooks.schemas import HookEvent
from api.webhooks.service import WebhookService
from contracts.alerts import Alert, AlertStatus, MadeAlert, NewAlert
from contracts.flights import Money, Offer, PriceKind, SearchQuery
from contracts.languages import language
from contracts.problems import Forbidden, InvalidInput, NotFound, PolyglotError, Unauthorised, field_problems

log = structlog.get_logger("polyglot.alerts")

CHECKS_AT_ONCE: Final = 50
"""Alerts whose check one round orders; the next round comes in minutes."""
FALLEN: Final = Decimal("0.99")
"""Without a wished price a fall of one per cent is worth a message."""
WAITING_MAX: Final = 3
"""Messages that ask one address to confirm, in a day: nobody is flooded through us."""
NO_MAIL: Final = "e-mail is not set up here"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose alerts they are."""

    tenant: str
    id: str
    session_id: str | None = None


def owner_of(caller: Caller, record: SessionRecord | None) -> Owner | None:
    """The call's of somebody in one, else a key's or user's own; None for strangers, who have their tokens alone."""
    if record is not None:
        return Owner(record.tenant, f"session:{record.id}", record.id)
    if caller.kind in {Kind.KEY, Kind.USER, Kind.OPERATOR}:
        return Owner(caller.tenant, caller.id)
    return None


class AlertService:
    """Everything about price alerts."""

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place
        self,
        settings: AlertSettings,
        alerts: AlertRepository,
        flights: FlightService,
        chain: FareChain,
        kept: FlightRepository,
        hooks: WebhookService,
        *,
        key: str,
        page_url: str | None,
        nudge: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key = key.encode()
        self._settings = settings
        self._alerts = alerts
        self._flights = flights
        self._chain = chain
        self._kept = kept
        self._hooks = hooks
        self._page_url = page_url.rstrip("/") if page_url else None
        self._mailer = Mailer(settings)
        self._nudge = nudge
        self._now = now

    async def make(self, wanted: NewAlert, caller: Caller, owner: Owner | None) -> MadeAlert:
        """A new alert. InvalidInput for a journey or an address that cannot be used, NotFound for an old search."""
        query, lowest = await self._journey(wanted)
        now = self._now()
        # The end of that day where the journey begins.
        zone = ZoneInfo(query.origin.time_zone)
        ends = datetime.combine(query.departure_date + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
        if ends <= now:
            raise InvalidInput.of("search", f"{query.departure_date} is over", "a departure in the future")
        alert_id = secrets.token_hex(12)
        token = self._token(alert_id)
        whose = owner or Owner(caller.tenant, f"alert:{alert_id}")
        await self._check_room(wanted, whose, now)
        row = PriceAlertRow(
            id=alert_id,
            tenant=whose.tenant,
            session_id=whose.session_id,
            owner=whose.id,
            token_hash=token_hash(token),
            query=query.model_dump_json(),
            language=language(wanted.language).code,
            max_price=wanted.max_price,
            email=wanted.email,
            status=(AlertStatus.UNCONFIRMED if wanted.email else AlertStatus.ACTIVE).value,
            created_at=now,
            ends_at=ends,
            next_check_at=now + timedelta(hours=self._settings.hours),
            last_amount=lowest,
            # A wished price is told whenever it is reached, a fall only from here on.
            told_amount=None if wanted.max_price else lowest,
            currency=query.currency,
        )
        made = MadeAlert(**shown(row).model_dump(), token=token)
        mail = {"alert_id": alert_id, "kind": "confirm"} if wanted.email else None
        await self._alerts.add(row, mail, now)
        self._nudge()
        return made

    async def all(self, owner: Owner | None, token: str | None) -> tuple[Alert, ...]:
        """An owner's alerts, or the one of a token."""
        if token is not None:
            row = await self._alerts.of_token(token)
            return (shown(row),) if row else ()
        if owner is None:
            raise Unauthorised("X-Alert-Token or Authorization: credentials are needed.")
        return tuple(shown(row) for row in await self._alerts.of_owner(owner.tenant, owner.id))

    async def pause(self, alert_id: str, owner: Owner | None, token: str | None, *, paused: bool) -> Alert:
        """Stop checking, or go on. Forbidden before the address has confirmed."""
        row = await self._own(alert_id, owner, token)
        if row.status == AlertStatus.UNCONFIRMED.value:
            raise Forbidden("The alert is not confirmed yet.")
        await self._alerts.set_status(row.id, AlertStatus.PAUSED if paused else AlertStatus.ACTIVE)
        return shown(await self._own(alert_id, owner, token))

    async def remove(self, alert_id: str, owner: Owner | None, token: str | None) -> None:
        """Erase an alert, its address with it."""
        await self._alerts.remove((await self._own(alert_id, owner, token)).id)

    async def of_token(self, token: str) -> Alert | None:
        """The alert of a link in an e-mail."""
        row = await self._alerts.of_token(token)
        return shown(row) if row else None

    async def language_of(self, token: str) -> str:
        """The language of an alert, else English."""
        row = await self._alerts.of_token(token)
        return row.language if row else "en"

    async def confirm(self, token: str) -> bool:
        """The address agrees."""
        row = await self._alerts.of_token(token)
        if row is not None and row.status == AlertStatus.UNCONFIRMED.value:
            await self._alerts.set_status(row.id, AlertStatus.ACTIVE)
        return row is not None

    async def unsubscribe(self, token: str) -> bool:
        """Erase by the token in the e-mail; whether there was anything to erase."""
        row = await self._alerts.of_token(token)
        if row is not None:
            await self._alerts.remove(row.id)
        return row is not None

    async def order_checks(self, _payload: Mapping[str, str]) -> None:
        """The chore: a job for each alert that is due."""
        now = self._now()
        if await self._alerts.order_checks(now, now + timedelta(hours=self._settings.hours), CHECKS_AT_ONCE):
            self._nudge()

    async def check(self, payload: Mapping[str, str]) -> None:
        """The job: search, and tell when it is worth telling. Raises what is worth another try."""
        row = await self._alerts.get(payload["alert_id"])
        if row is None or row.status != AlertStatus.ACTIVE.value or row.ends_at <= self._now():
            return
        query = SearchQuery.model_validate_json(row.query)
        fares = await self._chain.search(query)
        if row.max_price is None and row.told_amount is None:
            await self._begin(row, fares, query)
            return
        offer = cheapest(fares, query, row.currency)
        if offer is None and fares.offers:
            log.warning("alert without a price", alert_id=row.id, currency=row.currency)
        amount = offer.total.amount if offer else None
        told = amount if amount is not None and worth_telling(row, Decimal(amount)) else None
        await self._alerts.checked(row.id, amount, told, self._mailer.ready and row.email is not None, self._now())
        if told is not None:
            fresh = await self._alerts.get(row.id)
            data = shown(fresh or row).model_dump(mode="json", exclude={"email"}) | {"call_id": row.session_id}
            await self._hooks.announce(HookEvent.ALERT_PRICE, row.tenant, f"{row.id}_{told}", data)
            self._nudge()

    async def _begin(self, row: PriceAlertRow, fares: Fares, query: SearchQuery) -> None:
        """Without a wished price the first one is what later ones are compared with, in whatever currency it is sold."""
        currencies = [row.currency, *(offer.total.currency for offer in fares.offers)]
        found = (cheapest(fares, query, currency) for currency in dict.fromkeys(currencies))
        offer = next((one for one in found if one is not None), None)
        if offer is None:
            await self._alerts.checked(row.id, None, None, mail=False, now=self._now())
        else:
            await self._alerts.begin(row.id, offer.total, self._now())

    async def mail(self, payload: Mapping[str, str]) -> None:
        """The job: one message. Raises NotSent."""
        row = await self._alerts.get(payload["alert_id"])
        if row is None or row.email is None:
            return  # erased meanwhile
        token = self._token(row.id)
        if row.token_hash != token_hash(token):  # our key was replaced since
            await self._alerts.set_token(row.id, token)
        if payload["kind"] == "price":
            await self._mail_price(row, token)
        elif row.status == AlertStatus.UNCONFIRMED.value:
            await self._mail_confirm(row, token)

    async def _mail_confirm(self, row: PriceAlertRow, token: str) -> None:
        told, fields = words(row.language), self._fields(row)
        confirm = f"{self._page_url}/v1/alerts/links/confirm?token={token}"
        unsubscribe = f"{self._page_url}/v1/alerts/links/unsubscribe?token={token}"
        subject = told["confirm_subject"].format(**fields)
        await self._mailer.send(
            row.email or "",
            subject,
            told["confirm_body"].format(confirm=confirm, **fields),
            unsubscribe,
            key=f"alert.{row.id}.confirm",
        )

    async def _mail_price(self, row: PriceAlertRow, token: str) -> None:
        told, fields = words(row.language), self._fields(row)
        price = _price(row.told_amount or "0", row)
        unsubscribe = f"{self._page_url}/v1/alerts/links/unsubscribe?token={token}"
        query = SearchQuery.model_validate_json(row.query)
        first = query.legs[0]
        link = f"{self._page_url}/?origin={query.origin.code}&destination={query.destination.code}&departure_date={first.date}"
        body = told["price_body"].format(
            price=price, before="", sample=self._sample_note(row), link=link, unsubscribe=unsubscribe, **fields
        )
        subject = told["price_subject"].format(price=price, **fields)
        key = f"alert.{row.id}.{row.told_amount}"
        await self._mailer.send(row.email or "", subject, body, unsubscribe, key=key)

    def _sample_note(self, row: PriceAlertRow) -> str:
        sample = any(source.price_kind is PriceKind.SAMPLE for source in self._chain.sources)
        return words(row.language)["sample"] if sample else ""

    def _token(self, alert_id: str) -> str:
        """Made from our key, so that it need not be kept for the e-mails that hold it."""
        return hmac.new(self._key, f"alert:{alert_id}".encode(), sha256).hexdigest()[:48]

    def _fields(self, row: PriceAlertRow) -> dict[str, str]:
        query = SearchQuery.model_validate_json(row.query)
        stops = [query.origin.name, *(leg.destination.name for leg in query.legs)]
        locale = language(row.language).tag.replace("-", "_")
        return {"route": " – ".join(stops), "date": format_date(query.departure_date, "long", locale=locale)}

    async def _journey(self, wanted: NewAlert) -> tuple[SearchQuery, str | None]:
        """What is searched for, and its lowest price where that is known."""
        if wanted.search_id is not None:
            result = await self._kept.search(wanted.search_id)
            if result is None:
                raise NotFound("That search is too old or was never made here; search again.")
            return result.query, min((offer.total for offer in result.offers), key=_decimal, default=_NOTHING).amount
        try:
            params = JourneyParams.model_validate(wanted.search)
        except ValidationError as error:
            problems = field_problems(error.errors(include_url=False, include_input=False))
            told = tuple(one.model_copy(update={"field": f"search.{one.field}"}) for one in problems)
            raise InvalidInput("; ".join(f"{one.field}: {one.problem}" for one in told), errors=told) from None
        query = self._flights.resolve(params).query
        return query, await self._lowest(query) if wanted.asks_a_source else None

    async def _lowest(self, query: SearchQuery) -> str | None:
        """What it costs now, where a source tells. InvalidInput when it is sold in other currencies than that of the wish."""
        try:
            fares = await self._chain.search(query)
        except PolyglotError:
            return None
        sold = sorted({offer.total.currency for offer in fares.offers})
        if sold and query.currency not in sold:
            told = " or ".join(sold)
            problem = f"this journey is sold in {told} and not in {query.currency}, so that nothing can be compared"
            raise InvalidInput.of("max_price", problem, f"a price in {told}, with search.currency saying so")
        offer = cheapest(fares, query, query.currency)
        return offer.total.amount if offer else None

    async def _check_room(self, wanted: NewAlert, owner: Owner, now: datetime) -> None:
        if wanted.email and not (self._mailer.ready and self._page_url):
            raise InvalidInput.of("email", NO_MAIL, "no e-mail; the alert is listed and told to webhooks")
        since = now - timedelta(days=1)
        mine, address, waiting = await self._alerts.count(
            tenant=owner.tenant, owner=owner.id, email=wanted.email, since=since
        )
        if mine >= self._settings.most:
            raise InvalidInput.of("search", f"there are {mine} alerts already", f"at most {self._settings.most}")
        if wanted.email and (address >= self._settings.most or waiting >= WAITING_MAX):
            raise InvalidInput.of("email", "too many alerts wait for this address", "confirm or remove one first")

    async def _own(self, alert_id: str, owner: Owner | None, token: str | None) -> PriceAlertRow:
        """The alert, for its owner or whoever has its token; for everybody else it does not exist."""
        row = await self._alerts.get(alert_id)
        by_token = row is not None and token is not None and secrets.compare_digest(row.token_hash, token_hash(token))
        by_owner = row is not None and owner is not None and (row.tenant, row.owner) == (owner.tenant, owner.id)
        if row is None or not (by_token or by_owner):
            raise NotFound("There is no such alert.")
        return row


_NOTHING: Final = Money(amount="0", currency="XXX")


def _decimal(money: Money) -> Decimal:
    return money.decimal


def cheapest(fares: Fares, query: SearchQuery, currency: str) -> Offer | None:
    """The cheapest offer in the currency of the alert that keeps to its filters."""
    comparable = [offer for offer in fares.offers if offer.total.currency == currency]
    fitting, _ = keep(comparable, query.filters)
    return min(fitting, key=lambda offer: offer.total.decimal, default=None)


def worth_telling(row: PriceAlertRow, amount: Decimal) -> bool:
    """At or below the wished price, and lower than what was told; without one, lower than before by a per cent."""
    told = Decimal(row.told_amount) if row.told_amount else None
    if row.max_price is not None:
        return amount <= Decimal(row.max_price) and (told is None or amount < told)
    return told is not None and amount <= told * FALLEN


def _price(amount: str, row: PriceAlertRow) -> str:
    return format_currency(Decimal(amount), row.currency, locale=language(row.language).tag.replace("-", "_"))


def shown(row: PriceAlertRow) -> Alert:
    """An alert as its owner sees it."""
    query = SearchQuery.model_validate_json(row.query)
    return Alert(
        id=row.id,
        query=query,
        currency=row.currency,
        max_price=row.max_price,
        email=_masked(row.email),
        status=AlertStatus(row.status),
        last_price=Money(amount=row.last_amount, currency=row.currency) if row.last_amount else None,
        checked_at=row.checked_at,
        created_at=row.created_at,
        ends_on=query.departure_date,
    )


def _masked(email: str | None) -> str | None:
    if email is None:
        return None
    name, _, host = email.rpartition("@")
    return f"{name[0]}…@{host}"
