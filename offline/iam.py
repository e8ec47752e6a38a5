"""IAM's decision over policy documents: what a role may do, and what of it a permissions boundary leaves.

Evaluates as IAM does for one account: an explicit deny wins, else an allow is needed in the role's policies and, where
there is one, in its boundary. Source: IAM user guide, "Policy evaluation logic" and "Condition operators". An operator
that is not known here is an error, never a yes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

Statement = Mapping[str, Any]


class UnknownOperatorError(ValueError):
    """A condition operator that this evaluation does not know."""


@dataclass(frozen=True)
class Request:
    """Who asks is known by the policies; this is what for."""

    action: str
    """`service:Action`."""
    resource: str
    """An ARN, or `*` for actions that have no resource."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys, for example `kms:ViaService`; a key that is not here is not there."""


def allowed(request: Request, policies: Iterable[Statement], boundary: Iterable[Statement] | None = None) -> bool:
    """Whether the statements of a role's policies (and of its boundary) let the request pass."""
    statements = list(policies)
    if any(_applies(one, request) for one in statements if one["Effect"] == "Deny"):
        return False
    yes = any(_applies(one, request) for one in statements if one["Effect"] == "Allow")
    return yes and (boundary is None or allowed(request, boundary))


def listed(value: object) -> list[str]:
    """One value or several."""
    return [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]


@cache
def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """IAM's wildcards: `*` and `?`."""
    return _compiled(pattern, case).fullmatch(text) is not None


@cache
def _compiled(pattern: str, case: bool) -> re.Pattern[str]:
    body = "".join(".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.compile(body, re.DOTALL if case else re.DOTALL | re.IGNORECASE)


def _applies(statement: Statement, request: Request) -> bool:
    return (
        _named(statement, "Action", request.action, case=False)
        and _named(statement, "Resource", request.resource, case=True)
        and all(
            _holds(operator, key, listed(values), request.context)
            for operator, pairs in statement.get("Condition", {}).items()
            for key, values in pairs.items()
        )
    )


def _named(statement: Statement, kind: str, text: str, *, case: bool) -> bool:
    if kind in statement:
        return any(matches(pattern, text, case=case) for pattern in listed(statement[kind]))
    return not any(matches(pattern, text, case=case) for pattern in listed(statement[f"Not{kind}"]))


def _holds(operator: str, key: str, values: Sequence[str], context: Mapping[str, str]) -> bool:
    found = next((value for name, value in context.items() if name.lower() == key.lower()), None)
    if operator == "Null":
        return (found is None) == (values[0].lower() == "true")
    optional = operator.endswith("IfExists")
    compare = _COMPARED.get(operator.removesuffix("IfExists"))
    if compare is None:
        raise UnknownOperatorError(operator)
    negative = "Not" in operator
    if found is None:
        return optional or negative
    agreed = any(compare(value, found) for value in values)
    return not agreed if negative else agreed


def _equal(value: str, found: str) -> bool:
    return value == found


_COMPARED: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringLike": matches,
    "StringNotLike": matches,
    "ArnLike": matches,
    "ArnEquals": matches,
    "ArnNotLike": matches,
    "ArnNotEquals": matches,
    "Bool": lambda value, found: value.lower() == found.lower(),
}
