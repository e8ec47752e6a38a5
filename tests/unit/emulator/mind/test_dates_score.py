"""What others expect of words for dates, in eight languages; the numbers are in docs/reference.md."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.languages import LANGUAGES
from emulator.mind.dates import parse_dates

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "data" / "dates" / "recognizers.json").read_text("utf-8")
)["cases"]
MOST_WRONG, LEAST_EXACT = 0.02, 0.70


def verdict(case: dict[str, Any]) -> str:
    found = [
        match.date.isoformat() for match in parse_dates(case["text"], case["lang"], date.fromisoformat(case["today"]))
    ]
    wanted = case["dates"]
    if len(found) == len(wanted) and all(day in days for day, days in zip(found, wanted, strict=True)):
        return "exact"
    return "wrong" if any(all(day not in days for days in wanted) for day in found) else "missed"


def test_few_days_are_wrong_and_most_are_exact() -> None:
    counts = Counter(verdict(case) for case in CASES)
    assert len(CASES) == 303
    assert counts["wrong"] / len(CASES) <= MOST_WRONG, counts
    assert counts["exact"] / len(CASES) >= LEAST_EXACT, counts


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_language_is_left_behind(language: str) -> None:
    counts = Counter(verdict(case) for case in CASES if case["lang"] == language)
    assert counts["exact"] / counts.total() >= LEAST_EXACT, counts
    assert counts["wrong"] <= 3, counts
