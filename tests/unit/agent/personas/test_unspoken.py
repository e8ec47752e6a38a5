"""Patients whose language no intake is taken in are told so, and names and addresses are no language."""

from pathlib import Path

import pytest
import yaml
from livekit.agents import llm

from agent.personas.intake.restraint import overstepping
from agent.personas.intake.unspoken import unspoken
from contracts.languages import LANGUAGES
from contracts.personas import PERSONAS

SPOKEN = PERSONAS["intake"].languages
DIALOGUES = Path(__file__).parents[3] / "integration" / "dialogues"
SAID = {
    "de": ("Ich habe seit gestern starke Kopfschmerzen", "Guten Tag, ich möchte meine Anamnese machen"),
    "fr": ("J'ai mal au genou depuis deux semaines", "Bonjour, je voudrais faire mon dossier"),
    "it": ("Ho mal di testa da tre giorni", "Buongiorno, non parlo spagnolo né inglese"),
    "pt": ("Estou com dor de cabeça há três dias e não consigo dormir", "Não falo espanhol nem inglês"),
    "ja": ("昨日から頭が痛いです", "日本語で話してもいいですか"),
    "zh": ("我昨天开始头疼得厉害", "我可以说中文吗"),
}


def after(*said: str, answered: str = "") -> llm.ChatContext:
    chat = llm.ChatContext.empty()
    for number, text in enumerate(said, start=1):
        chat.add_message(role="user", content=text)
        if answered and number < len(said):
            chat.add_message(role="assistant", content=answered)
    return chat


def answer(*said: str, answered: str = "") -> str | None:
    return unspoken(after(*said, answered=answered), SPOKEN, "144")


def test_there_is_a_line_for_every_language_that_no_intake_is_taken_in() -> None:
    assert set(SAID) == set(LANGUAGES) - set(SPOKEN)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in SAID.items() for text in texts])
def test_who_speaks_another_language_is_told_in_it_which_ones_there_are(code: str, text: str) -> None:
    line = answer(text)
    assert line is not None
    assert "144" in line, "and whom to call when it cannot wait"
    assert all(overstepping(line, language) is None for language in SPOKEN)
    assert line == answer(SAID[code][0]), "always the one of that language"
    assert answer(text, text, answered=line) is None, "once: who goes on may ask for a person"


@pytest.mark.parametrize(
    "text",
    [
        "Me llamo Giovanna Bianchi Rossi de Luca",
        "Mi nombre es João Pedro da Silva Santos",
        "I live in Rue de la République, Lyon",
        "My name is Wolfgang von Goethe Schmidt",
        "Jean-Baptiste Poquelin de la Fontaine",
        "Paracetamol, ibuprofeno y omeprazol veinte miligramos",
        "田中",
        "",
    ],
)
def test_a_name_a_medicine_and_an_address_are_of_any_language(text: str) -> None:
    assert answer(text) is None


@pytest.mark.parametrize("code", SPOKEN)
def test_nothing_that_patients_say_in_its_languages_is_taken_for_another(code: str) -> None:
    said = yaml.safe_load((DIALOGUES / f"intake.{code}.yaml").read_text("utf-8"))
    turns = [turn["say"] for dialogue in said for turn in dialogue["turns"] if not turn.get("foreign")]
    assert len(turns) > 10
    assert [text for text in turns if answer(text)] == []
