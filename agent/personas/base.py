"""What every persona has; a persona overrides what it does otherwise."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from livekit.agents import llm

from agent.call.local_time import local_now
from agent.tools.handoff import call_a_person, hand_over, of_others
from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES
from contracts.personas import PERSONAS, PersonaEntry

if TYPE_CHECKING:
    from agent.call.state import Call

_FOLLOW: Final = (
    "Answer in the language of the user's last message, whatever it is. When they change language, change with them at "
    "once. Until they have spoken, use {name}."
)
_AMONG: Final = (
    "Answer in the language of the user's last message when it is one of {names}, else in {name}. Speak {name} "
    "until they have spoken."
)
_PINNED: Final = "Answer in {name} ({code}) only: the user chose it."


@dataclass(frozen=True)
class Righted:
    """A sentence as it may be said."""

    text: str
    kinds: tuple[str, ...] = ()
    """Of what was wrong with it; empty when nothing was."""


class Persona:
    """The one of a folder; it holds nothing of any call."""

    tools: tuple[llm.Tool | llm.Toolset, ...] = ()
    """What the model may call."""
    takes_files = False
    """Whether pictures and PDFs may be sent to it."""
    fillers: tuple[str, ...] = ()
    """Lines that it says while something runs, and which must not wait for the voice."""

    def __init__(self, package: str) -> None:
        """`package` is the persona's own, `__package__` of its module."""
        self.name = package.rpartition(".")[2]
        self._package = package

    def warm(self) -> None:
        """What is the same in every call, before there is one: calls are forked from where this was done."""
        for code in self.entry.languages:
            prompt(self._package, code)
            lines(self._package, code)

    @property
    def entry(self) -> PersonaEntry:
        """What the registry says of it."""
        return PERSONAS[self.name]

    def instructions(self, call: "Call", now: datetime | None = None) -> str:
        """The system prompt, in the call's language where there is one, else the English one; and who else there is."""
        return prompt(self._package, call.language.code).format(**self.facts(call, now)) + of_others(call.others)

    def tools_of(self, call: "Call") -> list[llm.Tool | llm.Toolset]:
        """Its own, and those that every persona has."""
        return [*self.tools, call_a_person, *([hand_over] if call.others else [])]

    def facts(self, call: "Call", now: datetime | None = None) -> dict[str, str]:
        """What the prompt's fields stand for: language_rule, today, weekday, time_zone."""
        today = local_now(call.metadata.time_zone, now)
        return {
            "language_rule": self.language_rule(call),
            "today": today.date().isoformat(),
            "weekday": f"{today:%A}",
            "time_zone": call.metadata.time_zone,
        }

    def lines(self, code: str, metadata: DispatchMetadata | None = None) -> Mapping[str, str]:  # noqa: ARG002
        """Fixed lines that this persona says otherwise than the product, or has on its own, by name."""
        return lines(self._package, code)

    def right(self, call: "Call", sentence: str) -> Righted:  # noqa: ARG002 - for those who look into it
        """The sentence before it is said, with what is wrong in it put right."""
        return Righted(sentence)

    def correction(self, call: "Call", better: list[str]) -> str:
        """What is said where wrong sentences were heard already."""
        facts = " ".join(part.strip() for part in better)
        return LANGUAGES[call.language.code].correction.format(facts=facts)

    def fixed_answer(self, call: "Call", chat: llm.ChatContext) -> str | None:  # noqa: ARG002
        """What is answered to a conversation without asking a model, or None."""
        return None

    def said(self, call: "Call", text: str) -> None:
        """The assistant's words, when they have been heard."""

    async def take_up(self, call: "Call") -> None:
        """Go on with what an agent before this one has kept."""

    def touched(self, call: "Call") -> list[llm.ChatItem]:  # noqa: ARG002
        """What the model's conversation holds of something tapped on the page; empty where it need not know."""
        return []

    def found(self, call: "Call") -> list[llm.ChatItem]:  # noqa: ARG002
        """The same of something else that is shown now, which the model has not found."""
        return []

    async def show(self, call: "Call") -> None:
        """Send the page what this persona has to show."""

    def language_rule(self, call: "Call") -> str:
        """Which language to answer in."""
        known = LANGUAGES[call.language.code]
        names = ", ".join(LANGUAGES[code].english_name for code in self.entry.languages)
        rule = _PINNED if call.language.pinned else _FOLLOW if len(self.entry.languages) == len(LANGUAGES) else _AMONG
        return rule.format(name=known.english_name, code=known.code, names=names)


@cache
def prompt(package: str, code: str) -> str:
    """A persona's prompt for a language."""
    folder = resources.files(package) / "prompts"
    own = folder / f"{code}.md"
    return (own if own.is_file() else folder / "en.md").read_text(encoding="utf-8")


@cache
def lines(package: str, code: str) -> Mapping[str, str]:
    """A persona's fixed lines in a language."""
    own = resources.files(package) / "lines" / f"{code}.toml"
    return tomllib.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
