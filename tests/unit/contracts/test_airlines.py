"""Airlines by the names that people use, in eight languages."""

import pytest

from contracts.airlines import code_of, find_airlines, names

SAID = [
    ("我想坐汉莎", ["LH"]),
    ("我想坐漢莎航空", ["LH"]),
    ("全日空か大韓航空で", ["NH", "KE"]),
    ("ルフトハンザ航空の便", ["LH"]),
    ("ANAの便とJALの便", ["NH", "JL"]),
    ("キャセイパシフィック航空、スターラックス", ["CX", "JX"]),
    ("長榮或華航", ["BR", "CI"]),
    ("國泰航空,不要亞航", ["CX", "AK"]),
    ("ターキッシュ・エアラインズで", ["TK"]),
    ("Aeromexico ou Air Algerie", ["AM", "AH"]),
    ("vuelo con Etihad, no con Saudia", ["EY", "SV"]),
    ("avec KLM", ["KL"]),
    ("春秋航空日本", ["IJ"]),
]
ORDINARY = [
    "去越南航班有吗",
    "飞济南航班",
    "我不要外国航空公司",
    "viajo con Ana y Eva",
    "there are a lot of flights, pal",
    "che non sia tardi",
    "can you play something",
    "un avión azul",
    "マンチェスターユナイテッドの試合",
    "フォーエバー",
    "la Copa del Mundo está lejos",
]


@pytest.mark.parametrize(("text", "codes"), SAID)
def test_airlines_are_found_by_what_people_call_them(text: str, codes: list[str]) -> None:
    assert [one.code for one in find_airlines(text)] == codes


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_no_airlines(text: str) -> None:
    assert find_airlines(text) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("汉莎航空公司", "LH"), ("Emirates Airlines", "EK"), ("KLM Royal Dutch Airlines", "KL"), ("全日空", "NH"),
        ("ルフトハンザ", "LH"), ("aeromexico", "AM"), ("th", None), ("No Such Airways", None), ("大韩", "KE"),
    ],
)  # fmt: skip
def test_a_name_is_taken_with_or_without_what_is_said_behind_it(name: str, code: str | None) -> None:
    assert code_of(name) == code


def test_no_two_airlines_share_a_name() -> None:
    for code, name in names().items():
        assert code_of(name) == code, name
