"""What may be spent: per call, per address, per caller, per tenant, and by the whole deployment. 0: no limit."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLYGLOT_BUDGET_"

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Usd = Annotated[Decimal, Field(ge=0, le=10_000_000)]


class Budgets(BaseSettings):
    """Days are UTC days. The defaults fit a public page of a company: tight for a stranger, wide for its own keys."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_ignore_empty=True)

    call_minutes: Annotated[float, Field(ge=0, le=360)] = 30.0
    """One call, from its agent's readiness. A minute before its end the traveller is told."""
    call_searches: Count = 60
    call_usd: Usd = Decimal(3)
    """Of models, in one call, by the usage that the agent reports."""
    address_calls: Count = 5
    """At once from one address without credentials; an IPv6 /64 is one address."""
    address_daily_calls: Count = 60
    address_daily_searches: Count = 300
    caller_calls: Count = 200
    """At once with one API key, or by one user of the issuer."""
    caller_daily_calls: Count = 10_000
    caller_daily_searches: Count = 20_000
    tenant_calls: Count = 500
    tenant_daily_calls: Count = 20_000
    tenant_daily_usd: Usd = Decimal(200)
    total_calls: Count = 1000
    total_daily_calls: Count = 50_000
    total_daily_usd: Usd = Decimal(500)
