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

    @property
    def ratio(self) -> float:
        """Median over the baseline's median."""
        return percentile(self.values, 50) / percentile(self.baseline, 50)

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else percentile(self.values, self.target_percentile) <= self.target


def percentile(values: Sequence[float], percent: int) -> float:
    """By linear interpolation; the value itself when there is one only."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


HEADINGS = ("figure", "n", "p50", "p95", "unit", "baseline", "its p50", "ratio", "target", "")


def table(figures: Sequence[Figure]) -> str:
    """All figures as aligned text."""
    rows = [HEADINGS]
    for figure in figures:
        target = "" if figure.target is None else f"p{figure.target_percentile} <= {figure.target:g}"
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
                target,
                {None: "", True: "met", False: "MISSED"}[figure.met],
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
