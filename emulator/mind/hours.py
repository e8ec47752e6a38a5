"""Times of day in an utterance: when a flight may leave, and when it may arrive.

"Before six" is of the departure unless a word for arriving stands beside it. What is said of the way back is none of the
first flight's, and is told as what no search can ask for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from emulator.lexicon import lexicon
from emulator.lexicon.hours import HourWords, hour_words
from emulator.mind.clock import END_OF_DAY, HOUR, LAST, choice_of, clock_source, clock_text, clock_time
from emulator.mind.dates import fold

Kind = Literal["not_before", "not_after", "between", "at"]
Role = Literal["leave", "arrive", "back"]

_KINDS: Final[tuple[Kind, ...]] = ("between", "not_before", "not_after", "at")
_ABOUT: Final = 60
"""Minutes on both sides of a time that is meant to be about right."""
_NEAR_WORDS: Final = 3
"""Words between a time and what is said of it behind it."""
_NEAR_SIGNS: Final = 14
"""The same in characters, where words are not separated."""
_VERB_LAST: Final = frozenset({"de", "ja", "zh"})
"""Languages that say behind a time what it is of."""


@dataclass(frozen=True, slots=True)
class Hours:
    """None: nothing is said of it. Times as HH:MM."""

    depart_from: str | None = None
    depart_until: str | None = None
    arrive_from: str | None = None
    arrive_until: str | None = None
    beyond: tuple[tuple[int, int], ...] = ()
    """Where times of the way back stand, which no search asks for."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where all of it stands."""

    @property
    def anything(self) -> bool:
        """Whether any time is said."""
        return bool(self.depart_from or self.depart_until or self.arrive_from or self.arrive_until)


def hours(folded: str, code: str, taken: Sequence[tuple[int, int]], first_leg_until: int | None = None) -> Hours:
    """Reads the times of a folded text; `taken` are spans that mean something else.

    Behind `first_leg_until` what is said is of a flight after the first.
    """
    found = Hours()
    matches = [match for match in _pattern(code).finditer(folded) if _is_time(match, code, taken)]
    for number, match in enumerate(matches):
        left = matches[number - 1].end() if number else 0
        right = matches[number + 1].start() if number + 1 < len(matches) else len(folded)
        role, span = role_of(folded, match.span(), (left, right), code, inside=_says_inside(match, code))
        found = replace(found, spans=(*found.spans, match.span()))
        if role == "back" or (first_leg_until is not None and match.start() > first_leg_until):
            found = replace(found, beyond=(*found.beyond, (min(span[0], match.start()), max(span[1], match.end()))))
            continue
        earliest, latest = _window(match, code)
        if _kind(match) in {"not_before", "not_after"} and _denied(folded, match.span(), (left, right), code):
            earliest, latest = latest, earliest
        names = ("arrive_from", "arrive_until") if role == "arrive" else ("depart_from", "depart_until")
        said = {
            name: value
            for name, value in zip(names, (earliest, latest), strict=True)
            if value and not getattr(found, name)
        }
        found = replace(found, **said)  # type: ignore[arg-type]  # mypy does not know which fields these are
    return found


def role_of(
    folded: str, span: tuple[int, int], room: tuple[int, int], code: str, *, inside: bool = False
) -> tuple[Role, tuple[int, int]]:
    """What a time at `span` is of, and where that is said; `room` ends where other times stand."""
    within = _first(folded, span, _inside(code)) if inside else None
    if within:
        return within
    behind = _behind(folded, span[1], room[1], code)
    before = _before(folded, span[0], room[0], code)
    pair = (behind, before) if code in _VERB_LAST else (before, behind)
    return next((one for one in pair if one is not None), ("leave", span))


def _behind(folded: str, start: int, end: int, code: str) -> tuple[Role, tuple[int, int]] | None:
    """What is said right behind a time, in the same part of the sentence."""
    part = _clause(code).split(folded[start:end], maxsplit=1)[0]
    near = re.match(rf"\W*(?:\S+\s+){{0,{_NEAR_WORDS}}}?\S*", part) if lexicon(code).spaced else None
    stop = start + (len(part) if code == "de" else near.end() if near else min(len(part), _NEAR_SIGNS))
    if lexicon(code).spaced and code != "de":
        stop = start + len(re.match(r"\W*\w*", part)[0])  # type: ignore[index]  # it matches anything
    found = _first(folded, (start, stop), _after(code))
    if found and code == "zh" and folded[found[1][0] : found[1][1]] in {"到", "抵"}:
        # Right behind it only: "6点之前从北京到上海" says where to.
        return found if re.fullmatch(r"[能可以要就必须都的得,，\s]{0,4}", folded[start : found[1][0]]) else None
    return found


def _before(folded: str, end: int, start: int, code: str) -> tuple[Role, tuple[int, int]] | None:
    """The nearest word before a time that says what it is of; "return" counts in its own part of the sentence only."""
    text = folded[start:end]
    sentence = start + max((found.end() for found in re.finditer(r"(?<!\d)\.|[!?;。！？；]", text)), default=0)
    part = start + max((found.end() for found in _clause(code).finditer(text)), default=0)
    back = _last(folded, (part, end), _words(code, "back"), "back")
    if back:
        return back
    found = [
        one
        for role, name in (("arrive", "arrive_before"), ("leave", "leave_before"))
        if (one := _last(folded, (sentence, end), _words(code, name), role))
    ]
    return max(found, key=lambda one: one[1][1], default=None)


def _first(
    folded: str, span: tuple[int, int], patterns: Iterable[tuple[Role, re.Pattern[str]]]
) -> tuple[Role, tuple[int, int]] | None:
    found = [
        (match.start(), -match.end(), role) for role, pattern in patterns if (match := pattern.search(folded, *span))
    ]
    if not found:
        return None
    start, end, role = min(found)
    return role, (start, -end)


def _last(
    folded: str, span: tuple[int, int], pattern: re.Pattern[str], role: str
) -> tuple[Role, tuple[int, int]] | None:
    matches = list(pattern.finditer(folded, *span))
    kind: Role = "back" if role == "back" else "arrive" if role == "arrive" else "leave"
    return (kind, matches[-1].span()) if matches else None


@cache
def _words(code: str, name: str) -> re.Pattern[str]:
    phrases: tuple[str, ...] = getattr(hour_words(code), name)
    body = choice_of(phrases)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)" if lexicon(code).spaced else body)


@cache
def _inside(code: str) -> tuple[tuple[Role, re.Pattern[str]], ...]:
    if lexicon(code).spaced:
        return (("arrive", _words(code, "arrive_before")), ("leave", _words(code, "leave_before")))
    return (("arrive", _words(code, "arrive_after")), ("leave", _words(code, "leave_after")))


@cache
def _after(code: str) -> tuple[tuple[Role, re.Pattern[str]], ...]:
    found: list[tuple[Role, re.Pattern[str]]] = [
        ("arrive", _words(code, "arrive_after")),
        ("leave", _words(code, "leave_after")),
    ]
    return (*found, ("back", _words(code, "back"))) if code in _VERB_LAST else tuple(found)


@cache
def _clause(code: str) -> re.Pattern[str]:
    """Where a part of a sentence ends."""
    breaks = choice_of(hour_words(code).breaks)
    words = rf"\s(?:{breaks})\s" if lexicon(code).spaced else breaks
    return re.compile(rf"[,;:!?、。，；！？]|(?<!\d)\.|{words}")


def _is_time(match: re.Match[str], code: str, taken: Sequence[tuple[int, int]]) -> bool:
    times = [value for name, value in match.groupdict().items() if value is not None and name[0] in "tu"]
    spans = [match.span(name) for name, value in match.groupdict().items() if value is not None and name[0] in "tu"]
    if any(first < end and start < last for first, last in spans for start, end in taken):
        return False
    return all(clock_time(one, code) for one in times)


def _kind(match: re.Match[str]) -> str:
    name = next(name for name, value in match.groupdict().items() if value and name[0] == "t")
    return name.split("_", 1)[1].rsplit("_", 1)[0]


def _says_inside(match: re.Match[str], code: str) -> bool:
    """Whether the words beside the hour may themselves say what it is of: "latest arrival at 6", "6時着"."""
    return _kind(match) == "at" if not lexicon(code).spaced else code == "en"  # "a partir de" is no departure


def _denied(folded: str, span: tuple[int, int], room: tuple[int, int], code: str) -> bool:
    """Whether "before" is denied, so that "after" is meant: "que no llegue antes de las nueve"."""
    if code == "ja":
        part = _clause(code).split(folded[span[1] : room[1]], maxsplit=1)[0]
    else:
        part = _clause(code).split(folded[room[0] : span[0]])[-1]
        part = " ".join(part.split()[-_NEAR_WORDS - 2 :]) if lexicon(code).spaced else part[-_NEAR_SIGNS:]
    return _words(code, "nots").search(part) is not None


def _window(match: re.Match[str], code: str) -> tuple[str | None, str | None]:
    """The earliest and the latest time that a match asks for."""
    kind = _kind(match)
    first = next(value for name, value in match.groupdict().items() if value and name[0] == "t")
    if kind == "between":
        last = next(value for name, value in match.groupdict().items() if value and name[0] == "u")
        words = hour_words(code)
        half = re.search(choice_of((*words.am, *words.pm)), last if lexicon(code).spaced else first)
        if lexicon(code).spaced and half and not re.search(choice_of((*words.am, *words.pm)), first):
            first = f"{first} {half[0]}"
        if not lexicon(code).spaced and half and not re.search(choice_of((*words.am, *words.pm)), last):
            last = f"{half[0]}{last}"
        return clock_time(first, code), clock_time(last, code)
    said = clock_time(first, code)
    if said is None:
        return None, None
    if kind == "at":
        minutes = _minutes(said)
        return clock_text(max(0, minutes - _ABOUT)), clock_text(min(LAST * HOUR - 1, minutes + _ABOUT))
    if kind == "not_before":
        return ("00:00" if said == END_OF_DAY else said), None
    return None, said


def _minutes(clock: str) -> int:
    return int(clock[:2]) * HOUR + int(clock[3:])


@cache
def _pattern(code: str) -> re.Pattern[str]:
    """Every template of every kind in one choice, the longest first; groups are named t_KIND_N and u_KIND_N."""
    words: HourWords = hour_words(code)
    spaced = lexicon(code).spaced
    half = choice_of((*words.am, *words.pm))
    clock = clock_source(code, named=False)
    article = rf"(?:(?:{choice_of(words.articles)})\s+)?" if words.articles else ""
    time = rf"{article}(?:{clock})(?:\s*,?\s*(?:{half})(?!\w))?" if spaced else rf"(?:(?:{half})的?\s*)?(?:{clock})"
    templates = [(template, kind) for kind in _KINDS for template in getattr(words, kind)]
    bodies = []
    for number, (template, kind) in enumerate(sorted(templates, key=lambda one: -len(one[0]))):
        body = (r"\s+" if spaced else r"\s*").join(_literal(part) for part in fold(template).split())
        body = body.replace("{time}", f"(?P<t_{kind}_{number}>{time})").replace(
            "{until}", f"(?P<u_{kind}_{number}>{time})"
        )
        bodies.append(rf"(?<!\w){body}(?!\w)" if spaced else body)
    return re.compile("|".join(bodies))


def _literal(part: str) -> str:
    escaped = re.escape(part)
    return escaped.replace(r"\{time\}", "{time}").replace(r"\{until\}", "{until}")
