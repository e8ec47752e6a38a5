"""Words for days as travellers say them: none may be read as another day."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from contracts.languages import LANGUAGES
from emulator.mind.dates import parse_dates

TODAY = date(2026, 11, 25)
LINES = (Path(__file__).parents[3] / "data" / "dates" / "travel.psv").read_text("utf-8").splitlines()
CASES = [tuple(line.split("|")) for line in LINES if not line.startswith("#")]
LEAST_EXACT = 0.9


def read(words: str, language: str) -> str:
    return ",".join(match.date.isoformat() for match in parse_dates(words, language, TODAY)) or "-"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_day_is_read_as_another_one(language: str) -> None:
    asked = [(words, answers.split("/")) for tag, words, answers in CASES if tag == language]
    assert len(asked) >= 40
    found = {words: (read(words, language), right) for words, right in asked}
    unread = Counter(day == "-" and day not in right for day, right in found.values())[True]
    assert {words: day for words, (day, right) in found.items() if day not in {*right, "-"}} == {}
    assert 1 - unread / len(asked) >= LEAST_EXACT


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Tuesday, 2 December", "en"),
        ("el martes 2 de diciembre", "es"),
        ("Dienstag, den 2. Dezember", "de"),
        ("terça-feira, 2 de dezembro", "pt"),
        ("12月2日火曜日", "ja"),
        ("12月2号星期二", "zh"),
    ],
)
def test_a_date_that_is_not_on_the_weekday_said_with_it_is_asked_about(words: str, language: str) -> None:
    assert read(words, language) == "-", "2 December 2026 is a Wednesday"


@pytest.mark.parametrize("words", ["a segunda opção", "na segunda classe", "a segunda mala"])
def test_the_second_thing_in_portuguese_is_no_monday(words: str) -> None:
    assert read(words, "pt") == "-"
