"""Budgets: asked before a call or a search, counted when it happens, told when they are nearly used up.

A token that nobody uses costs nothing: a call counts from the first sight of its room. So a token is refused while a
budget is used up, and a call that starts beyond it all the same (many tokens, fetched before any was used) ends at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, get_args

from api.access.caller import Caller, Kind
from api.access.settings import AccessSettings
from api.budgets.ledger import Ledger
from api.budgets.settings import Budgets
from contracts.dispatch import CallLimits
from contracts.marks import session_mark
from contracts.problems import BudgetSpent
from contracts.records import Allowance, EndReason

MICROS: Final = 1_000_000
HARD_END: Final = 60.0
"""Seconds after a call's longest time at which we close the room, if its agent has not ended it softly."""
PLACE_RETRY: Final = 15
"""Seconds after which to ask again for a place: calls end all the time."""
WARNED_SECONDS: Final = 60
"""What a call has left from the moment in which money runs short."""

ACCOUNTS: Final = 2048
"""Callers whose limits are kept at hand."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a call or a search is counted for."""

    caller: str
    tenant: str

    @property
    def is_stranger(self) -> bool:
        """Whether it is an address and nothing else."""
        return self.caller.startswith("address:")


@dataclass(frozen=True, slots=True)
class Use:
    """One limit and what is used of it."""

    limit: str
    """As its setting, without the prefix: `tenant_daily_usd`."""
    used: int
    """Calls, or millionths of a dollar."""
    most: int


Rate = Literal["sessions", "tokens", "searches", "places", "reads", "receipts"]
"""What is counted by the minute and the caller."""

LIMITS: Final = (
    "address_calls",
    "address_daily_calls",
    "address_daily_searches",
    "caller_calls",
    "caller_daily_calls",
    "caller_daily_searches",
    "tenant_calls",
    "tenant_daily_calls",
    "tenant_daily_usd",
    "total_calls",
    "total_daily_calls",
    "total_daily_usd",
    "call_searches",
)
"""Every limit that refuses somebody."""
EVERYBODY: Final = "*"
"""Whose refusals are counted beside each tenant's; no tenant is called so."""


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    key: str
    most: int
    whose: str


def _now() -> datetime:
    return datetime.now(UTC)


class BudgetService:
    """One per process."""

    def __init__(
        self, budgets: Budgets, access: AccessSettings, ledger: Ledger, now: Callable[[], datetime] = _now
    ) -> None:
        self._budgets = budgets
        self._access = access
        self._ledger = ledger
        self._now = now
        # Asked for every request, and the same for the same caller all day.
        self._places = lru_cache(ACCOUNTS)(self._places_of)
        self._days_calls = lru_cache(ACCOUNTS)(self._days_calls_of)
        self._days_money = lru_cache(ACCOUNTS)(self._days_money_of)

    def limits(self) -> CallLimits:
        """What one call may use, for its agent."""
        minutes, searches = self._budgets.call_minutes, self._budgets.call_searches
        return CallLimits(seconds=max(1, round(minutes * 60)) if minutes else None, searches=searches or None)

    @property
    def longest(self) -> float | None:
        """Seconds after which we end a call ourselves."""
        minutes = self._budgets.call_minutes
        return minutes * 60 + HARD_END if minutes else None

    async def check_call(self, account: Account) -> None:
        """Raise BudgetSpent when no more call may start now."""
        for limit in self._places(account):
            if await self._ledger.taken(limit.key) >= limit.most:
                await self._refused(limit.name, account.tenant)
                raise BudgetSpent(
                    f"As many calls as {limit.whose} may have are running: {limit.most}.",
                    retry_after=PLACE_RETRY,
                    limit=limit.most,
                )
        for limit in self._daily_calls(account):
            if await self._ledger.total(limit.key) >= limit.most:
                await self._refused(limit.name, account.tenant)
                raise self._tomorrow(f"The calls of {limit.whose} for today are used up: {limit.most}.", limit.most)
        for limit in self._money(account.tenant):
            if await self._ledger.total(limit.key) >= limit.most:
                await self._refused(limit.name, account.tenant)
                raise self._tomorrow(f"The money of {limit.whose} for today is used up.", limit.most // MICROS)

    async def call_started(self, session_id: str, account: Account) -> bool:
        """Count a call whose room was seen; False when it is one too many."""
        fits = True
        seconds = (self.longest or 6 * 3600.0) + HARD_END
        for limit in self._places(account):
            fits &= await self._ledger.enter(limit.key, session_id, seconds) <= limit.most
        for limit in self._daily_calls(account):
            fits &= await self._ledger.add(limit.key, 1, self._left_today()) <= limit.most
        return fits

    async def call_ended(self, session_id: str, account: Account) -> None:
        """Give the call's places back."""
        for limit in self._places(account):
            await self._ledger.leave(limit.key, session_id)

    async def check_search(self, caller: Caller) -> None:
        """Count a search of somebody who is in no call. Raises BudgetSpent."""
        stranger = caller.kind is Kind.ANONYMOUS
        most = self._budgets.address_daily_searches if stranger else self._budgets.caller_daily_searches
        if (
            most
            and await self._ledger.add(_dated(f"searches:{caller.id}", self._today()), 1, self._left_today()) > most
        ):
            await self._refused("address_daily_searches" if stranger else "caller_daily_searches", caller.tenant)
            raise self._tomorrow(f"The searches for today are used up: {most}.", most)

    async def check_call_search(self, room: str) -> None:
        """Count a search of a call's agent. Raises BudgetSpent."""
        most = self._budgets.call_searches
        if most and await self._ledger.add(f"searches:room:{room}", 1, 6 * 3600.0) > most:
            await self._refused("call_searches", None)
            raise BudgetSpent(f"This call has made its {most} searches.", retry_after=60, limit=most)

    async def spent(self, session_id: str, tenant: str, micros: int) -> Allowance:
        """Count money of a call, in millionths of a dollar; how much longer it may go on."""
        day = self._left_today()
        used = await self._ledger.add(f"usd:call:{session_mark(session_id)}", micros, 6 * 3600.0)
        most = int(self._budgets.call_usd * MICROS)
        over, near = bool(most) and used >= most, bool(most) and used >= most * 9 // 10
        for limit in self._money(tenant):
            total = await self._ledger.add(limit.key, micros, day)
            over |= total >= limit.most
        if over:
            return Allowance(seconds_left=0, reason=EndReason.BUDGET)
        return Allowance(seconds_left=WARNED_SECONDS, reason=EndReason.BUDGET) if near else Allowance()

    async def today(self, tenant: str | None) -> tuple[Use, ...]:
        """What is used now, or since midnight UTC, of the limits of a tenant; None: of the deployment's.

        A limit that is not set is not counted either.
        """
        prefix = "total_" if tenant is None else "tenant_"
        account = Account("", tenant or "")
        uses = [
            Use(limit.name, await self._ledger.taken(limit.key), limit.most)
            for limit in self._places(account)
            if limit.name.startswith(prefix)
        ]
        uses += [
            Use(limit.name, await self._ledger.total(limit.key), limit.most)
            for limit in (*self._daily_calls(account), *self._money(account.tenant))
            if limit.name.startswith(prefix)
        ]
        return tuple(uses)

    async def refusals(self, tenant: str | None) -> dict[str, int]:
        """How often each limit refused somebody of a tenant since midnight UTC; None: anybody."""
        names = (*LIMITS, *(f"rate_{rate}" for rate in get_args(Rate)))
        counts = {name: await self._ledger.total(self._refusals(name, tenant or EVERYBODY)) for name in names}
        return {name: count for name, count in counts.items() if count}

    async def too_many(self, rate: Rate, tenant: str) -> None:
        """Count a request that was one too many in its minute."""
        await self._refused(f"rate_{rate}", tenant)

    async def _refused(self, name: str, tenant: str | None) -> None:
        for whose in (EVERYBODY, tenant) if tenant else (EVERYBODY,):
            await self._ledger.add(self._refusals(name, whose), 1, self._left_today())

    def _refusals(self, name: str, whose: str) -> str:
        return _dated(f"refused:{whose}:{name}", self._today())

    def _places_of(self, account: Account) -> tuple[_Limit, ...]:
        own = self._budgets.address_calls if account.is_stranger else self._budgets.caller_calls
        tenant = self._access.tenant(account.tenant).calls
        return _limits(
            _Limit(
                f"{_own(account)}_calls",
                f"places:{account.caller}",
                own,
                "one address" if account.is_stranger else "one caller",
            ),
            _Limit(
                "tenant_calls",
                f"places:tenant:{account.tenant}",
                self._budgets.tenant_calls if tenant is None else tenant,
                "the tenant",
            ),
            _Limit("total_calls", "places:total", self._budgets.total_calls, "the deployment"),
        )

    def _daily_calls(self, account: Account) -> tuple[_Limit, ...]:
        return self._days_calls(account, self._today())

    def _days_calls_of(self, account: Account, day: int) -> tuple[_Limit, ...]:
        own = self._budgets.address_daily_calls if account.is_stranger else self._budgets.caller_daily_calls
        tenant = self._access.tenant(account.tenant).daily_calls
        return _limits(
            _Limit(
                f"{_own(account)}_daily_calls",
                _dated(f"calls:{account.caller}", day),
                own,
                "one address" if account.is_stranger else "one caller",
            ),
            _Limit(
                "tenant_daily_calls",
                _dated(f"calls:tenant:{account.tenant}", day),
                self._budgets.tenant_daily_calls if tenant is None else tenant,
                "the tenant",
            ),
            _Limit("total_daily_calls", _dated("calls:total", day), self._budgets.total_daily_calls, "the deployment"),
        )

    def _money(self, tenant: str) -> tuple[_Limit, ...]:
        return self._days_money(tenant, self._today())

    def _days_money_of(self, tenant: str, day: int) -> tuple[_Limit, ...]:
        own = self._access.tenant(tenant).daily_usd
        return _limits(
            _Limit(
                "tenant_daily_usd",
                _dated(f"usd:tenant:{tenant}", day),
                _micros(self._budgets.tenant_daily_usd if own is None else own),
                "the tenant",
            ),
            _Limit(
                "total_daily_usd", _dated("usd:total", day), _micros(self._budgets.total_daily_usd), "the deployment"
            ),
        )

    def _today(self) -> int:
        now = self._now()
        return now.year * 10_000 + now.month * 100 + now.day

    def _left_today(self) -> float:
        now = self._now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()

    def _tomorrow(self, detail: str, limit: int) -> BudgetSpent:
        return BudgetSpent(detail, retry_after=max(1, round(self._left_today())), limit=limit)


def _own(account: Account) -> str:
    return "address" if account.is_stranger else "caller"


def _limits(*limits: _Limit) -> tuple[_Limit, ...]:
    return tuple(limit for limit in limits if limit.most)


def _dated(key: str, day: int) -> str:
    return f"{key}:{day}"


def _micros(usd: Decimal) -> int:
    return int(usd * MICROS)
