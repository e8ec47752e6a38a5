"""Figures and their table: each measure stands beside a named baseline taken in the same run."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measure; values in seconds or megabytes, as `unit` says."""

    name: str
    values: tuple[float, ...]
    unit: str
    baseline_name: str
    baseline: tuple[float, ...]
    target: float | None = None
    target_percentile: int = 50
    target_p95: float | None = None
    """A second target, beside one for the median."""
    floor: tuple[float, ...] = ()
    """The least that is possible, where that is known; a target below it cannot be met."""

    @property
    def ratio(self) -> float:
        """Median over the baseline's median."""
        return percentile(self.values, 50) / percentile(self.baseline, 50)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if not self.targets else all(percentile(self.values, at) <= most for at, most in self.targets)

    @property
    def targets(self) -> tuple[tuple[int, float], ...]:
        """Percentiles, and what each may be at most."""
        pairs = ((self.target_percentile, self.target), (95, self.target_p95))
        return tuple((at, most) for at, most in pairs if most is not None)

    @property
    def verdict(self) -> str:
        """Met or missed; of what is missed, whether it could have been met."""
        if self.met is None:
            return ""
        if self.met:
            return "met"
        beyond = self.floor and any(percentile(self.floor, at) > most for at, most in self.targets)
        return "MISSED, below the floor" if beyond else "MISSED"


def percentile(values: Sequence[float], percent: int) -> float:
    """By linear interpolation; the value itself when there is one only."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


HEADINGS = ("figure", "n", "p50", "p95", "unit", "baseline", "its p50", "ratio", "floor", "target", "")


def table(figures: Sequence[Figure]) -> str:
    """All figures as aligned text."""
    rows = [HEADINGS]
    for figure in figures:
        target = ", ".join(f"p{at} <= {most:g}" for at, most in figure.targets)
        floor = "/".join(f"{percentile(figure.floor, at):.2f}" for at in (50, 95)) if figure.floor else ""
        rows.append(
            (
                figure.name,
                str(len(figure.values)),
                f"{percentile(figure.values, 50):.2f}",
                f"{percentile(figure.values, 95):.2f}",
                figure.unit,
                figure.baseline_name,
                f"{percentile(figure.baseline, 50):.2f}",
                f"{figure.ratio:.2f}",
                floor,
                target,
                figure.verdict,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
