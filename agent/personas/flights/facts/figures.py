"""A sentence with its numbers and times of day in figures: "half past seven" is 7:30, "hundertacht Euro" 108 Euro.

What is found in it is put right in the sentence as it was said, so each character knows where it comes from.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from text_to_num import text2num

Span = tuple[int, int]

WORDS_MOST: Final = 9
"""In a number below a hundred thousand."""
IN_WORDS: Final = frozenset({"en", "es", "fr", "de", "it", "pt"})
"""Languages whose numbers are words, which the library reads."""
NOT_FAR: Final = 25
"""Characters before a time in which a "no" is of it."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_A_HUNDRED: Final = re.compile(r"^an? (?=hundred|thousand)")
_COUNTED: Final = r"欧元|歐元|美元|英镑|日元|元|块|ユーロ|ドル|円|ポンド|時|时|[点點刻分便件本班回次月日号號个個人名]"
_HAN: Final = re.compile(rf"(?<![第\d])[〇零一二两兩三四五六七八九十百千]+(?=\s?(?:{_COUNTED}))")
_DIGITS: Final = dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)) | {"两": 2, "兩": 2}
_POWERS: Final = {"十": 10, "百": 100, "千": 1000}
_APART: Final = re.compile(r"\b([1-9]) ((?:[1-9]\d)) (?=euros?|dollars?|pounds?|yen)", re.IGNORECASE)
"""Prices as they are said in English: "one eighty-seven euros"."""
ASKS: Final = re.compile(r"[?？]\s*$")
"""The end of a question, which claims nothing."""
_NO: Final = re.compile(
    r"\b(?:no|not|none|nothing|ningún|ninguno|nada|pas|aucun|rien|kein\w*|nicht|nichts|non|nessun\w*|niente|não|nenhum\w*)\b",
    re.IGNORECASE,
)
_NO_BEHIND: Final = re.compile(r"ない|なし|ありません|没有|沒有|无")


@dataclass(frozen=True)
class InFigures:
    """The text, and for each of its characters what it stands for."""

    text: str
    _from: tuple[Span, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "InFigures":
        """Nothing rewritten yet."""
        return cls(text, tuple((at, at + 1) for at in range(len(text))))

    def origin(self, span: Span) -> Span:
        """Where it stands in what was said."""
        start, end = span
        return self._from[start][0], self._from[end - 1][1]

    def replaced(self, span: Span, by: str) -> "InFigures":
        """A piece in other characters."""
        start, end = span
        put = (self.origin(span),) * len(by)
        return InFigures(self.text[:start] + by + self.text[end:], self._from[:start] + put + self._from[end:])

    def sub(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str | None]) -> "InFigures":
        """Every match replaced, but those for which there is nothing to put."""
        now = self
        for match in reversed(list(pattern.finditer(self.text))):
            if (put := by(match)) is not None:
                now = now.replaced(match.span(), put)
        return now


@dataclass(frozen=True)
class _Idiom:
    said: re.Pattern[str]
    minutes: int
    before: bool
    whole: bool

    def clock(self, match: re.Match[str]) -> str | None:
        """The time in figures; None where it is none."""
        groups = match.groupdict()
        minutes = int(groups.get("m") or 0)
        at = 60 * int(match["h"]) + self.minutes + (-minutes if self.before else minutes)
        if not 0 <= at <= 24 * 60 or int(match["h"]) > 24:  # noqa: PLR2004 - hours
            return None
        # One o'clock less a quarter is a quarter to one: of the twelve hours that people say.
        hour = at // 60 or (12 if self.minutes < 0 or self.before else 0)
        return f"{hour % 24}:{at % 60:02d}"


def in_figures(text: str, language: str) -> InFigures:
    """A sentence in a language, with the numbers and times that are certain in figures."""
    found = _numbers(InFigures.of(text), language)
    idioms, limit = _idioms(language)
    for idiom in idioms:
        found = found.sub(idiom.said, _time_of(idiom, limit, found.text, language))
    return found


def _time_of(
    idiom: _Idiom, limit: re.Pattern[str] | None, text: str, language: str
) -> Callable[[re.Match[str]], str | None]:
    def put(match: re.Match[str]) -> str | None:
        start, end = match.span()
        behind, ahead = text[:start], text[end:]
        if denied(text, (start, end)):
            return None
        if idiom.whole:
            where = ahead if language in ("ja", "zh") else behind
            if ASKS.search(text) or (limit is not None and limit.search(where)):
                return None
        clock = idiom.clock(match)
        # What stands around the numbers, as "a las", stays.
        first = min(match.start(name) for name, value in match.groupdict().items() if value)
        lead = match[0][: first - start] if re.match(r"(?:a )?(?:las?|(?:al)?le|alle|às|ore)\b", match[0]) else ""
        return None if clock is None else lead + clock

    return put


def denied(text: str, span: Span) -> bool:
    """Whether something is said not to be: "there is no flight at 8:00"."""
    start, end = span
    near = re.split(r"[.,;:!?](?!\d)", text[max(0, start - NOT_FAR) : start])[-1]
    return bool(_NO.search(near)) or bool(_NO_BEHIND.search(text[end:]))


def _numbers(found: InFigures, language: str) -> InFigures:
    if language not in IN_WORDS:
        return found.sub(_HAN, lambda match: _han(match[0]))
    words = list(_WORD.finditer(found.text))
    spans: list[tuple[Span, int]] = []
    at = 0
    while at < len(words):
        for count in range(min(WORDS_MOST, len(words) - at), 0, -1):
            start, end = words[at].start(), words[at + count - 1].end()
            number = _number(found.text[start:end], language)
            if number is not None:
                spans.append(((start, end), number))
                at += count - 1
                break
        at += 1
    for span, number in reversed(spans):
        found = found.replaced(span, str(number))
    return found.sub(_APART, lambda match: f"{match[1]}{match[2]} ") if language == "en" else found


def _number(words: str, language: str) -> int | None:
    if len(words) == 1 or not re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*", words):
        return None
    try:
        return int(text2num(_A_HUNDRED.sub("one ", words.lower()), language))
    except ValueError:
        return None


def _han(signs: str) -> str | None:
    if not any(sign in _POWERS for sign in signs):
        return "".join(str(_DIGITS[sign]) for sign in signs)
    total, digit = 0, 0
    for sign in signs:
        if sign in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[sign], 0
        else:
            digit = _DIGITS[sign]
    return str(total + digit)


@cache
def _idioms(language: str) -> tuple[tuple[_Idiom, ...], re.Pattern[str] | None]:
    table: dict[str, Any] = tomllib.loads(
        resources.files("agent.personas.flights.facts").joinpath("clock.toml").read_text(encoding="utf-8")
    )
    limit = table["limits"].get(language)
    return (
        tuple(
            _Idiom(
                re.compile(entry["said"], re.IGNORECASE),
                entry.get("minutes", 0),
                entry.get("before", False),
                entry.get("whole", False),
            )
            for entry in table.get(language, ())
        ),
        re.compile(limit, re.IGNORECASE) if limit else None,
    )
