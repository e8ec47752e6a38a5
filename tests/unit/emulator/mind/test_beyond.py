"""Who wants a person, and what no search answers, in the eight languages."""

import pytest

from contracts.languages import LANGUAGES
from contracts.tools import TOOL_CONSENT, TOOL_EXPERT, TOOL_HAND_OVER, TOOL_PERSON, ExpertReply
from emulator.lexicon.trips import trip_words
from emulator.mind.conversation import Called, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

PERSON, EXPERT = Tool(TOOL_PERSON, {}), Tool(TOOL_EXPERT, {"properties": {"question": {}}})
VISA = {
    "en": "Do I need a visa for the United States?",
    "es": "¿Necesito un visado para Estados Unidos?",
    "fr": "Est-ce qu'il faut un visa ?",
    "de": "Brauche ich ein Visum?",
    "it": "Ho bisogno di un visto?",
    "pt": "Preciso de visto?",
    "ja": "ビザは必要ですか。",
    "zh": "我需要签证吗？",
}


def asked(code: str, text: str, *tools: Tool) -> Request:
    return Request(f"Answer in {LANGUAGES[code].english_name} only.", (Said("user", text),), tools)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_person_is_asked_for_by_each_phrase(code: str) -> None:
    for phrase in trip_words(code).person:
        assert think(asked(code, phrase, PERSON, EXPERT)).tool == TOOL_PERSON, phrase


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_no_search_answers_goes_to_the_second_model_or_is_said_not_to_be_known(code: str) -> None:
    plain = think(asked(code, "visa" if code in {"en", "fr"} else trip_words(code).harder[0], EXPERT))
    assert plain.tool == TOOL_EXPERT
    reply = think(asked(code, trip_words(code).harder[-1], PERSON))
    assert (reply.tool, reply.text) == (None, trip_words(code).told.cannot_tell)


@pytest.mark.parametrize("code", ["en", "es", "fr", "de", "it", "pt", "ja", "zh"])
def test_a_whole_question_is_passed_on_and_its_answer_said(code: str) -> None:
    reply = think(asked(code, VISA[code], EXPERT))
    if reply.tool is None:  # it names a place, and is taken for a search
        pytest.fail(f"{VISA[code]!r}: {reply.text!r}")
    assert reply.arguments == {"question": VISA[code]}
    items = (
        Said("user", VISA[code]),
        Called("1", TOOL_EXPERT, {"question": VISA[code]}),
        Returned("1", ExpertReply(answer="It depends.").model_dump_json()),
    )
    assert think(Request(f"Answer in {LANGUAGES[code].english_name} only.", items, (EXPERT,))).text == "It depends."


@pytest.mark.parametrize(
    ("code", "text", "offered", "to"),
    [
        ("en", "I want to do my medical intake", TOOL_PERSON, "intake"),
        ("es", "Quiero hacer mi historia clínica", TOOL_PERSON, "intake"),
        ("en", "Actually, find me a flight", TOOL_CONSENT, "flights"),
        ("es", "Prefiero buscar un vuelo", TOOL_CONSENT, "flights"),
    ],
)
def test_who_wants_what_another_persona_does_is_handed_over(code: str, text: str, offered: str, to: str) -> None:
    reply = think(asked(code, text, Tool(TOOL_HAND_OVER, {}), Tool(offered, {})))
    assert (reply.tool, dict(reply.arguments)) == (TOOL_HAND_OVER, {"to": to})
    assert think(asked(code, text, Tool(offered, {}))).tool != TOOL_HAND_OVER
