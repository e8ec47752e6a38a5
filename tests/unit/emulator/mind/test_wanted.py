"""Who travels and what the flights must be like, in eight languages; nothing of it is taken for anything else."""

from dataclasses import asdict
from datetime import date
from string import Formatter
from typing import Any

import pytest

from contracts.airlines import code_of, find_airlines
from contracts.languages import LANGUAGES
from emulator.lexicon.wishes import Told, WishWords, wish_words
from emulator.mind.understand import understand
from emulator.mind.wanted import only_ages, wanted

TODAY = date(2026, 11, 28)
FAMILY = {"children": 2, "ages": (4, 7)}
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ("en", "two adults and two children aged 4 and 7", FAMILY),
    ("en", "for me, my wife, our son of five and a baby", {"children": 1, "ages": (5,), "infants": 1, "companions": 1}),
    ("en", "with 2 suitcases, arriving before 6 pm", {"checked_bags": 2, "arrive_until": "18:00"}),
    ("en", "leaving after 9 in the morning, not with Ryanair", {"depart_from": "09:00", "without_airlines": ("FR",)}),
    ("en", "a refundable ticket with Iberia before noon", {"refundable": True, "airlines": ("IB",), "depart_until": "12:00"}),
    ("en", "tomorrow afternoon", {"depart_from": "12:00", "depart_until": "18:00"}),
    ("en", "two children aged one and three", {"children": 1, "ages": (3,), "infants": 1}),
    ("es", "dos adultos y dos niños de 4 y 7 años", FAMILY),
    ("es", "con Iberia por la mañana, con maleta", {"airlines": ("IB",), "depart_from": "06:00", "depart_until": "12:00", "checked_bags": 1}),
    ("es", "que llegue antes de las 18:30, sin Ryanair y Vueling", {"arrive_until": "18:30", "without_airlines": ("FR", "VY")}),
    ("fr", "deux adultes et deux enfants de 4 et 7 ans", FAMILY),
    ("fr", "avant 18h30 avec Air France, remboursable", {"depart_until": "18:30", "airlines": ("AF",), "refundable": True}),
    ("fr", "à partir de 9 heures, une valise", {"depart_from": "09:00", "checked_bags": 1}),
    ("de", "zwei Erwachsene und zwei Kinder im Alter von 4 und 7", FAMILY),
    ("de", "Abflug nach 18 Uhr, ohne Ryanair, zwei Koffer", {"depart_from": "18:00", "without_airlines": ("FR",), "checked_bags": 2}),
    ("de", "ein Kind von 5 Jahren und ein Baby", {"children": 1, "ages": (5,), "infants": 1}),
    ("it", "due adulti e due bambini di 4 e 7 anni", FAMILY),
    ("it", "arrivo entro le 18, con bagaglio", {"arrive_until": "18:00", "checked_bags": 1}),
    ("it", "di mattina, rimborsabile, senza Ryanair", {"depart_from": "06:00", "depart_until": "12:00", "refundable": True, "without_airlines": ("FR",)}),
    ("pt", "dois adultos e duas crianças de 4 e 7 anos", FAMILY),
    ("pt", "um bebê, chegar antes das 18h, com TAP", {"infants": 1, "arrive_until": "18:00", "airlines": ("TP",)}),
    ("ja", "大人2人と子供2人、4歳と7歳", FAMILY),
    ("ja", "午後6時までに着く便、荷物2個", {"arrive_until": "18:00", "checked_bags": 2}),
    ("ja", "全日空で、幼児1人", {"airlines": ("NH",), "infants": 1}),
    ("ja", "国航以外、9時以降", {"without_airlines": ("CA",), "depart_from": "09:00"}),
    ("zh", "两个大人和两个孩子,4岁和7岁", FAMILY),
    ("zh", "下午6点之前到,不要国航", {"arrive_until": "18:00", "without_airlines": ("CA",)}),
    ("zh", "带行李,可退票,上午9点以后", {"checked_bags": 1, "refundable": True, "depart_from": "09:00"}),
]  # fmt: skip
NOTHING = [
    ("en", "good morning, from Madrid to Berlin"),
    ("en", "the second one"),
    ("es", "buenas tardes, el segundo"),
    ("fr", "bonjour, de Paris à Rome le 4 décembre"),
    ("de", "Guten Morgen, von Berlin nach Rom"),
    ("it", "da Roma a Milano il 7"),
    ("pt", "bom dia, de Lisboa para o Porto"),
    ("ja", "3日の東京から大阪"),
    ("zh", "早上好,从北京到上海"),
]


@pytest.mark.parametrize(("code", "text", "expected"), SAID)
def test_what_is_wanted_is_read(code: str, text: str, expected: dict[str, Any]) -> None:
    blank = asdict(wanted("", code))
    found = asdict(wanted(text, code)) | {"spans": ()}
    assert found == blank | expected


@pytest.mark.parametrize(("code", "text"), NOTHING)
def test_what_says_nothing_of_it_is_not_read_into_it(code: str, text: str) -> None:
    assert not wanted(text, code).anything


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, t, e in SAID if e == FAMILY])
def test_children_are_no_adults_and_their_ages_no_days(code: str, text: str) -> None:
    heard = understand(text, code, TODAY)
    assert (heard.adults, heard.dates, heard.number) == (2, (), heard.number)


def test_who_is_named_beside_the_speaker_is_counted() -> None:
    heard = understand("for me, my wife, our son of five and a baby", "en", TODAY)
    assert (heard.adults, heard.wanted.children, heard.wanted.infants) == (2, 1, 1)


def test_ages_alone_answer_the_question_for_them() -> None:
    assert only_ages("four and 7", "en") == (4, 7)
    assert only_ages("5歳と8歳です", "ja") == (5, 8)
    assert only_ages("30", "en") == ()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_word_and_slot(code: str) -> None:
    words = wish_words(code)
    for name in WishWords.model_fields:
        if name not in {"told", "parts", "without_before", "without_after", "aged"}:
            assert getattr(words, name), name
    assert words.without_before or words.without_after
    assert set(words.parts) == {"morning", "lunch", "afternoon", "evening", "night"}
    slots = {
        "max_price": {"price"},
        "airlines": {"names"},
        "without_airlines": {"names"},
        "kept": {"what"},
        "every": {"what"},
        "first": {"what"},
        "cannot": {"what"},
    }
    slots |= {key: {"time"} for key in ("depart_from", "depart_until", "arrive_from", "arrive_until")}
    for name in Told.model_fields:
        text = getattr(words.told, name)
        one, *many = text if isinstance(text, tuple) else (text,)
        assert {field for _, field, _, _ in Formatter().parse(one) if field} == slots.get(name, set()), name
        assert all("{n}" in more for more in many), name


def test_airlines_are_found_by_the_names_that_people_use() -> None:
    assert [one.code for one in find_airlines("Lufthansa, easyJet und AIR FRANCE")] == ["LH", "U2", "AF"]
    assert [one.code for one in find_airlines("全日空か日航")] == ["NH", "JL"]
    assert find_airlines("Capital of Estonia") == []
    assert (code_of("iberia"), code_of("ib"), code_of("Nobody Air")) == ("IB", "IB", None)


@pytest.mark.parametrize(
    ("said", "number", "days"),
    [("我选四号。", 4, 0), ("我选4号", 4, 0), ("第四个", 4, 0), ("四号去上海", None, 1), ("我选12月4号出发", None, 1)],
)
def test_a_number_that_is_picked_is_no_day(said: str, number: int | None, days: int) -> None:
    found = understand(said, "zh", date(2026, 11, 29))
    assert (found.number, len(found.dates)) == (number, days)
