"""Times of day, in eight languages: whether a flight leaves or arrives, before or after them; what is of the way back."""

from typing import Any

import pytest

from contracts.languages import LANGUAGES
from emulator.lexicon.hours import HourWords, hour_words
from emulator.mind.clock import clock_time
from emulator.mind.dates import fold
from emulator.mind.hours import hours
from emulator.mind.wanted import wanted

SAID: list[tuple[str, str, dict[str, str]]] = [
    ("en", "it should arrive before six", {"arrive_until": "18:00"}),
    ("en", "I want to land after half past eight in the morning", {"arrive_from": "08:30"}),
    ("en", "leave at 9 am at the earliest", {"depart_from": "09:00"}),
    ("en", "latest arrival 10:30 pm", {"arrive_until": "22:30"}),
    ("en", "departing after 8 and getting in by noon", {"depart_from": "08:00", "arrive_until": "12:00"}),
    ("en", "I don't want to arrive before nine in the morning", {"arrive_from": "09:00"}),
    ("en", "arriving around 5 pm", {"arrive_from": "16:00", "arrive_until": "18:00"}),
    ("es", "que llegue antes de las seis", {"arrive_until": "18:00"}),
    ("es", "que salga después de las ocho y media de la mañana", {"depart_from": "08:30"}),
    ("es", "que no llegue más tarde de las diez de la noche", {"arrive_until": "22:00"}),
    ("es", "quiero aterrizar a partir de las 11", {"arrive_from": "11:00"}),
    ("es", "no quiero salir antes de las nueve", {"depart_from": "09:00"}),
    ("es", "a más tardar a las siete menos cuarto de la tarde", {"depart_until": "18:45"}),
    ("fr", "qui arrive avant dix-huit heures", {"arrive_until": "18:00"}),
    ("fr", "je veux arriver après neuf heures et demie", {"arrive_from": "09:30"}),
    ("fr", "départ au plus tôt à 8h15", {"depart_from": "08:15"}),
    ("fr", "arrivée au plus tard à vingt heures trente", {"arrive_until": "20:30"}),
    ("de", "der vor sechs Uhr abends ankommt", {"arrive_until": "18:00"}),
    ("de", "ich will nach 8 abfliegen und vor 18 Uhr landen", {"depart_from": "08:00", "arrive_until": "18:00"}),
    ("de", "Ankunft frühestens um halb elf", {"arrive_from": "10:30"}),
    ("de", "spätestens um Viertel vor neun abends da sein", {"arrive_until": "20:45"}),
    ("it", "che arrivi prima delle sei", {"arrive_until": "18:00"}),
    ("it", "arrivo non oltre le ventuno", {"arrive_until": "21:00"}),
    ("it", "partenza dopo le otto e mezza", {"depart_from": "08:30"}),
    ("it", "vorrei atterrare dopo mezzogiorno", {"arrive_from": "12:00"}),
    ("pt", "que chegue antes das seis", {"arrive_until": "18:00"}),
    ("pt", "quero pousar depois do meio-dia", {"arrive_from": "12:00"}),
    ("pt", "saída a partir das oito e meia", {"depart_from": "08:30"}),
    ("pt", "chegada no máximo às 21h", {"arrive_until": "21:00"}),
    ("ja", "6時までに着く便", {"arrive_until": "18:00"}),
    ("ja", "朝8時半以降に出発", {"depart_from": "08:30"}),
    ("ja", "遅くとも21時に到着したい", {"arrive_until": "21:00"}),
    ("ja", "到着は十時以降", {"arrive_from": "10:00"}),
    ("ja", "9時前に出発したくない", {"depart_from": "09:00"}),
    ("zh", "晚上六点前到", {"arrive_until": "18:00"}),
    ("zh", "早上八点半以后出发", {"depart_from": "08:30"}),
    ("zh", "最晚晚上九点到达", {"arrive_until": "21:00"}),
    ("zh", "中午以后到", {"arrive_from": "12:00"}),
    ("zh", "不想在九点之前出发", {"depart_from": "09:00"}),
    ("zh", "八点到十一点之间出发", {"depart_from": "08:00", "depart_until": "11:00"}),
]
OF_THE_WAY_BACK = [
    ("en", "returning after 6 pm"), ("es", "la vuelta después de las seis de la tarde"), ("fr", "retour après 18 heures"),
    ("de", "Rückflug nach 18 Uhr"), ("de", "Rückflug am 15. nach 18 Uhr"), ("it", "ritorno dopo le 18"), ("pt", "volta depois das 18h"),
    ("ja", "18時以降に帰りたい"), ("zh", "晚上六点以后回来"),
]  # fmt: skip
NO_TIME = [
    ("en", "after two days"), ("en", "under 20 euros"), ("en", "by two adults"), ("es", "antes de dos escalas"),
    ("de", "nach zwei Wochen"), ("fr", "après deux jours"), ("pt", "até 30 euros"), ("it", "dopo due scali"),
    ("zh", "早一点的"), ("zh", "便宜一点"), ("ja", "3日以降"),
]  # fmt: skip
TIMES = ("depart_from", "depart_until", "arrive_from", "arrive_until")


@pytest.mark.parametrize(("code", "text", "expected"), SAID)
def test_a_time_is_of_leaving_or_of_arriving(code: str, text: str, expected: dict[str, str]) -> None:
    found: dict[str, Any] = {name: getattr(wanted(text, code), name) for name in TIMES}
    assert {name: value for name, value in found.items() if value} == expected


@pytest.mark.parametrize(("code", "text"), OF_THE_WAY_BACK)
def test_a_time_of_the_way_back_is_not_the_first_flights(code: str, text: str) -> None:
    found = wanted(text, code)
    assert found.times == ()
    assert len(found.beyond) == 1
    assert found.beyond[0] in text


@pytest.mark.parametrize(("code", "text"), NO_TIME)
def test_what_is_counted_is_no_time(code: str, text: str) -> None:
    assert wanted(text, code).times == ()


def test_behind_the_second_flight_a_time_is_not_the_firsts() -> None:
    text = fold("Rome to Athens after 9, then to Cairo before 18:00")
    found = hours(text, "en", (), text.index("cairo"))
    assert (found.depart_from, found.depart_until, len(found.beyond)) == ("09:00", None, 1)


@pytest.mark.parametrize(
    ("code", "said", "clock"),
    [
        ("en", "midnight", "23:59"), ("en", "12:15 am", "00:15"), ("en", "quarter to nine in the evening", "20:45"),
        ("es", "las doce de la noche", "23:59"), ("fr", "midi", "12:00"), ("de", "halb sieben morgens", "06:30"),
        ("it", "l'una", "13:00"), ("pt", "quinze para as oito", "07:45"), ("ja", "午前6時", "06:00"), ("zh", "两点一刻", "14:15"),
        ("en", "25:00", None), ("de", "acht uhr siebzig", "08:00"),
    ],
)  # fmt: skip
def test_an_hour_is_read_as_it_is_said(code: str, said: str, clock: str | None) -> None:
    assert clock_time(fold(said), code) == clock


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_word(code: str) -> None:
    words = hour_words(code)
    for name in set(HourWords.model_fields) - {"articles", "shapes", "clock_needed"}:
        assert getattr(words, name), name
    for name in ("not_before", "not_after", "at", "between"):
        assert all("{time}" in template for template in getattr(words, name)), name
    assert all("{until}" in template for template in words.between)
