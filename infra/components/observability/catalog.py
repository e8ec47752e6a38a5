"""The one table of what is measured, `measures.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infra.context import Context

LIVE_CALLS: Final = "LiveCalls"
REPORTS_PER_MINUTE: Final = 3
"""Each agent task reports its live calls (`worker.calls`) every 20 seconds."""
MEASURES: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("measures.toml").read_text(encoding="utf-8")
)
"""Rows by the name of their metric."""


def service_and_event(row: Mapping[str, Any]) -> tuple[str, str]:
    """Whose log a measure is made from, and the event."""
    service, event = row["of"].split()
    return service, event


def pattern(row: Mapping[str, Any]) -> str:
    """CloudWatch Logs filter pattern for JSON lines."""
    without = ' && $.{} != "{}"'.format(*row["but_not"]) if "but_not" in row else ""
    return f'{{ $.event = "{service_and_event(row)[1]}"{without} }}'


def namespace(context: Context) -> str:
    """Namespace of a stack's own metrics; each stack has its own, for metrics do not say whose log they came from."""
    return f"Polyglot/{context.settings.environment}"
