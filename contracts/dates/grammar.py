"""Turns a language's templates into regular expressions over folded text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from contracts.dates.lexicon import DateLexicon, Kind, date_lexicon
from contracts.dates.text import fold

_OPTIONAL: Final = {"[": "(?:", "]": ")?"}


@dataclass(frozen=True)
class Rule:
    """One way to write a date; `kind` None marks a phrase that is not one, or one with a fixed offset."""

    pattern: re.Pattern[str]
    kind: Kind | None
    offset: int | None = None


@cache
def rules(code: str) -> tuple[Rule, ...]:
    """Every rule of a language."""
    lexicon = date_lexicon(code)
    atoms = _atoms(lexicon)
    words = lexicon.words
    found = [
        Rule(_compile(template, atoms, lexicon, kind), kind)
        for kind, templates in words.templates.items()
        for template in templates
    ]
    found += [Rule(_compile(phrase, atoms, lexicon), None, offset) for phrase, offset in words.relative.items()]
    found += [Rule(_compile(phrase, atoms, lexicon), None) for phrase in words.ignore]
    return tuple(found)


def _atoms(lexicon: DateLexicon) -> dict[str, str]:
    suffixes = "|".join(map(re.escape, sorted(map(fold, lexicon.words.day_suffixes), key=len, reverse=True)))
    digits = r"\d{1,2}" + (rf"(?:\s?(?:{suffixes}))?" if suffixes else "")
    day_words = _alternatives([*lexicon.ordinals, *lexicon.cardinals])
    day = rf"(?:{digits}|{day_words})" if day_words else digits
    number = _alternatives(lexicon.cardinals)
    return {
        "n": rf"(?P<n>\d{{1,3}}|{number})",
        "unit": rf"(?P<unit>{_alternatives(lexicon.units)})",
        "day": rf"(?P<day>{day})",
        "digits": rf"(?P<day>{digits})",
        "until": rf"(?P<until>{day})",
        "ordinal": rf"(?P<day>{digits}|{_alternatives(lexicon.ordinals) or '(?!)'})",
        "month": rf"(?P<month>{_alternatives(lexicon.months)})\.?",
        "m": rf"(?P<m>\d{{1,2}}|{number})" if not lexicon.words.spaced else r"(?P<m>\d{1,2})",
        "year": r"(?P<year>\d{4})",
        "weekday": rf"(?P<weekday>{_alternatives(lexicon.weekdays)})",
    }


def _alternatives(names: Iterable[str]) -> str:
    """A choice, longest first; spaces and hyphens inside a name are interchangeable."""
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", name)) for name in ordered)


def _compile(template: str, atoms: dict[str, str], lexicon: DateLexicon, kind: Kind | None = None) -> re.Pattern[str]:
    spaced = lexicon.words.spaced
    body = "".join(_token(token, atoms, spaced=spaced) for token in re.findall(r"\{\w+\}|\s+|.", template))
    if spaced and kind in ("month_day", "numeric", "range"):
        glue = _alternatives(map(fold, lexicon.words.glue))
        body = rf"(?:(?:{_alternatives(lexicon.weekdays)}),?\s+(?:(?:{glue})\s+)?)?{body}"
    edges = (r"(?<!\w)", r"(?!\w)") if spaced else (r"(?<!\d)" if body.startswith("(?P") else "", "")
    return re.compile(edges[0] + body + edges[1])


def _token(token: str, atoms: dict[str, str], *, spaced: bool) -> str:
    if token.startswith("{"):
        return atoms[token[1:-1]]
    if token.isspace():
        return r"[\s,]+" if spaced else r"\s*"
    if token in _OPTIONAL:
        return _OPTIONAL[token]
    return re.escape(fold(token)) + ("" if spaced else r"\s*")
