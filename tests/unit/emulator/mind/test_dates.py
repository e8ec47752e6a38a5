from datetime import date, timedelta

import pytest
from babel.dates import format_date, format_skeleton
from hypothesis import given
from hypothesis import strategies as st

from contracts.languages import LANGUAGES
from emulator.mind.dates import fold, parse_dates

TODAY = date(2026, 11, 21)  # a Saturday
LOCALES = {code: language.tag.replace("-", "_") for code, language in LANGUAGES.items()}

SINGLE = [
    ("en", "third of december", "2026-12-03"),
    ("en", "on December 3rd, 2027", "2027-12-03"),
    ("en", "december twenty first", "2026-12-21"),
    ("en", "next friday", "2026-11-27"),
    ("en", "Friday, December 4th", "2026-12-04"),
    ("en", "the day after tomorrow", "2026-11-23"),
    ("en", "in a couple of weeks", "2026-12-05"),
    ("en", "on the third", "2026-12-03"),
    ("en", "12/3", "2026-12-03"),
    ("en", "this weekend", "2026-11-21"),
    ("en", "next weekend", "2026-11-28"),
    ("en", "february 29", "2028-02-29"),
    ("es", "el 3 de diciembre", "2026-12-03"),
    ("es", "pasado mañana por la mañana", "2026-11-23"),
    ("es", "manana", "2026-11-22"),
    ("es", "el próximo viernes", "2026-11-27"),
    ("es", "el viernes 4 de diciembre", "2026-12-04"),
    ("es", "dentro de dos semanas", "2026-12-05"),
    ("fr", "vendredi prochain", "2026-11-27"),
    ("fr", "le premier décembre", "2026-12-01"),
    ("fr", "après-demain", "2026-11-23"),
    ("fr", "aujourd’hui", "2026-11-21"),
    ("fr", "dans deux semaines", "2026-12-05"),
    ("fr", "3/12/2027", "2027-12-03"),
    ("de", "am 3. Dezember", "2026-12-03"),
    ("de", "am dritten Dezember", "2026-12-03"),
    ("de", "3.12.2027", "2027-12-03"),
    ("de", "nächsten Freitag", "2026-11-27"),
    ("de", "übermorgen", "2026-11-23"),
    ("de", "in zwei Wochen", "2026-12-05"),
    ("it", "il 3 dicembre", "2026-12-03"),
    ("it", "l'8 dicembre", "2026-12-08"),
    ("it", "tra due settimane", "2026-12-05"),
    ("it", "venerdì prossimo", "2026-11-27"),
    ("it", "dopodomani", "2026-11-23"),
    ("pt", "próxima sexta-feira", "2026-11-27"),
    ("pt", "em duas semanas", "2026-12-05"),
    ("pt", "depois de amanhã", "2026-11-23"),
    ("pt", "3 de dezembro de 2027", "2027-12-03"),
    ("ja", "12月3日", "2026-12-03"),
    ("ja", "十二月三日", "2026-12-03"),
    ("ja", "2027年1月5日", "2027-01-05"),
    ("ja", "来週の金曜日", "2026-11-27"),
    ("ja", "二週間後", "2026-12-05"),
    ("ja", "明後日", "2026-11-23"),
    ("ja", "１２月３日", "2026-12-03"),
    ("zh", "12月3日", "2026-12-03"),
    ("zh", "十二月二十三号", "2026-12-23"),
    ("zh", "下周五", "2026-11-27"),
    ("zh", "两周后", "2026-12-05"),
    ("zh", "大后天", "2026-11-24"),
    ("zh", "下个月3号", "2026-12-03"),
]

RANGES = [
    ("en", "from the 3rd to the 10th of December"),
    ("es", "del 3 al 10 de diciembre"),
    ("fr", "du 3 au 10 décembre"),
    ("de", "vom 3. bis 10. Dezember"),
    ("it", "dal 3 al 10 dicembre"),
    ("pt", "de 3 a 10 de dezembro"),
    ("ja", "12月3日から10日まで"),
    ("zh", "12月3日到10日"),
]

NO_DATE = [
    ("en", "the second one"),
    ("en", "may I go"),
    ("en", "february 30"),
    ("en", "2026-13-01"),
    ("de", "Guten Morgen"),
    ("es", "por la mañana"),
    ("pt", "a segunda opção"),
    ("fr", "le premier"),
    ("ja", "ベルリン"),
    ("zh", "第二个"),
]


@pytest.mark.parametrize(("language", "text", "expected"), SINGLE)
def test_a_written_date_is_found_within_other_words(language: str, text: str, expected: str) -> None:
    before, after = ("xx ", " xx") if language not in ("ja", "zh") else ("", "に")
    found = parse_dates(before + text + after, language, TODAY)
    assert [match.date.isoformat() for match in found] == [expected]


@pytest.mark.parametrize(("language", "text"), RANGES)
def test_a_range_gives_both_days(language: str, text: str) -> None:
    assert [match.date for match in parse_dates(text, language, TODAY)] == [date(2026, 12, 3), date(2026, 12, 10)]


@pytest.mark.parametrize(("language", "text"), NO_DATE)
def test_other_words_are_no_dates(language: str, text: str) -> None:
    assert parse_dates(text, language, TODAY) == []


def test_the_span_is_the_date_as_it_is_written() -> None:
    text = "Von Köln am Freitag, den 4. Dezember, zurück am 10.12."
    assert [text[match.start : match.end] for match in parse_dates(text, "de", TODAY)] == [
        "Freitag, den 4. Dezember",
        "10.12.",
    ]


def test_next_week_in_english_is_the_calendar_week() -> None:
    monday = date(2026, 11, 23)
    assert parse_dates("next friday", "en", monday)[0].date == date(2026, 12, 4)
    assert parse_dates("this friday", "en", monday)[0].date == date(2026, 11, 27)


def test_an_unsupported_language_is_refused() -> None:
    with pytest.raises(KeyError):
        parse_dates("i dag", "da", TODAY)


days = st.dates(min_value=date(2020, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=days, ahead=st.integers(0, 360))
def test_a_day_of_the_coming_year_is_read_back_without_its_year(language: str, day: date, ahead: int) -> None:
    target = day + timedelta(days=ahead)
    written = format_skeleton("MMMMd", target, locale=LOCALES[language])
    assert [match.date for match in parse_dates(written, language, day)] == [target]


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=days, target=days)
def test_a_full_date_of_the_locale_is_read_back(language: str, day: date, target: date) -> None:
    written = format_date(target, "long", locale=LOCALES[language])
    assert [match.date for match in parse_dates(written, language, day)] == [target]


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=days, target=days)
def test_iso_is_read_in_every_language(language: str, day: date, target: date) -> None:
    assert [match.date for match in parse_dates(f"({target.isoformat()})", language, day)] == [target]


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=days, weekday=st.integers(0, 6))
def test_a_weekday_is_within_the_next_seven_days(language: str, day: date, weekday: int) -> None:
    name = format_date(date(2026, 11, 23) + timedelta(days=weekday), "EEEE", locale=LOCALES[language])
    (match,) = parse_dates(name, language, day)
    assert match.date.weekday() == weekday
    assert 1 <= (match.date - day).days <= 7


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(max_size=60))
def test_any_text_gives_ordered_spans_within_it(language: str, text: str) -> None:
    found = parse_dates(text, language, TODAY)
    assert all(0 <= match.start < match.end <= len(text) for match in found)
    assert found == sorted(found)


@given(text=st.text(max_size=80))
def test_folding_keeps_every_character_at_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
