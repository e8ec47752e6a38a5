"""What a process measures, sent to the worker that Prometheus reads.

Each call has a process of its own, which ends with it; its measures go to the worker as datagrams over loopback. One that
is lost is no trouble, and nothing waits for one. The worker takes only what is in `METRICS`, and only with its word.
"""

import contextlib
import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

ADDRESS: Final = "POLYGLOT_AGENT_MEASURES"
"""Variable that the worker leaves to its job processes: port and word, as `9000/word`. No setting."""

_WAITS: Final = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True)
class Metric:
    """One metric of the worker: what it is, and its labels."""

    kind: Literal["counter", "seconds"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _WAITS


METRICS: Final[dict[str, Metric]] = {
    "answer_seconds": Metric(
        "seconds", "End of a turn to the first sound of its answer, without fillers", ("pipeline",)
    ),
    "stage_seconds": Metric("seconds", "Waits of one answer: words, first_token, first_sound", ("stage", "pipeline")),
    "tool_seconds": Metric("seconds", "Time of a tool", ("tool", "outcome")),
    "silence_seconds": Metric("seconds", "A stop's end to silence", ("by",), (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)),
    "interruptions": Metric("counter", "Answers that were cut short", ("by",)),
    "tokens": Metric("counter", "Tokens of models", ("stage", "provider", "model", "kind")),
    "characters": Metric("counter", "Characters given to a voice", ("provider", "model")),
    "audio_seconds": Metric("counter", "Sound given to ears or made by a voice", ("stage", "provider", "model")),
    "failures": Metric("counter", "Failures of a stage, and whether the call got over them", ("stage", "recovered")),
    "notices": Metric("counter", "What was said or shown without being asked for", ("notice",)),
    "corrections": Metric("counter", "Spoken facts that did not agree with the data"),
    "switches": Metric("counter", "Changes of pipeline in the middle of a call", ("pipeline",)),
    "calls_started": Metric("counter", "Calls that began", ("pipeline",)),
    "calls_ended": Metric("counter", "Calls that ended", ("reason",)),
    "calls_refused": Metric("counter", "Calls that this worker did not take", ("reason",)),
}

Sink = Callable[[str, float, dict[str, str]], None]


def measure(name: str, value: float = 1.0, **labels: str) -> None:
    """Measure one thing of `METRICS`; never raises, and costs nothing where nobody reads it."""
    _sink(name, value, labels)


def send_to_worker() -> None:
    """Send what this process measures to the worker that it belongs to, where that one is read at all."""
    global _sink  # noqa: PLW0603 - one a process, as OpenTelemetry's own
    if isinstance(_sink, Datagrams):
        _sink.close()
    port, _, word = os.environ.get(ADDRESS, "").partition("/")
    _sink = Datagrams(int(port), word) if port else _nowhere


class Datagrams:
    """Measures on their way to a worker on this machine."""

    def __init__(self, port: int, word: str) -> None:
        self._address = ("127.0.0.1", port)
        self._word = word
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def __call__(self, name: str, value: float, labels: dict[str, str]) -> None:
        """Send one."""
        with contextlib.suppress(OSError):
            self._socket.sendto(encode(self._word, name, value, labels), self._address)

    def close(self) -> None:
        """Send no more."""
        self._socket.close()


def encode(word: str, name: str, value: float, labels: dict[str, str]) -> bytes:
    """One measure as it is sent."""
    return json.dumps([word, name, value, labels]).encode()


def decode(word: str, data: bytes) -> tuple[str, float, dict[str, str]] | None:
    """One measure as it came; None for anything that is none of ours."""
    try:
        said: Any = json.loads(data)
        told, name, value, labels = said
    except (ValueError, TypeError):
        return None
    metric = METRICS.get(name) if isinstance(name, str) else None
    right = (
        told == word
        and metric is not None
        and isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < 1e9  # noqa: PLR2004 - more is no measure; not a number is none either
        and isinstance(labels, dict)
        and set(labels) == set(metric.labels)
        and all(isinstance(text, str) for text in labels.values())
    )
    return (name, float(value), labels) if right else None


def _nowhere(_name: str, _value: float, _labels: dict[str, str]) -> None:
    """Nobody reads."""


_sink: Sink = _nowhere
