"""Who the assistant is: found by name, made of one folder and one entry."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

import agent.personas
from agent.call.assistant import Assistant
from agent.hearing.language import LanguageTracker
from agent.personas import persona
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES, SpokenLines
from contracts.personas import PERSONAS, PersonaEntry, read

CONCIERGE = {
    "__init__.py": "",
    "persona.py": (
        "from livekit.agents import function_tool\n"
        "from agent.personas.base import Persona, Righted\n"
        "@function_tool\n"
        "async def order_tea(sugar: bool) -> str:\n"
        '    """Order tea."""\n'
        '    return "ordered"\n'
        "class Concierge(Persona):\n"
        "    tools = (order_tea,)\n"
        "    def right(self, call, sentence):\n"
        "        return Righted(sentence.replace('coffee', 'tea'), ('drink',) if 'coffee' in sentence else ())\n"
        "PERSONA = Concierge(__package__)\n"
    ),
    "prompts/en.md": "You are the concierge of a hotel. {language_rule} Today is {today} ({weekday}), {time_zone}.",
    "prompts/fr.md": "Vous êtes le concierge d'un hôtel. {language_rule}",
    "lines/fr.toml": 'greeting = "Bonjour, ici la conciergerie."',
}


@pytest.fixture
def concierge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A third persona, as CONTRIBUTING says: a folder and an entry."""
    for name, text in CONCIERGE.items():
        file = tmp_path / "concierge" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    entry = read('[concierge]\ntitle = "Serves hotel guests"\nlanguages = ["en", "fr"]\n')["concierge"]
    monkeypatch.setattr(agent.personas, "__path__", [*agent.personas.__path__, str(tmp_path)])
    monkeypatch.setitem(PERSONAS, "concierge", entry)  # type: ignore[arg-type]
    yield "concierge"  # type: ignore[misc]
    persona.cache_clear()
    for name in [name for name in sys.modules if name.startswith("agent.personas.concierge")]:
        del sys.modules[name]


def a_call(name: str, **metadata: Any) -> Any:
    data = DispatchMetadata(session_id="session-1", persona=name, **metadata)
    return SimpleNamespace(
        metadata=data,
        language=LanguageTracker(data),
        persona=persona(name),
        others=data.handoffs,
        desk=None,
        expert=None,
    )


@pytest.mark.parametrize("name", PERSONAS)
def test_every_entry_has_its_folder_its_prompts_and_lines_that_exist(name: str) -> None:
    found = persona(name)
    assert found.name == name
    for code in PERSONAS[name].languages:
        text = found.instructions(a_call(name, language=code))
        assert LANGUAGES[code].english_name in text
        assert all(line.strip() for line in found.lines(code).values())
    assert len({tool.id for tool in found.tools}) == len(found.tools)


def test_every_folder_has_its_entry() -> None:
    home = Path(agent.personas.__path__[0])
    folders = {file.parent.name for file in home.glob("*/persona.py")}
    assert folders == set(PERSONAS)


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="flights"):
        persona("dentist")
    with pytest.raises(ValueError, match="persona"):
        DispatchMetadata(session_id="session-1", persona="dentist")


def test_a_third_persona_is_a_folder_and_an_entry(concierge: str) -> None:
    call = a_call(concierge, locale="fr-FR")
    assistant = Assistant(call, SimpleNamespace(), SimpleNamespace())  # type: ignore[arg-type]
    assert str(assistant.instructions).startswith("Vous êtes le concierge")
    assert [tool.id for tool in assistant.tools] == ["order_tea", "call_a_person"]
    assert persona(concierge).right(call, "Your coffee comes.").text == "Your tea comes."
    # A language that it has no prompt in: its English one, and it does not follow the user there.
    call = a_call(concierge, locale="de-DE")
    assert call.language.code == "en"
    assert not call.language.heard("Ich möchte bitte einen Tee auf mein Zimmer bestellen, vielen Dank.")
    assert call.language.heard("Je voudrais un thé dans ma chambre, s'il vous plaît.")
    assert call.language.code == "fr"


def test_its_lines_stand_before_the_product_s(concierge: str) -> None:
    call = a_call(concierge, locale="fr")
    said: list[str] = []
    session = SimpleNamespace(
        say=lambda text, **_: said.append(text), output=SimpleNamespace(audio=object(), audio_enabled=True)
    )
    speaker = Speaker(
        session=lambda: session,  # type: ignore[arg-type, return-value]
        room=SimpleNamespace(),  # type: ignore[arg-type]
        turns=Turns(),
        language=call.language,
        own=call.persona.lines,
    )
    speaker.line("greeting")
    speaker.clip("greeting")  # no rendered audio of it: the product's would say something else
    speaker.line("goodbye")
    assert said == ["Bonjour, ici la conciergerie."] * 2 + [LANGUAGES["fr"].lines.goodbye]


def test_an_entry_with_a_language_that_nobody_speaks_is_refused() -> None:
    with pytest.raises(ValueError, match="languages"):
        PersonaEntry(title="x", languages=("tlh",))
    with pytest.raises(ValueError, match="languages"):
        PersonaEntry(title="x", languages=())


async def test_what_is_said_without_a_model_asks_none(monkeypatch: pytest.MonkeyPatch) -> None:
    call = a_call("flights")
    call.persona = SimpleNamespace(
        fixed_answer=lambda *_: "Please wait.", instructions=lambda _: "", tools_of=lambda _: []
    )
    assistant = Assistant(call, SimpleNamespace(), SimpleNamespace())  # type: ignore[arg-type]
    monkeypatch.setattr(assistant, "_guard", None)
    parts = [part async for part in assistant.llm_node(llm.ChatContext.empty(), [], None)]  # type: ignore[arg-type]
    assert parts == ["Please wait."]


def test_no_persona_names_a_line_that_does_not_exist() -> None:
    own = {"flights": set[str]()}
    for name in PERSONAS:
        for code in PERSONAS[name].languages:
            extra = set(persona(name).lines(code)) - set(SpokenLines.model_fields)
            assert own.setdefault(name, extra) == extra, f"{name}: {code} has other lines than the first language"
