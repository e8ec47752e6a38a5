"""Look-up of places: the index's load in a fresh process, an exact name, and one that nothing is called."""

import subprocess
import sys
import time
from collections.abc import Callable

from cli.bench.figures import Figure
from contracts.places import resolve

_LOAD = (
    "import time; from contracts.places.index import index; begun = time.perf_counter(); index(); "
    "print(time.perf_counter() - begun)"
)
_EMPTY = "import time; begun = time.perf_counter(); dict(a=1); print(time.perf_counter() - begun)"
_EXACT = ("London", "Nueva York", "東京", "Heathrow", "LHR")
_ALIKE = ("Barzelonia", "Madird", "Frankfrt", "Los Angelos", "Edinborough")


async def places(loads: int = 9) -> list[Figure]:
    """Milliseconds each, beside the least that Python can do."""
    load = [_run(_LOAD) for _ in range(loads)]
    resolve("qwertyuiop")
    nothing = _each(str.casefold)
    return [
        Figure(
            "places, load", tuple(load), "ms", "an empty process's clock", tuple(_run(_EMPTY) for _ in range(3)), 150
        ),
        Figure("places, exact name", _each(resolve), "ms", "casefold", nothing, 0.05),
        Figure("places, no such name", _each(resolve, _ALIKE), "ms", "casefold", nothing, 10),
    ]


def _run(code: str) -> float:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return float(done.stdout) * 1000


def _each(work: Callable[[str], object], names: tuple[str, ...] = _EXACT, rounds: int = 40) -> tuple[float, ...]:
    values = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for name in names:
            work(name)
        values.append((time.perf_counter() - begun) / len(names) * 1000)
    return tuple(values)
