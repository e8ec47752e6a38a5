"""The bill as text, for a terminal and for the comment on a pull request."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from infra.costs.estimate import Estimate, estimate
from infra.costs.lines import AUDIO_MB, MODEL_MB, Usage
from infra.costs.rates import rates
from infra.settings.base import Environment

NAMESPACE: Final = "polyglot:"


def report(stack_name: str, raw_config: Mapping[str, Any]) -> str:
    """What `stack_name` costs a month, line by line. Raises SettingsError.

    Keys are Pulumi's, with our namespace or without it; those of other namespaces are left out.
    """
    raw = {key.removeprefix(NAMESPACE): value for key, value in raw_config.items() if _ours(key)}
    if raw.get("environment") == Environment.LOCAL.value:
        return f"{stack_name}: runs on this machine's Docker engine and costs nothing."
    return "\n".join(lines(stack_name, estimate(raw)))


def _ours(key: str) -> bool:
    return ":" not in key or key.startswith(NAMESPACE)


def lines(stack_name: str, found: Estimate, minute_price: float | None = None) -> Iterator[str]:
    """The report's lines. `minute_price`: dollars for models and LiveKit in a call-minute, where the operator knows."""
    yield f"{stack_name}: ${found.total:.2f} a month (list prices of {rates().region}, {rates().read})"
    width = max(len(line.service) for line in found.lines)
    for line in found.lines:
        amount = "not priced" if line.usd is None else f"{line.usd:10.2f}"
        yield f"  {line.service:<{width}} {amount:>10}  {line.detail}"
    yield f"  {'total':<{width}} {found.total:10.2f}"
    yield f"  {'of a call-minute':<{width}} {found.per_minute:10.4f}  infrastructure, at {found.usage.minutes:,.0f} minutes a month"
    if minute_price is not None:
        yield f"  {'models, LiveKit':<{width}} {minute_price * found.usage.minutes:10.2f}  {minute_price:.4f} a call-minute, as given"
    else:
        for pipeline, usd in found.models.items():
            whole = f"{usd + found.per_minute:10.4f}" if usd is not None else " not known"
            what = (
                "with models and LiveKit, which their providers bill"
                if usd is not None
                else "a model has no known price"
            )
            yield f"  {pipeline:<{width}} {whole}  a call-minute {what}"
    yield f"  Assumed: {_assumed(found.usage)}."
    for line in found.unpriced:
        yield f"  Not in the total: {line.service} ({line.detail}): add its rate to infra/costs/rates.toml."
    yield from _verdict(found)


def _assumed(usage: Usage) -> str:
    return (
        f"{usage.minutes:,.0f} call-minutes with {AUDIO_MB:g} MB of media and {sum(MODEL_MB):g} MB of model audio each, {usage.lcus:g} LCU, {usage.log_gb + usage.vended_gb:g} GB of logs, "
        f"{usage.nat_gb:g} GB more through NAT, {usage.requests:g} million requests, {usage.image_gb:g} GB of images, "
        f"{usage.metrics} custom metrics, {usage.alarms} alarms; the least number of tasks, more agents if calls need them; two stacks share what the account has free"
    )


def _verdict(found: Estimate) -> Iterator[str]:
    if not found.over:
        yield f"  Target: ${found.target:.0f} a month: met."
        return
    yield f"  Target: ${found.target:.0f} a month: ${found.over:.2f} over. The dearest lines:"
    dearest = sorted((line for line in found.lines if line.usd), key=lambda line: -(line.usd or 0.0))[:3]
    yield from (f"    {line.service}: ${line.usd:.2f}" for line in dearest)
