"""Prices for the operator: a stack's file in, numbers and lines out."""

import dataclasses
from typing import Any

from infra.costs import Estimate, Usage, estimate
from infra.costs.rates import rates


def priced(raw: dict[str, Any], minutes: float | None) -> Estimate:
    """The estimate, at another number of call-minutes when one is given. Raises SettingsError, ValueError."""
    found = estimate(raw)
    if minutes is None:
        return found
    usage: Usage = dataclasses.replace(found.usage, minutes=minutes)
    return estimate(raw, usage)


def as_data(stack: str, found: Estimate, minute_price: float | None) -> dict[str, Any]:
    """The estimate as JSON: dollars a month, unless a name says otherwise."""
    return {
        "stack": stack,
        "currency": "USD",
        "region": rates().region,
        "rates_read": rates().read,
        "total": round(found.total, 2),
        "target": found.target,
        "over": found.over,
        "per_call_minute": round(found.per_minute, 4),
        "models_per_call_minute": dict(found.models),
        "models_and_livekit": None if minute_price is None else round(minute_price * found.usage.minutes, 2),
        "lines": [dataclasses.asdict(line) for line in found.lines],
        "usage": dataclasses.asdict(found.usage),
        "unchecked_rates": rates().unchecked(),
    }
