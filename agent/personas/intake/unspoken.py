"""A patient who speaks a language that no intake is taken in is told so, in that language, and nothing is guessed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from livekit.agents import llm

from agent.hearing.language import detect
from contracts.languages import normalise

_WORDS: Final = 2
"""Of the language's own; names, medicines and addresses are of any language."""
_BEGINNING: Final = 12
_SIGNS: Final = 6
"""Of the language's own script, where that tells it."""


def unspoken(chat: llm.ChatContext, spoken: tuple[str, ...], emergency: str) -> str | None:
    """What is answered to the last words of the patient, once; None where they may be in a language of `spoken`."""
    messages = [item for item in chat.items if isinstance(item, llm.ChatMessage)]
    text = next((one.text_content or "" for one in reversed(messages) if one.role == "user"), "")
    found = {detect(text, code) for code in spoken}
    other = _others().get(found.pop())
    if found or other is None:
        return None
    own = other.get("words", "").split()
    words = set(normalise(text).replace("'", " ").replace("’", " ").split())
    sure = len(words & set(own)) >= _WORDS if own else sum(sign > "\u2e80" for sign in text) >= _SIGNS
    line = str(other["line"]).format(emergency=emergency)
    # Who goes on all the same may want a person, which the model understands in any language.
    told = any(one.role == "assistant" and line[:_BEGINNING] in (one.text_content or "") for one in messages)
    return line if sure and not told else None


@cache
def _others() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((resources.files(__package__) / "unspoken.toml").read_text(encoding="utf-8"))
