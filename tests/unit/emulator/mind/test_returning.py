"""The day of a return is counted from the day of departure."""

from datetime import date

import pytest

from emulator.mind.understand import understand

SATURDAY = date(2026, 11, 28)
FRIDAY, SUNDAY = date(2026, 12, 4), date(2026, 12, 6)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Flights from Madrid to Rome on Friday, returning on Sunday"),
        ("es", "Busca vuelos de Madrid a Roma el viernes, vuelta el domingo"),
        ("fr", "Des vols de Madrid à Rome vendredi, retour dimanche"),
        ("de", "Flüge von Madrid nach Rom am Freitag, zurück am Sonntag"),
        ("it", "Voli da Madrid a Roma venerdì, ritorno domenica"),
        ("pt", "Voos de Madrid para Roma na sexta-feira, volta no domingo"),
        ("ja", "金曜日のマドリードからローマへのフライト、帰りは日曜日"),
        ("zh", "星期五从马德里到罗马的航班，返程星期日"),
    ],
)
def test_a_weekday_after_the_departure_though_one_comes_before_it(language: str, said: str) -> None:
    heard = understand(said, language, SATURDAY)
    assert (heard.dates, heard.return_date) == ((FRIDAY,), SUNDAY)


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("Flights from Madrid to Rome on Friday, returning tomorrow", date(2026, 11, 29)),
        ("Flights from Madrid to Rome on Friday, returning on 30 November", date(2026, 11, 30)),
        ("Flights from Madrid to Rome on Friday, returning on 9 December", date(2026, 12, 9)),
        ("Flights from Madrid to Rome tomorrow, returning on Friday", FRIDAY),
    ],
)
def test_a_day_that_says_what_it_is_stays_that_day(said: str, back: date) -> None:
    assert understand(said, "en", SATURDAY).return_date == back
