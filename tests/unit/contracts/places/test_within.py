"""An answer that tells places of one name apart by their country, state or region."""

import pytest

from contracts.places import within

BIRMINGHAM, PORTLAND, SAN_JOSE, LONDON = ["BHX", "BHM"], ["PWM", "PDX"], ["SJO", "SJC"], ["LON", "YXU"]
MEANT = [
    ("In Inghilterra", BIRMINGHAM, 0),
    ("the one in England", BIRMINGHAM, 0),
    ("la de Alabama", BIRMINGHAM, 1),
    ("das in den Vereinigten Staaten", BIRMINGHAM, 1),
    ("celle du Royaume-Uni", BIRMINGHAM, 0),
    ("英国的那个", BIRMINGHAM, 0),
    ("英國的", BIRMINGHAM, 0),
    ("イギリスの", BIRMINGHAM, 0),
    ("アラバマ州のほう", BIRMINGHAM, 1),
    ("a inglesa", BIRMINGHAM, 0),
    ("das englische", BIRMINGHAM, 0),
    ("the American one", BIRMINGHAM, 1),
    ("美国那个", BIRMINGHAM, 1),
    ("Maine", PORTLAND, 0),
    ("俄勒冈州的", PORTLAND, 1),
    ("quella dell'Oregon", PORTLAND, 1),
    ("la de Costa Rica", SAN_JOSE, 0),
    ("in Kalifornien", SAN_JOSE, 1),
    ("カリフォルニアの", SAN_JOSE, 1),
    ("l'anglaise", LONDON, 0),
    ("das kanadische", LONDON, 1),
    ("a do Canadá", LONDON, 1),
]


@pytest.mark.parametrize(("text", "codes", "meant"), MEANT)
def test_the_place_in_what_is_named_is_meant(text: str, codes: list[str], meant: int) -> None:
    assert within(text, codes) == [meant]


@pytest.mark.parametrize(
    "text", ["the big one", "Birmingham", "la más bonita", "the one in France", "在法国", "どれでも"]
)
def test_what_none_of_them_is_in_tells_nothing(text: str) -> None:
    assert within(text, BIRMINGHAM) == []


def test_what_all_of_them_are_in_tells_nothing() -> None:
    assert within("in the United States", PORTLAND) == []
