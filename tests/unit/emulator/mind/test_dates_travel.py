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


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("am 5. und am 9. Februar", "de"),
        ("Hin am 5., zurück am 9. Februar", "de"),
        ("on the 5th and on the 9th of February", "en"),
        ("leaving on the 5th, returning on the 9th of February", "en"),
        ("el día 5 y el día 9 de febrero", "es"),
        ("salgo el 5 y vuelvo el 9 de febrero", "es"),
        ("départ le 5, retour le 9 février", "fr"),
        ("il giorno 5 e il giorno 9 febbraio", "it"),
        ("vou no dia 5 e volto no dia 9 de fevereiro", "pt"),
        ("2月5日と9日に", "ja"),
        ("2月5号和9号", "zh"),
    ],
)
def test_a_bare_day_beside_one_with_its_month_is_of_that_month(words: str, language: str) -> None:
    days = [str(match.date) for match in parse_dates(words, language, date(2026, 11, 29))]
    assert days == ["2027-02-05", "2027-02-09"]


def test_a_bare_day_before_one_with_its_month_may_be_of_the_month_before_and_is_never_over() -> None:
    def days(words: str) -> list[str]:
        return [str(match.date) for match in parse_dates(words, "en", date(2026, 11, 29))]

    assert days("on the 30th and on the 2nd of February") == ["2027-01-30", "2027-02-02"]
    assert days("on February 27 and on the 2nd") == ["2027-02-27", "2027-03-02"]
    assert days("on the 20th and on the 2nd of December") == ["2026-12-02"], "20 November is over, 20 December is later"
