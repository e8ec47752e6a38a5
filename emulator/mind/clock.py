"""An hour as it is said or written, in each language: "half past six", "las seis y media", "halb sieben", "六点半"."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from emulator.lexicon import lexicon
from emulator.lexicon.hours import hour_words
from emulator.mind.dates import fold
from emulator.mind.dates.lexicon import CJK_NUMBERS, date_lexicon

END_OF_DAY: Final = "23:59"
LAST: Final = 24
HOUR: Final = 60
_NOON: Final = 12
_EARLY: Final = 6
"""An hour up to this without a word for the half of the day is meant after noon: nobody asks to leave after three at night."""
_MONEY: Final = r"\s*(?:[€$£¥%°]|eur|usd|dollar|dolar|euro|pfund|libra|reais|yen|pound)"


def clock_text(minutes: int) -> str:
    """HH:MM of a minute of the day."""
    return f"{minutes // HOUR:02}:{minutes % HOUR:02}"


def clock_time(said: str, code: str) -> str | None:
    """A folded time of day as HH:MM; None when it is none.

    >>> clock_time("las seis y media de la tarde", "es"), clock_time("halb sieben abends", "de")
    ('18:30', '18:30')
    """
    words = hour_words(code)
    match = _clock_pattern(code).search(said)
    if match is None:
        return None
    name, hour_said = next((name, value) for name, value in match.groupdict().items() if value and name[0] == "h")
    minute_said = match.groupdict().get("m" + name[1:])
    offset = _offsets(code)[int(name[1:])]
    hour = _hour(hour_said, code)
    if hour is None:
        return None
    minute = _number(minute_said, code) if minute_said else 0
    if minute is None or minute >= HOUR:
        return None
    tail = said[: match.start()] + " " + said[match.end() :]
    later, sooner = (re.search(bounded(choice_of(names), code), tail) for names in (words.pm, words.am))
    exact = (minute_said or "").isdigit() or hour_said.startswith("0")
    total = hour * HOUR + minute + offset
    if hour >= LAST:
        return END_OF_DAY if total == LAST * HOUR else None
    if total < 0:
        total += _NOON * HOUR
    if (later and total < _NOON * HOUR) or (not later and not sooner and not exact and total <= _EARLY * HOUR + 59 and hour <= _EARLY):  # fmt: skip
        total += _NOON * HOUR
    elif later and hour == _NOON and re.search(r"noche|sera|abend|night|soir|noite|晚上|夜|nachts", later[0]):
        return END_OF_DAY
    elif sooner and hour == _NOON:
        total -= _NOON * HOUR
    return clock_text(total) if total < LAST * HOUR else None


def _hour(said: str, code: str) -> int | None:
    words = hour_words(code)
    if re.fullmatch(choice_of(words.noon), said):
        return _NOON
    if re.fullmatch(choice_of(words.midnight), said):
        return LAST
    return _number(said, code)


def _number(said: str, code: str) -> int | None:
    if said.isdigit():
        return int(said)
    plain = re.sub(r"[\s-]+", " ", said)
    table = {re.sub(r"[\s-]+", " ", word): value for word, value in _cardinals(code).items()}
    half = {"半": 30, "一刻": 15, "三刻": 45}
    return table.get(plain, half.get(said))


@cache
def _cardinals(code: str) -> dict[str, int]:
    words = date_lexicon(code).cardinals
    if lexicon(code).spaced:
        return {word: value for word, value in words.items() if " couple" not in f" {word}" and word != "a"}
    tens = {"三十": 30, "四十": 40, "五十": 50}
    more = {ten + unit: tens[ten] + CJK_NUMBERS[unit] for ten in tens for unit in CJK_NUMBERS}
    return {**words, **tens, **more}


@cache
def _atoms(code: str) -> tuple[str, str]:
    """An hour, and minutes."""
    words, spaced = hour_words(code), lexicon(code).spaced
    numbers = [word for word, value in _cardinals(code).items() if value <= LAST]
    spoken = choice_of(tuple(numbers))
    hour = rf"\d{{1,2}}(?!\d)|{spoken}|{choice_of((*words.noon, *words.midnight))}"
    minutes = choice_of(tuple(word for word, value in _cardinals(code).items() if value < HOUR and value > 1))
    if spaced:
        return hour, rf"\d{{2}}(?!\d)|(?:{minutes})(?!\w)"
    return hour, rf"\d{{1,2}}(?!\d)|半|一刻|三刻|{minutes}"


@cache
def _bodies(code: str) -> tuple[tuple[str, int], ...]:
    """Patterns of an hour without the half of the day, with `{h}` and `{m}`, and the minutes that each adds."""
    words = hour_words(code)
    clock = choice_of(words.clock)
    if not lexicon(code).spaced:
        return (
            (rf"{{h}}\s*(?:{clock})\s*(?:{{m}})\s*分?", 0),
            (rf"{{h}}\s*(?:{clock})(?:整|ちょうど|钟)?", 0),
            (r"{h}\s*[:：]\s*{m}", 0),
            (rf"(?P<h#>{choice_of((*words.noon, *words.midnight))})", 0),
        )
    shapes = sorted(words.shapes.items(), key=lambda item: -len(item[0]))
    spoken = [(r"[\s-]+".join(map(_escaped, re.split(r"[\s-]+", shape))), offset) for shape, offset in shapes]
    spoken = [(rf"(?<!\w){body}(?!\w)", offset) for body, offset in spoken]
    written = [
        (r"(?P<h#>\d{1,2})\s?[:.]\s?(?P<m#>\d{2})(?!\d)" + rf"(?:\s*(?:{clock})(?!\w))?", 0),
        (rf"(?P<h#>\d{{1,2}})\s*(?:{clock})\s*(?P<m#>\d{{2}})(?![\d\w])", 0),
    ]
    whole = rf"{{h}}\s*(?:{clock})(?!\w)"
    noon = rf"(?<!\w)(?P<h#>{choice_of((*words.noon, *words.midnight))})(?!\w)"
    bare = [] if words.clock_needed else [(rf"{{h}}(?!\w){_not_counted(code)}", 0)]
    return (*spoken, *written, (whole, 0), (noon, 0), *bare)


def _not_counted(code: str) -> str:
    """What may not follow a number that is an hour: a unit or a month, or money."""
    lexicon_ = date_lexicon(code)
    units = choice_of(tuple({*lexicon_.units, *lexicon_.months}))
    people = r"person|adult|passeng|pasajer|passag|pessoa|erwachs|kind|nino|enfant|bambin|crianc|stop|escal|scal|umstieg|maleta|valig|mala|koffer|bag|suitcase|stund|hour|hora|heure|ore|minut"
    return rf"(?!\s*-?(?:(?:{units})(?!\w)|(?:{people})|{_MONEY}))(?!\s?[./-]\s?\d)(?!,\d)"


def _escaped(part: str) -> str:
    return (
        fold(part)
        if part in {"{h}", "{m}"}
        else re.escape(fold(part)).replace(r"\{h\}", "{h}").replace(r"\{m\}", "{m}")
    )


@cache
def _offsets(code: str) -> tuple[int, ...]:
    return tuple(offset for _, offset in _bodies(code))


@cache
def clock_source(code: str, *, named: bool) -> str:
    """The pattern of an hour without the half of the day; `named`: with groups h0, m0 and so on for its parts."""
    hour, minutes = _atoms(code)
    # "早一点" is earlier, not one o'clock.
    edge = r"(?<![\w.,:/-])" if lexicon(code).spaced else r"(?!(?<=[早晚快宜贵多少迟慢短长])一点)"
    parts = []
    for number, (body, _) in enumerate(_bodies(code)):
        filled = body.replace("{h}", rf"{edge}(?P<h#>{hour})").replace("{m}", rf"(?P<m#>{minutes})")
        filled = filled.replace("#", str(number)) if named else re.sub(r"\(\?P<[hm]#>", "(?:", filled)
        parts.append(filled)
    return "|".join(parts)


@cache
def _clock_pattern(code: str) -> re.Pattern[str]:
    return re.compile(clock_source(code, named=True))


def bounded(body: str, code: str) -> str:
    """As whole words, where the language has them."""
    return rf"(?<!\w)(?:{body})(?!\w)" if lexicon(code).spaced else body


def choice_of(phrases: Sequence[str]) -> str:
    """One of the phrases, longest first; spaces and hyphens are interchangeable."""
    ordered = sorted({fold(one) for one in phrases}, key=len, reverse=True)
    return "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", one))) for one in ordered) or "(?!)"
