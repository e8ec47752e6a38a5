"""What the desk shows beside calls, put together for whoever asks: the operator sees every tenant, others their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter

from api.access.caller import DEFAULT_TENANT, Caller, Scope
from api.access.settings import AccessSettings
from api.alerts.service import shown
from api.budgets.service import MICROS, BudgetService
from api.oversight.repository import OversightRepository
from api.oversight.schemas import (
    AlertBook,
    Budget,
    BudgetUse,
    Chore,
    Models,
    OidcSignIn,
    PrivacyBook,
    Queue,
    SignIn,
    TenantBudget,
    TenantRetention,
    UsedModel,
    WatchedAlert,
    Who,
)
from api.privacy.settings import Retention
from contracts.models import REGISTRY, ModelRef, Stage, parse_model
from contracts.records import ConfiguredModel
from contracts.retirement import last_day, retires_soon

AGENT: Final = "agent"
SUMMARIES: Final = "summaries"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class _Report:
    """What is kept of a `contracts.records.ModelsEvent`."""

    models: tuple[ConfiguredModel, ...]


_REPORTED: Final = TypeAdapter(_Report)


def _now() -> datetime:
    return datetime.now(UTC)


class OversightService:
    """One per process; keeps nothing."""

    def __init__(  # noqa: PLR0913 - one look at many domains
        self,
        access: AccessSettings,
        retention: Retention,
        budgets: BudgetService,
        rows: OversightRepository,
        *,
        summary_models: Sequence[ModelRef] = (),
        shared: bool = False,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._access = access
        self._retention = retention
        self._budgets = budgets
        self._rows = rows
        self._summary_models = tuple(summary_models)
        self._shared = shared
        self._now = now

    def sign_in(self) -> SignIn:
        """How to sign in."""
        access = self._access
        if access.desk_client is None or access.oidc_issuer is None or access.oidc_audience is None:
            return SignIn(oidc=None)
        return SignIn(
            oidc=OidcSignIn(
                issuer=access.oidc_issuer,
                client_id=access.desk_client,
                scopes=access.desk_scopes,
                audience=access.oidc_audience,
            )
        )

    @staticmethod
    def who(caller: Caller) -> Who:
        """The caller."""
        return Who(kind=caller.kind, tenant=caller.tenant, scopes=tuple(sorted(caller.scopes)))

    async def models(self) -> Models:
        """Every model that is in use, those that end first before the others."""
        reports = await self._rows.models_reported()
        by: dict[tuple[Stage, str, str], set[str]] = {}
        for _, body in reports:
            for one in _REPORTED.validate_json(body).models:
                by.setdefault((one.stage, one.provider, one.model), set()).add(AGENT)
        if not reports:  # nobody has told: what calls begin with where no setting says otherwise
            for stage in REGISTRY.defaults:
                ref = parse_model(stage, REGISTRY.defaults[stage])
                by.setdefault((stage, ref.provider, ref.model), set()).add(DEFAULT)
        for ref in self._summary_models:
            by.setdefault((ref.stage, ref.provider, ref.model), set()).add(SUMMARIES)
        found = [self._used(*key, who) for key, who in by.items()]
        found.sort(key=lambda one: (one.shutdown is None, one.shutdown or self._now().date(), one.stage, one.model))
        return Models(models=tuple(found), reported_at=reports[0][0] if reports else None)

    async def budget(self, caller: Caller) -> Budget:
        """Budgets of today."""
        whose: list[str | None] = list(self._tenants(caller))
        if caller.tenants is None:
            whose.insert(0, None)
        tenants = [
            TenantBudget(
                tenant=tenant,
                uses=tuple(
                    BudgetUse(limit=use.limit, used=use.used / scale, most=use.most / scale)
                    for use in await self._budgets.today(tenant)
                    for scale in (MICROS if use.limit.endswith("usd") else 1,)
                ),
                refused=await self._budgets.refusals(tenant),
            )
            for tenant in whose
        ]
        return Budget(day=self._now().date(), tenants=tuple(tenants), shared=self._shared)

    async def alerts(self, caller: Caller) -> AlertBook:
        """Price alerts; addresses masked."""
        rows = await self._rows.alerts(caller.tenants)
        counts, overdue = await self._rows.alert_counts(caller.tenants, self._now())
        alerts = tuple(
            WatchedAlert(**shown(row).model_dump(), tenant=row.tenant, in_call=row.session_id is not None)
            for row in rows
        )
        return AlertBook(counts=counts, alerts=alerts, overdue=overdue)

    async def privacy(self, caller: Caller) -> PrivacyBook:
        """What is kept, and the work that ends it."""
        own = {name: self._access.tenant(name).retention_days for name in self._tenants(caller)}
        days = {name: self._retention.turns_days if most is None else most for name, most in own.items()}
        over = await self._rows.kept_too_long(days, self._now())
        chores, queues = await self._rows.jobs() if caller.may(Scope.OPERATE) else ((), ())
        return PrivacyBook(
            records_days=self._retention.records_days,
            intakes_days=self._retention.intakes_days,
            deliveries_days=self._retention.deliveries_days,
            tenants=tuple(TenantRetention(tenant=name, turns_days=days[name], over=over[name]) for name in days),
            summaries=await self._rows.summaries(caller.tenants),
            chores=tuple(Chore(kind=row.kind, next_at=row.run_at, error=row.error or None) for row in chores),
            queues=tuple(Queue(kind=kind, waiting=waiting, failed=failed) for kind, waiting, failed in queues),
        )

    def _tenants(self, caller: Caller) -> tuple[str, ...]:
        if caller.tenants is not None:
            return (caller.tenants,)
        return tuple(dict.fromkeys((DEFAULT_TENANT, *self._access.tenants)))

    def _used(self, stage: Stage, provider: str, model: str, by: set[str]) -> UsedModel:
        known = provider in REGISTRY.providers_of(stage)
        day = last_day(ModelRef(stage, provider, model)) if known else None
        today = self._now().date()
        return UsedModel(
            stage=stage,
            provider=provider,
            model=model,
            by=tuple(sorted(by)),
            shutdown=day,
            days_left=(day - today).days if day else None,
            soon=retires_soon(day, today),
            replacement=REGISTRY.defaults[stage] if day else None,
        )
