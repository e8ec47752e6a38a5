"""What an intake must not say: advice and conclusions, found by lists (`advice/CODE.toml`) before a sentence is heard."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources


def overstepping(sentence: str, code: str) -> str | None:
    """`advice` or `diagnosis` when the sentence is one."""
    plain = _plain(sentence).strip(" ¿¡")
    return next((kind for kind, pattern in _lists(code).items() if pattern.search(plain)), None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.casefold().replace("’", "").replace("'", ""))
    return "".join(char for char in folded if not unicodedata.combining(char))


@cache
def _lists(code: str) -> Mapping[str, re.Pattern[str]]:
    file = resources.files(__package__ or "") / "advice" / f"{code}.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    words = {"{condition}": table.pop("conditions"), "{medicine}": table.pop("medicines")}
    return {
        kind: re.compile("|".join(f"(?:{_filled(body, words)})" for body in bodies)) for kind, bodies in table.items()
    }


def _filled(body: str, words: Mapping[str, str]) -> str:
    for slot, pattern in words.items():
        body = body.replace(slot, pattern)
    return body
