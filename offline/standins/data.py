"""AWS's service authorization data, as cfn-lint ships it: which actions there are, and which have a resource."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class UnknownActionError(KeyError):
    """AWS has no such action."""


def cfnlint_data() -> Path:
    """The folder of cfn-lint's data; its code, which takes seconds to load, is not needed."""
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed: it comes with the extra `offline`")
    return Path(spec.origin).parent / "data"


@cache
def _services() -> Mapping[str, Any]:
    path = cfnlint_data() / "AdditionalSpecs" / "Policies.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def resources(action: str) -> list[str]:
    """Kinds of resource that an action can be narrowed to; empty: none. Raises UnknownActionError."""
    service, _, name = action.partition(":")
    try:
        known = _services()[service.lower()]["Actions"][name.lower()]
    except KeyError:
        raise UnknownActionError(action) from None
    return list(known.get("Resources", ()))


def arns(action: str) -> list[str]:
    """ARNs of the kinds of resource that an action can be narrowed to, as regular expressions. Raises UnknownActionError."""
    known = {name.lower(): kind for name, kind in _services()[action.partition(":")[0].lower()]["Resources"].items()}
    kinds = [known.get(kind.rstrip("*").lower(), {}) for kind in resources(action)]
    # Other colons and dots are as they are: the file has them so.
    return [re.sub(r"\$\{\w+\}", "[^:/]*", form) for kind in kinds for form in kind.get("ARNFormats", ())]


def has_no_resource(action: str) -> bool:
    """Whether a policy can only allow it on `*`."""
    return not resources(action)


def actions(pattern: str) -> list[str]:
    """Actions that a pattern such as `ec2:Describe*` covers, in lower case."""
    service, _, name = pattern.lower().partition(":")
    known = _services().get(service, {"Actions": {}})["Actions"]
    start = name.removesuffix("*")
    return [f"{service}:{one}" for one in known if (one.startswith(start) if name.endswith("*") else one == name)]
