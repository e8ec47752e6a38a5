"""Prices for the operator: a stack's file in, numbers and lines out."""

import dataclasses
from pathlib import Path
from typing import Any

import yaml

from infra.costs import Estimate, Usage, estimate
from infra.costs.estimate import needed
from infra.costs.rates import rates

NAMESPACE = "polyglot:"


class StackFileError(Exception):
    """A stack's file is not there or cannot be read; the message says which and what there is."""


def priced(raw: dict[str, Any], minutes: float | None) -> Estimate:
    """The estimate, at another number of call-minutes when one is given. Raises SettingsError, ValueError."""
    found = estimate(raw)
    if minutes is None:
        return found
    usage: Usage = dataclasses.replace(found.usage, minutes=minutes)
    return estimate(raw, usage)


def stack_config(stack: str, folder: Path) -> dict[str, Any]:
    """The values of `Pulumi.<stack>.yaml` under our namespace, without it. Raises StackFileError."""
    path = folder / f"Pulumi.{stack}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        known = sorted(other.name.split(".")[1] for other in folder.glob("Pulumi.*.yaml"))
        raise StackFileError(f"there is no {path.name} here; stacks are {', '.join(known) or 'none'}") from None
    except yaml.YAMLError as error:
        raise StackFileError(f"{path.name} is not YAML: {str(error).splitlines()[0]}") from None
    config = (content or {}).get("config") or {}
    return {key.removeprefix(NAMESPACE): value for key, value in config.items() if key.startswith(NAMESPACE)}


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
        "models_and_livekit": None if minute_price is None else round(minute_price * found.usage.minutes, 2),
        "lines": [dataclasses.asdict(line) for line in found.lines],
        "usage": dataclasses.asdict(found.usage),
        "unchecked_rates": rates().unchecked(),
        "remedies": [dataclasses.asdict(remedy) for remedy in needed(found)],
    }
