"""What IAM is asked for when a resource is made, read, changed or deleted: the table `actions.toml`, and the decision.

Environment variable, for tests: `POLYGLOT_STANDIN_ROLE`, a JSON file with `statements` (of the role that runs the engine) and
`place` (values of the table's braces). With it the stand-in for AWS refuses what the role may not do, as AWS would.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from offline.iam import Request, allowed
from offline.standins.check import table
from offline.standins.data import has_no_resource

Operation = Literal["create", "read", "update", "delete"]
ROLE = "POLYGLOT_STANDIN_ROLE"


class NotInTableError(KeyError):
    """Nobody wrote down what this type needs."""


def requests(type_: str, operation: Operation, place: Mapping[str, str]) -> Iterator[Request]:
    """Every request that the provider makes for an operation on a type. Raises NotInTableError."""
    entry = _table().get(type_)
    if entry is None:
        raise NotInTableError(f"{type_}: offline/standins/actions.toml does not say what it needs")
    own = {"arn": entry["arn"], **entry.get("context", {})}
    yield from _requests(entry.get(operation, ()), own, place)


def looked_up(function: str, place: Mapping[str, str]) -> Iterator[Request]:
    """Every request of a data source. Raises NotInTableError."""
    actions = _table()["invokes"].get(function)
    if actions is None:
        raise NotInTableError(f"{function}: offline/standins/actions.toml does not say what it needs")
    yield from _requests(actions, {"arn": "*"}, place)


def _requests(actions: list[str], own: Mapping[str, str], place: Mapping[str, str]) -> Iterator[Request]:
    targets: Mapping[str, Mapping[str, str]] = _table()["targets"]
    for text in actions:
        action, _, target = text.partition("@")
        facts = {key: value.format(**place) for key, value in (targets[target] if target else own).items()}
        arn = "*" if has_no_resource(action) else facts["arn"]
        yield Request(action, arn, {key: value for key, value in facts.items() if key != "arn"})


def refused(type_: str, operation: Operation) -> str | None:
    """What AWS would say, when the role of the environment may not do this; None when it may, or nobody asks."""
    role = _role()
    if role is None or not type_.startswith("aws:"):
        return None
    for request in requests(type_, operation, role["place"]):
        if not allowed(request, role["statements"]):
            return (
                f"AccessDenied: not authorized to perform {request.action} on {request.resource} ({type_}, {operation})"
            )
    return None


@cache
def _role() -> dict[str, Any] | None:
    path = os.environ.get(ROLE)
    return cast("dict[str, Any]", json.loads(Path(path).read_text(encoding="utf-8"))) if path else None


def _table() -> dict[str, Any]:
    return cast("dict[str, Any]", table("actions"))
