"""Finds phrases and templates of a lexicon in folded text."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from emulator.mind.dates import fold


@cache
def _pattern(phrases: tuple[str, ...], *, spaced: bool) -> re.Pattern[str]:
    return re.compile(_bounded(_choice(phrases), spaced=spaced))


def _choice(phrases: Iterable[str]) -> str:
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", fold(phrase)))) for phrase in ordered)


def _bounded(body: str, *, spaced: bool) -> str:
    return rf"(?<!\w)(?:{body})(?!\w)" if spaced else rf"(?:{body})"


def find(phrases: tuple[str, ...], folded: str, *, spaced: bool) -> re.Match[str] | None:
    """The first of the phrases in the text, as whole words where the language has spaces."""
    return _pattern(phrases, spaced=spaced).search(folded) if phrases else None


def ends_with(phrases: Sequence[str], folded: str, *, spaced: bool) -> str | None:
    """The longest phrase that the text ends with, spaces and quotes aside."""
    return _at_edge(tuple(phrases), folded, spaced=spaced, end=True)


def starts_with(phrases: Sequence[str], folded: str, *, spaced: bool) -> str | None:
    """The longest phrase that the text starts with."""
    return _at_edge(tuple(phrases), folded, spaced=spaced, end=False)


@cache
def _edge_pattern(phrases: tuple[str, ...], *, spaced: bool, end: bool) -> re.Pattern[str]:
    body = f"({_choice(phrases)})"
    if end:
        return re.compile((r"(?<!\w)" if spaced else "") + body + r"\W*$")
    return re.compile(r"^\s*" + body + (r"(?!\w)" if spaced else ""))


def _at_edge(phrases: tuple[str, ...], folded: str, *, spaced: bool, end: bool) -> str | None:
    if not phrases:
        return None
    match = _edge_pattern(phrases, spaced=spaced, end=end).search(folded)
    return match[1] if match else None


@cache
def _numbered(templates: tuple[str, ...], words: tuple[str, ...], *, spaced: bool) -> re.Pattern[str]:
    numbers = rf"(\d{{1,3}}|{_choice(number_words(words))})"
    bodies = (
        _choice((template,)).replace(re.escape("{n}"), numbers, 1)
        for template in sorted(templates, key=len, reverse=True)
    )
    return re.compile("|".join(_bounded(body, spaced=spaced) for body in bodies))


@cache
def number_words(groups: tuple[str, ...]) -> dict[str, int]:
    """Folded number word to number, from groups whose position is the number."""
    return {fold(word): number for number, group in enumerate(groups, 1) for word in group.split("|")}


def find_number(templates: tuple[str, ...], words: tuple[str, ...], folded: str, *, spaced: bool) -> int | None:
    """The number in the first template that the text contains."""
    match = _numbered(templates, words, spaced=spaced).search(folded) if templates else None
    if match is None:
        return None
    written = next(group for group in match.groups() if group is not None)
    return int(written) if written.isdigit() else number_words(words)[written]
