"""What the desk shows beside calls, keys and webhooks."""

import datetime as dt

from pydantic import AwareDatetime, BaseModel, Field

from api.access.caller import Kind, Scope
from contracts.alerts import Alert, AlertStatus
from contracts.models import Stage


class OidcSignIn(BaseModel):
    """A public client of the configured issuer: authorization code with PKCE, and no secret."""

    issuer: str
    client_id: str
    scopes: str
    """With spaces between them."""
    audience: str
    """Whom the token must be for."""


class SignIn(BaseModel):
    """How to sign in at the desk; a key is always taken."""

    oidc: OidcSignIn | None


class Who(BaseModel):
    """Whose credentials these are."""

    kind: Kind
    tenant: str
    scopes: tuple[Scope, ...]


class UsedModel(BaseModel):
    """A model that calls may ask, and its last day."""

    stage: Stage
    provider: str
    model: str
    by: tuple[str, ...]
    """`agent`, `summaries`; `default` before any call has said with which models it began."""
    shutdown: dt.date | None
    """None: nothing is announced."""
    days_left: int | None
    soon: bool
    """Within 30 days, or over: it must be replaced now."""
    replacement: str | None
    """What a deployment without settings uses at this stage, where the model ends."""


class Models(BaseModel):
    """Models as the latest calls reported them, and those of this API."""

    models: tuple[UsedModel, ...]
    reported_at: AwareDatetime | None
    """Of the latest call that said with which models it began; None: none has, of late."""


class BudgetUse(BaseModel):
    """One limit and what is used of it: of calls at once, now; of the others, since midnight UTC."""

    limit: str
    """As its setting, without the prefix: `tenant_daily_usd`."""
    used: float
    """Calls or dollars."""
    most: float


class TenantBudget(BaseModel):
    """What a tenant may spend, and who was refused."""

    tenant: str | None
    """None: the whole deployment."""
    uses: tuple[BudgetUse, ...]
    refused: dict[str, int]
    """Refusals since midnight UTC by limit."""


class Budget(BaseModel):
    """Budgets of the caller's tenant; for the operator of every tenant and of the deployment."""

    day: dt.date
    """UTC."""
    tenants: tuple[TenantBudget, ...]
    shared: bool
    """Counted by all tasks together; else these are the numbers of the one that answers."""


class WatchedAlert(Alert):
    """An alert, and whose it is."""

    tenant: str
    in_call: bool
    """Made in a call, with which it is erased."""


class AlertBook(BaseModel):
    """Price alerts of the caller's tenant; of every tenant for the operator."""

    counts: dict[AlertStatus, int]
    alerts: tuple[WatchedAlert, ...] = Field(description="The newest ones")
    overdue: int
    """Active ones whose check is more than an hour late."""


class TenantRetention(BaseModel):
    """How long what is said in a tenant's calls is kept, from the end of the call."""

    tenant: str
    turns_days: int
    over: int
    """Ended calls with words that should be gone: more than none means that the clean-up does not run."""


class Chore(BaseModel):
    """Work that is done again and again."""

    kind: str
    next_at: AwareDatetime
    error: str | None
    """Class of what went wrong the last time."""


class Queue(BaseModel):
    """Jobs of one kind."""

    kind: str
    waiting: int
    failed: int
    """Given up; kept until retention takes them."""


class PrivacyBook(BaseModel):
    """What is kept, for how long, and the work that keeps it so."""

    records_days: int
    intakes_days: int
    deliveries_days: int
    tenants: tuple[TenantRetention, ...]
    summaries: dict[str, int]
    """Of the calls that may be seen, by status: pending, ready, failed."""
    chores: tuple[Chore, ...]
    """For the operator alone: these belong to no tenant."""
    queues: tuple[Queue, ...]
    """For the operator alone."""
