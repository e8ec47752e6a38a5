"""A stack's file, as an operator has it in the repository."""

from pathlib import Path
from typing import Any

import yaml

NAMESPACE = "polyglot:"


class StackFileError(Exception):
    """A stack's file is not there or cannot be read; the message says which and what there is."""


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
