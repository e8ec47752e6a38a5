"""Which of several places of one name was meant: settled by a country or state, else asked again."""

import pytest

from contracts.languages import LANGUAGES
from contracts.problems import Choice
from contracts.tools import ToolProblem
from emulator.mind.conversation import Called, Item, Reply, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

TOOLS = (Tool("search_flights", {}),)
SEARCH = {
    "en": "from Madrid to Birmingham on Friday",
    "es": "de Madrid a Birmingham el viernes",
    "fr": "de Madrid à Birmingham vendredi",
    "de": "von Madrid nach Birmingham am Freitag",
    "it": "da Madrid a Birmingham venerdì",
    "pt": "de Madri para Birmingham na sexta",
    "ja": "金曜日にマドリードからバーミンガムまで",
    "zh": "星期五从马德里到伯明翰",
}
SETTLED = [
    ("en", "the one in England", "BHX"), ("en", "Alabama", "BHM"), ("en", "not the American one", "BHX"),
    ("es", "la de Alabama", "BHM"), ("es", "en Inglaterra", "BHX"), ("es", "la inglesa", "BHX"),
    ("fr", "celle d'Angleterre", "BHX"), ("fr", "aux États-Unis", "BHM"),
    ("de", "das in England", "BHX"), ("de", "in Alabama", "BHM"), ("de", "das amerikanische", "BHM"),
    ("it", "In Inghilterra", "BHX"), ("it", "negli Stati Uniti", "BHM"),
    ("pt", "a da Inglaterra", "BHX"), ("pt", "a do Alabama", "BHM"),
    ("ja", "イギリスの", "BHX"), ("ja", "アラバマ州の", "BHM"),
    ("zh", "英国的那个", "BHX"), ("zh", "美国那个", "BHM"), ("zh", "英國的", "BHX"),
    ("en", "the second one", "BHM"), ("zh", "第一个", "BHX"),
]  # fmt: skip
NEITHER = [
    ("en", "the one in France"), ("en", "the nicer one"), ("es", "la de Francia"), ("fr", "je ne sais pas"),
    ("de", "das in Frankreich"), ("it", "In Francia"), ("pt", "a da França"), ("ja", "フランスの"), ("zh", "法国的那个"),
]  # fmt: skip


def answered(code: str, answer: str) -> tuple[str, Reply]:
    """The question that was asked, and what comes of the answer."""
    labels = ("Birmingham, United Kingdom", "Birmingham, Alabama")
    problem = ToolProblem(
        problem="ambiguous_place", field="destination", detail="which one", candidates=labels,
        choices=tuple(Choice(value=value, label=label) for value, label in zip(("BHX", "BHM"), labels, strict=True)),
    )  # fmt: skip
    instructions = f"Today is 2026-11-25 (Wednesday). Answer in {LANGUAGES[code].english_name} only."
    items: list[Item] = [Said("user", SEARCH[code])]
    first = think(Request(instructions, tuple(items), TOOLS))
    assert first.tool == "search_flights"
    items += [Called("call-1", "search_flights", first.arguments), Returned("call-1", problem.model_dump_json())]
    question = think(Request(instructions, tuple(items), TOOLS)).text
    items += [Said("assistant", question), Said("user", answer)]
    return question, think(Request(instructions, tuple(items), TOOLS))


@pytest.mark.parametrize(("code", "answer", "meant"), SETTLED)
def test_a_country_or_a_state_settles_it(code: str, answer: str, meant: str) -> None:
    _, reply = answered(code, answer)
    assert (reply.tool, reply.arguments["destination"]) == ("search_flights", meant)
    assert (reply.arguments["origin"], reply.arguments["departure_date"]) == ("MAD", "2026-11-27")


@pytest.mark.parametrize(("code", "answer"), NEITHER)
def test_an_answer_that_is_neither_asks_again(code: str, answer: str) -> None:
    question, reply = answered(code, answer)
    assert reply.tool is None
    assert reply.text == question
    assert "Alabama" in question


def test_another_city_is_gone_to_instead() -> None:
    _, reply = answered("en", "no, to Paris")
    assert (reply.tool, reply.arguments["destination"]) == ("search_flights", "PAR")
