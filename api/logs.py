"""Structured logs: one JSON object a line, with the request's id, without secrets or personal data."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

import structlog

from contracts.fares import FARE_SOURCES

_SECRET_KEYS: Final = re.compile(r"token|secret|authori[sz]ation|password|passwd|cookie|api_?key|jwt", re.IGNORECASE)
_KEYS: Final = [key.pattern for one in FARE_SOURCES.values() for key in one.secrets.values() if key.pattern]
_PATTERNS: Final = (
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), "[jwt]"),
    (re.compile(r"\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), "[credentials]"),
    (re.compile(r"\b(?:sk|pk)[-_][\w-]{12,}"), "[key]"),
    *((re.compile(pattern), "[key]") for pattern in _KEYS),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?<=[?&]api_key=)[^&\s\"']+"), "[key]"),
    (re.compile(r"(?<=[?&]access_key=)[^&\s\"']+"), "[key]"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), "[credentials]"),
)


_SUSPECT: Final = re.compile(r"eyJ|bearer|basic|sk[-_]|pk[-_]|duffel_|@|api_key=", re.IGNORECASE)
"""Whether a text may hold any of them: most hold none, and each pattern by itself costs time for every line."""


def redact(text: str) -> str:
    """The text without credentials and e-mail addresses."""
    if not _SUSPECT.search(text):
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(1024)
def _is_secret(key: str) -> bool:
    return _SECRET_KEYS.search(key) is not None


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    for key, value in event.items():
        if _is_secret(key):
            event[key] = "[redacted]"
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


_write: Final = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _render(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:  # noqa: ANN401
    """As structlog's own renderer, which makes an encoder anew for every line."""
    return _write(event)


class _Lines:
    """Where a rendered line of ours goes: standard error, by itself. A record of the standard library's for each costs
    as much as the line.
    """

    def __init__(self, name: str = "polyglot") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        """Write it, whole, wherever standard error is now."""
        sys.stderr.write(f"{line}\n")

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


def configure(level: str) -> None:
    """Send our logs and the libraries' in one form to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*(step for step in shared if not isinstance(step, structlog.stdlib.ExtraAdder)), _render],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for name in ("aiosqlite", "asyncio", "aiohttp", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
