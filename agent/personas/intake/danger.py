"""Signs of danger in a patient's words, by lists that a clinician can read (`flags/CODE.toml`); no diagnosis.

Rather one too many: what is found stops the questions and brings a person. A clause that denies it does not count.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from contracts.intakes import RedFlag

_CLAUSE: Final = re.compile(r"[.,;:!?¡¿\n]+")
_BEFORE: Final = 4
"""Words before a sign in which a denial counts."""


def red_flags(text: str, code: str) -> tuple[RedFlag, ...]:
    """What an utterance says, in the order of the lists.

    >>> red_flags("Me duele mucho el pecho y no puedo respirar", "es")
    (<RedFlag.CHEST_PAIN: 'chest_pain'>, <RedFlag.BREATHING: 'breathing'>)
    >>> red_flags("No, I have no chest pain", "en")
    ()
    """
    patterns, denials, joins, turns = _lists(code)
    clauses = [_plain(part) for whole in _CLAUSE.split(text) for part in turns.split(_plain(whole))]
    found = []
    for kind, pattern in patterns.items():
        if any(_says(pattern, denials, joins, clause) for clause in clauses):
            found.append(kind)
    return tuple(found)


def _says(pattern: re.Pattern[str], denials: frozenset[str], joins: frozenset[str], clause: str) -> bool:
    for match in pattern.finditer(clause):
        before = clause[: match.start()].split()[-_BEFORE:]
        # "No appetite and my chest hurts": what is denied before an "and" says nothing of what follows it.
        joined = max((at for at, word in enumerate(before) if word in joins), default=-1)
        if not denials.intersection(before[joined + 1 :]):
            return True
    return False


def _plain(text: str) -> str:
    """Case-folded, without accents and apostrophes, in single spaces."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("'", ""))
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]", " ", kept).split())


@cache
def _lists(code: str) -> tuple[Mapping[RedFlag, re.Pattern[str]], frozenset[str], frozenset[str], re.Pattern[str]]:
    file = resources.files(__package__ or "") / "flags" / f"{code}.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    denials = frozenset(_plain(word) for word in table.pop("denials"))
    joins = frozenset(_plain(word) for word in table.pop("joins"))
    turns = re.compile(r"\b(?:" + "|".join(_plain(word) for word in table.pop("turns")) + r")\b")
    return {RedFlag(kind): _pattern(tuple(phrases)) for kind, phrases in table.items()}, denials, joins, turns


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """`…` stands for up to four words."""
    bodies = (
        r"(?:\s+\w+){0,4}\s+".join(re.escape(_plain(part)).replace(r"\ ", r"\s+") for part in phrase.split("…"))
        for phrase in phrases
    )
    return re.compile(r"\b(?:" + "|".join(bodies) + r")\b")
