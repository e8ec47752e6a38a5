"""Signs of danger in a patient's words, by lists that a clinician can read (`flags/CODE.toml`); no diagnosis.

Rather one too many: what is found stops the questions and brings a person. A clause that denies it does not count, nor one
that tells of a relative's past or of years ago; what is so now counts whoever has it and since whenever.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from contracts.intakes import RedFlag

_CLAUSE: Final = re.compile(r"[.,;:!?¡¿\n]+")
_BEFORE: Final = 4
"""Words before a sign in which a denial counts."""
_BEFORE_ALTERNATIVES: Final = 10
"""The same where the sign is one of several ("never had chest pain or fainted")."""
_GAP: Final = r"((?:\s+\w+){0,4})\s+"
_BETWEEN: Final = r"((?:\s+\w+){0,6})\s+"
_ALWAYS: Final = frozenset({RedFlag.SELF_HARM})
"""What counts also when it is told of years ago."""


@dataclass(frozen=True, slots=True)
class _Lists:
    signs: Mapping[RedFlag, tuple[tuple[tuple[re.Pattern[str], ...], ...], ...]]
    """Of each kind any will do; of one, all its parts, each in either of its readings."""
    denials: frozenset[str]
    joins: frozenset[str]
    alternatives: frozenset[str]
    undenied: re.Pattern[str]
    now: re.Pattern[str]
    turns: re.Pattern[str]
    kin: re.Pattern[str]
    past: re.Pattern[str]
    history: re.Pattern[str]
    long_ago: re.Pattern[str]


def red_flags(text: str, code: str) -> tuple[RedFlag, ...]:
    """What an utterance says, in the order of the lists.

    >>> red_flags("Me duele mucho el pecho y no puedo respirar", "es")
    (<RedFlag.CHEST_PAIN: 'chest_pain'>, <RedFlag.BREATHING: 'breathing'>)
    >>> red_flags("No, I have no chest pain, and my father had a heart attack", "en")
    ()
    """
    lists = _lists(code)
    clauses = [_plain(part) for whole in _CLAUSE.split(text) for part in lists.turns.split(_plain(whole))]
    present = [clause for clause in clauses if not _of_a_relative(lists, clause)]
    recent = [clause for clause in present if lists.now.search(clause) or not lists.long_ago.search(clause)]
    return tuple(
        kind
        for kind, patterns in lists.signs.items()
        if any(_says(parts, lists, present if kind in _ALWAYS else recent) for parts in patterns)
    )


def _of_a_relative(lists: _Lists, clause: str) -> bool:
    if lists.history.search(clause):
        return True
    return bool(lists.kin.search(clause) and lists.past.search(clause) and not lists.now.search(clause))


def _says(parts: tuple[tuple[re.Pattern[str], ...], ...], lists: _Lists, clauses: list[str]) -> bool:
    return all(
        any(
            not _denied(match, lists, clause)
            for clause in clauses
            for reading in part
            for match in reading.finditer(clause)
        )
        for part in parts
    )


def _denied(match: re.Match[str], lists: _Lists, clause: str) -> bool:
    # "I don't know why my chest hurts": a denial of something else says nothing of the sign.
    before = lists.undenied.sub(" ", clause[: match.start()]).split()
    one_of_several = lists.alternatives.intersection(before[-_BEFORE:])
    before = before[-(_BEFORE_ALTERNATIVES if one_of_several else _BEFORE) :]
    # "No appetite and my chest hurts": what is denied before an "and" says nothing of what follows it.
    joined = max((at for at, word in enumerate(before) if word in lists.joins), default=-1)
    between = " ".join(filter(None, match.groups())).split()
    return bool(lists.denials.intersection([*before[joined + 1 :], *between]))


def _plain(text: str) -> str:
    """Case-folded, without accents and apostrophes, in single spaces."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("'", ""))
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]", " ", kept).split())


@cache
def _lists(code: str) -> _Lists:
    file = resources.files(__package__ or "") / "flags" / f"{code}.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    denials, joins, alternatives = (
        frozenset(map(_plain, table.pop(name))) for name in ("denials", "joins", "alternatives")
    )
    parts = {name: _any(table.pop(name)) for name in ("undenied", "now", "turns", "kin", "past", "history", "long_ago")}
    signs = {
        RedFlag(kind): tuple(tuple(map(_pattern, phrase.split(" && "))) for phrase in phrases)
        for kind, phrases in table.items()
    }
    return _Lists(signs, denials, joins, alternatives, **parts)


def _any(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{_body(phrase)})\b" for phrase in phrases))


def _pattern(phrase: str) -> tuple[re.Pattern[str], ...]:
    """With gaps as long as they may be and as short: what "no siento el brazo ni la pierna" denies is not the arm."""
    first, _, second = (_body(part) if part else "" for part in phrase.partition(" & "))
    both = rf"(?:{first}){_BETWEEN}(?:{second})|(?:{second}){_BETWEEN}(?:{first})" if second else first
    short = both.replace("{0,4})", "{0,4}?)").replace("{0,6})", "{0,6}?)")
    return tuple(re.compile(rf"\b(?:{one})\b") for one in dict.fromkeys((both, short)))


def _body(phrase: str) -> str:
    """`…` up to four words, `(a|b)` either, `word*` any ending, `##` `#` a digit, `$` the end of the clause."""
    body = ""
    for piece in re.findall(r"…|[()|]|[^\s…()|]+", phrase):
        apart = r"\s+" if body and not body.endswith(("(?:", "|", _GAP)) else ""
        if piece == "…":
            body += _GAP
        elif piece in {")", "|"}:
            body += piece
        elif piece == "(":
            body += apart + "(?:"
        elif piece == "$":
            body += r"$"
        elif "#" in piece:
            body += apart + piece.replace("#", r"\d")
        else:
            body += apart + re.escape(_plain(piece.rstrip("*"))) + r"\w*" * piece.endswith("*")
    return body
