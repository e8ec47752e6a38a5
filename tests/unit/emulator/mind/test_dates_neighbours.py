"""Words beside a date move it or void it; nothing near is taken for what was said."""

from datetime import date

import pytest

from emulator.mind.dates import parse_dates
from emulator.mind.dates.feasts import easter, feast

TODAY = date(2026, 11, 27)  # a Friday


def days(language: str, text: str) -> list[str]:
    return [match.date.isoformat() for match in parse_dates(text, language, TODAY)]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("ja", "再来週の金曜", "2026-12-11"),
        ("ja", "再来月の3日", "2027-01-03"),
        ("zh", "下下周五", "2026-12-11"),
        ("zh", "下下週五", "2026-12-11"),
        ("zh", "下下个月三号", "2027-01-03"),
        ("zh", "下個月3號", "2026-12-03"),
        ("de", "übernächsten Freitag", "2026-12-11"),
        ("de", "morgen in acht Tagen", "2026-12-05"),
        ("de", "Freitag in einer Woche", "2026-12-11"),
        ("en", "Friday week", "2026-12-11"),
        ("en", "a week on Friday", "2026-12-11"),
        ("en", "Friday after next", "2026-12-11"),
        ("en", "two weeks from Tuesday", "2026-12-15"),
        ("en", "two weeks before Christmas", "2026-12-11"),
        ("fr", "samedi en huit", "2026-12-05"),
        ("fr", "samedi en quinze", "2026-12-12"),
        ("es", "de hoy en ocho", "2026-12-04"),
        ("it", "oggi a otto", "2026-12-04"),
        ("en", "first Monday in December", "2026-12-07"),
        ("fr", "le premier lundi de janvier", "2027-01-04"),
        ("en", "12/25/27", "2027-12-25"),
        ("en", "31/12", "2026-12-31"),
        ("de", "am 3. Jänner", "2027-01-03"),
        ("de", "am 5.1.", "2027-01-05"),
        ("fr", "un vol Paris Rome le 12/03", "2027-03-12"),
        ("pt", "dia 12/3", "2027-03-12"),
        ("en", "the day after Christmas", "2026-12-26"),
        ("en", "the day before New Year's Day", "2026-12-31"),
        ("es", "al día siguiente de Navidad", "2026-12-26"),
        ("es", "la víspera del 3 de mayo", "2027-05-02"),
        ("fr", "le lendemain du 14 juillet", "2027-07-15"),
        ("fr", "la veille de Noël", "2026-12-24"),
        ("it", "il giorno dopo Pasqua", "2027-03-29"),
        ("it", "il giorno prima di Natale", "2026-12-24"),
        ("pt", "no dia seguinte ao Natal", "2026-12-26"),
        ("pt", "na véspera do Natal", "2026-12-24"),
        ("de", "am Tag nach Weihnachten", "2026-12-26"),
        ("de", "am Tag vor Silvester", "2026-12-30"),
        ("ja", "5月3日の翌日", "2027-05-04"),
        ("ja", "クリスマスの前日", "2026-12-24"),
        ("zh", "圣诞节第二天", "2026-12-26"),
        ("zh", "5月3号的前一天", "2027-05-02"),
    ],
)
def test_a_longer_phrase_is_read_whole(language: str, text: str, day: str) -> None:
    assert days(language, text) == [day]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Friday the 11th"),
        ("fr", "vendredi 11"),
        ("es", "el viernes 11"),
        ("it", "venerdì 11"),
        ("pt", "sexta-feira, 11"),
        ("de", "Freitag, den 11."),
        ("ja", "11日の金曜日"),
        ("zh", "11号星期五"),
        ("ja", "12月11日金曜日"),
        ("zh", "12月11号，星期五"),
    ],
)
def test_a_weekday_and_its_day_are_one_date(language: str, text: str) -> None:
    assert days(language, text) == ["2026-12-11"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "from 3 to 10 December"),
        ("en", "3-10 December"),
        ("en", "between the 3rd and the 10th of December"),
        ("es", "del 3 al 10 de diciembre"),
        ("fr", "du 3 au 10 décembre"),
        ("de", "vom 3. bis zum 10. Dezember"),
        ("de", "vom 3. bis 10."),
        ("it", "dal 3 al 10 dicembre"),
        ("pt", "de 3 a 10 de dezembro"),
        ("ja", "12月3日から10日まで"),
        ("zh", "12月3号到10号"),
    ],
)
def test_a_range_is_two_dates(language: str, text: str) -> None:
    assert days(language, text) == ["2026-12-03", "2026-12-10"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *[("en", text) for text in ("last Friday", "two days ago", "every Friday", "terminal 3", "a 3 day trip")],
        *[
            ("en", text)
            for text in ("the third one", "the weekend after next", "returning a week later", "it cost $12")
        ],
        *[
            ("es", text)
            for text in ("el viernes pasado", "un viaje de tres días", "la segunda opción", "dentro de dos viernes")
        ],
        *[("fr", text) for text in ("vendredi dernier", "trois jours à Rome", "le deuxième vol")],
        *[("de", text) for text in ("letzten Freitag", "Nehme die Nummer 12.", "der dritte Flug", "bis zum 25.")],
        *[("it", text) for text in ("venerdì scorso", "tre giorni a Roma", "il secondo volo")],
        *[("pt", text) for text in ("sexta passada", "sexta retrasada", "três dias em Roma", "a segunda opção")],
        *[("ja", text) for text in ("三日間の旅行", "3泊4日", "一泊二日", "先週の金曜日", "毎週金曜日")],
        *[("zh", text) for text in ("3号航站楼", "一日游", "2日游", "上周五", "上個月3號", "下下下周一", "明后天")],
    ],
)
def test_past_days_stays_terminals_and_ordinals_are_no_dates(language: str, text: str) -> None:
    assert days(language, text) == []


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "on Christmas Eve", "2026-12-24"),
        ("en", "Thanksgiving", "2027-11-25"),
        ("es", "en Nochevieja", "2026-12-31"),
        ("fr", "à Noël", "2026-12-25"),
        ("de", "an Heiligabend", "2026-12-24"),
        ("de", "Ostern 2027", "2027-03-28"),
        ("it", "a Ferragosto", "2027-08-15"),
        ("pt", "no Carnaval", "2027-02-09"),
        ("ja", "元日", "2027-01-01"),
        ("zh", "春节", "2027-02-06"),
        ("zh", "聖誕節", "2026-12-25"),
    ],
)
def test_feasts(language: str, text: str, day: str) -> None:
    assert days(language, text) == [day]


def test_easter_by_the_published_table() -> None:
    assert [easter(year).isoformat() for year in (2024, 2025, 2026, 2027, 2038)] == [
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2038-04-25",
    ]


def test_a_rule_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule"):
        feast("someday", 2026)
    assert feast("lunar-new-year", 2099) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "in a week and a half"),
        ("es", "dentro de una semana y media"),
        ("fr", "dans une semaine et demie"),
        ("it", "tra una settimana e mezza"),
        ("pt", "daqui a uma semana e meia"),
    ],
)
def test_half_a_unit_more_is_not_the_whole_one(language: str, text: str) -> None:
    assert days(language, text) == []
