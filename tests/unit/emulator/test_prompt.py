from datetime import UTC, date, datetime

import pytest

from emulator.mind.prompt import exact_words, named_language, today


@pytest.mark.parametrize(
    "instructions",
    [
        "Today is 2026-11-21 (Saturday), time zone Europe/Madrid.",
        "Version 2025-01-01.\nToday: 2026-11-21",
        "It is 2026-11-21.",
    ],
)
def test_today_is_read_from_the_instructions(instructions: str) -> None:
    assert today(instructions) == date(2026, 11, 21)


def test_without_a_date_it_is_the_clocks() -> None:
    assert abs((today("Today is 2026-99-99") - datetime.now(UTC).date()).days) <= 1


@pytest.mark.parametrize(
    ("instructions", "words"),
    [
        ('Say exactly: "Hallo."', "Hallo."),
        ("Be nice.\nSay exactly “¿Adónde?” and nothing else.", "¿Adónde?"),
        ('Say exactly: "one"\nSay exactly: "two"', "two"),
        ("Say exactly what you think.", None),
        ('She did not say "exactly" that.', None),
    ],
)
def test_exact_words_are_found(instructions: str, words: str | None) -> None:
    assert exact_words(instructions) == words


@pytest.mark.parametrize(
    ("instructions", "code"),
    [("Answer in German.", "de"), ("The user's language is Portuguese", "pt"), ("You like French food.", None)],
)
def test_a_language_is_read_where_it_is_asked_for(instructions: str, code: str | None) -> None:
    assert named_language(instructions) == code
