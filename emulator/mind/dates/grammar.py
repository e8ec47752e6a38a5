"""Turns a language's templates into regular expressions over folded text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from emulator.mind.dates.lexicon import DateLexicon, Kind, date_lexicon
from emulator.mind.dates.text import fold

_OPTIONAL: Final = {"[": "(?:", "]": ")?"}


@dataclass(frozen=True)
class Rule:
    """One way to write a date; `kind` None marks a phrase that is not one, or one with a fixed offset."""

    pattern: re.Pattern[str]
    kind: Kind | None
    offset: int | None = None
    feast: str | None = None


_MONEY: Final = r"(?:euros?|eur|dollars?|usd|gbp|pounds?|quid|dolares|dolar|libras?|livres|pfund|dollari|sterline|reais|pesos|francs?|franken|yen)"
_SPACED_EDGES: Final = (
    r"(?<!\w)(?<!\d[./:,-])(?<![$€£¥])(?<![$€£¥]\s)",
    rf"(?!\w)(?![./:-]\d)(?!,\d)(?!\s?[$€£¥%°º])(?!(?<=\d)\s{_MONEY}(?!\w))",
)
"""A date is no part of a longer number, nor an amount of money."""
_NAMED_MONTH: Final = (
    "{year}/{bare}/{month}",
    "{year}/{month}/{bare}",
    "{bare}/{month}/{year}",
    "{bare}-{month}-{year}",
    "{month}-{bare}-{year}",
    "{month}-{year}-{bare}",
    "{bare}-{year}-{month}",
    "{month}/{bare}",
    "{bare}.{month}[ {year}]",
)
"""Orders that forms and machines write, the same in every language that has spaces."""


@cache
def rules(code: str) -> tuple[Rule, ...]:
    """Every rule of a language."""
    lexicon = date_lexicon(code)
    atoms = _atoms(lexicon)
    words = lexicon.words
    templates = {kind: list(listed) for kind, listed in words.templates.items()}
    if words.spaced:
        templates.setdefault("month_day", []).extend(_NAMED_MONTH)
    templates.setdefault("numeric", []).append("{year}/{m}/{bare}")
    found = [
        Rule(_compile(template, atoms, lexicon, kind), kind)
        for kind, listed in templates.items()
        for template in listed
    ]
    found += [Rule(_compile(phrase, atoms, lexicon), None, offset) for phrase, offset in words.relative.items()]
    found += [
        Rule(_compile(template.format(phrase), atoms, lexicon), None, feast=rule)
        for phrase, rule in words.feasts.items()
        for template in ("{}[ {{year}}]", *(f"{{}} {link} {{{{year}}}}" for link in words.year_links))
    ]
    found += [Rule(_compile(phrase, atoms, lexicon), None) for phrase in words.ignore]
    return tuple(found)


@dataclass(frozen=True)
class Neighbours:
    """What may stand right before or behind a date and change it."""

    ahead_before: tuple[re.Pattern[str], ...]
    back_before: tuple[re.Pattern[str], ...]
    ahead_after: tuple[re.Pattern[str], ...]
    fixed_after: tuple[tuple[re.Pattern[str], int], ...]
    void_before: re.Pattern[str]
    void_after: re.Pattern[str]
    glue: re.Pattern[str]
    weekday_before: re.Pattern[str]
    """What stands between a weekday and the day that it is before; in the languages without spaces, between the two."""
    weekday_after: re.Pattern[str]


@cache
def neighbours(code: str) -> Neighbours:
    """The patterns of a language for what is beside a date."""
    lexicon = date_lexicon(code)
    words, atoms = lexicon.words, _atoms(lexicon)
    gap, left, right = (r"[\s,]+", r"(?<!\w)", r"(?!\w)") if words.spaced else (r"\s*", "", "")
    close = r"\s+" if words.spaced else ""  # "no, Friday" denies what was before

    def link(phrases: tuple[str, ...]) -> re.Pattern[str]:
        article = rf"(?:(?:{_articles(lexicon)})\s+)?" if words.spaced else ""
        return re.compile(rf"\s*(?:{_alternatives(map(fold, phrases)) or '(?!)'})\s*{article}")

    def before(template: str) -> re.Pattern[str]:
        return re.compile(left + _body(template, atoms, lexicon) + gap + r"(?:(?:" + _articles(lexicon) + r")\s+)?$")

    def after(template: str) -> re.Pattern[str]:
        return re.compile("^" + gap + _body(template, atoms, lexicon) + right)

    return Neighbours(
        ahead_before=tuple(map(before, words.shift_before)),
        back_before=tuple(map(before, words.back_before)),
        ahead_after=tuple(map(after, words.shift_after)),
        fixed_after=tuple((after(phrase), days) for phrase, days in words.shifts.items()),
        void_before=re.compile(rf"{left}(?:{_alternatives(map(fold, words.voids_before)) or '(?!)'}){close}$"),
        void_after=re.compile(rf"^{gap}(?:{_behind(words.voids_after)}){right}"),
        weekday_before=link(words.weekday_before),
        weekday_after=link(words.weekday_after),
        glue=re.compile(rf"[\s,，、(（]*(?:(?:{_articles(lexicon)})\s*)*[\s,，、(（]*"),
    )


def _behind(phrases: tuple[str, ...]) -> str:
    """One of the phrases; of those that end in "$" one that ends what is said."""
    anywhere = _alternatives(fold(phrase) for phrase in phrases if not phrase.endswith("$"))
    last = _alternatives(fold(phrase[:-1]) for phrase in phrases if phrase.endswith("$"))
    return "|".join(filter(None, (anywhere, rf"(?:{last})(?=\s*(?:[,.;!?]|$))" if last else ""))) or "(?!)"


def _articles(lexicon: DateLexicon) -> str:
    return _alternatives(map(fold, lexicon.words.glue)) or "(?!)"


def _atoms(lexicon: DateLexicon) -> dict[str, str]:
    suffixes = "|".join(map(re.escape, sorted(map(fold, lexicon.words.day_suffixes), key=len, reverse=True)))
    digits = r"\d{1,2}" + (rf"(?:\s?(?:{suffixes}))?" if suffixes else "")
    day_words = _alternatives([*lexicon.ordinals, *lexicon.cardinals])
    day = rf"(?:{digits}|{day_words})" if day_words else digits
    number = _alternatives(lexicon.cardinals)
    ordinals = _alternatives(lexicon.ordinals) or "(?!)"
    nths = _alternatives([*lexicon.ordinals, *lexicon.nths]) or "(?!)"
    return {
        "n": rf"(?P<n>\d{{1,3}}|{number})",
        "unit": rf"(?P<unit>{_alternatives(lexicon.units)})",
        "day": rf"(?P<day>{day})",
        "digits": rf"(?P<day>{digits})",
        "bare": r"(?P<day>\d{1,2})",
        "until": rf"(?P<until>{day})",
        "ordinal": rf"(?P<day>{digits}|{ordinals})",
        "nth": rf"(?P<nth>\d{digits[2:].removeprefix('{1,2}')}|{nths if lexicon.words.spaced else number})",
        "month": rf"(?P<month>{_alternatives(lexicon.months)})\.?",
        "until_month": rf"(?P<until_month>{_alternatives(lexicon.months)})\.?",
        "m": rf"(?P<m>\d{{1,2}}|{number})" if not lexicon.words.spaced else r"(?P<m>\d{1,2})",
        "mo": rf"(?P<m>{ordinals})",
        "year": r"(?P<year>\d{4})",
        "yy": r"(?P<year>\d{4}|\d{2})",
        "weekday": rf"(?P<weekday>{_alternatives(lexicon.weekdays)})",
        "said": rf"(?P<weekday>{_alternatives(map(fold, lexicon.words.said_weekdays)) or '(?!)'})",
        "wd": rf"(?P<weekday>{_alternatives(lexicon.short_weekdays)})\.?",
    }


def _alternatives(names: Iterable[str]) -> str:
    """A choice, longest first; spaces and hyphens inside a name are interchangeable."""
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", name)) for name in ordered)


def _body(template: str, atoms: dict[str, str], lexicon: DateLexicon) -> str:
    return "".join(
        _token(token, atoms, spaced=lexicon.words.spaced) for token in re.findall(r"\{\w+\}|\s+|.", template)
    )


def _compile(template: str, atoms: dict[str, str], lexicon: DateLexicon, kind: Kind | None = None) -> re.Pattern[str]:
    spaced = lexicon.words.spaced
    body = _body(template, atoms, lexicon)
    if spaced and kind in ("month_day", "numeric", "range"):
        weekday = rf"(?P<told>{_alternatives(lexicon.short_weekdays)})\.?"
        body = rf"(?:{weekday},?[\s(]+(?:(?:{_articles(lexicon)})\s+)?)?{body}"
    edges = _SPACED_EDGES if spaced else (r"(?<![\d./月年-])" if body.startswith("(?P") else "", r"(?![./-]\d)")
    return re.compile(edges[0] + body + edges[1])


def _token(token: str, atoms: dict[str, str], *, spaced: bool) -> str:
    if token.startswith("{"):
        return atoms[token[1:-1]]
    if token.isspace():
        return r"[\s,]+" if spaced else r"\s*"
    if token in _OPTIONAL:
        return _OPTIONAL[token]
    return re.escape(fold(token)) + ("" if spaced else r"\s*")
