"""What the mind takes from instructions: the date, words to say verbatim, a language."""

import re
from datetime import UTC, date, datetime
from typing import Final

from contracts.languages import LANGUAGES

_ISO: Final = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_TODAY: Final = re.compile(r"\btoday\b[^.\n]{0,40}?(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_EXACT: Final = re.compile(
    r"say\s+exactly\b[^\"“”«\n]{0,20}(?:\"(?P<a>[^\"]*)\"|“(?P<b>[^”]*)”|«(?P<c>[^»]*)»)", re.IGNORECASE
)
_LANGUAGE: Final = re.compile(
    r"\b(?:language|speak|answer|reply|respond|greet)\b[^.\n]{0,60}?\b("
    + "|".join(language.english_name for language in LANGUAGES.values())
    + r")\b",
    re.IGNORECASE,
)

_ONLY: Final = re.compile(
    r"\banswer in (" + "|".join(language.english_name for language in LANGUAGES.values()) + r")\b[^.\n]{0,20}\bonly\b",
    re.IGNORECASE,
)


def today(instructions: str) -> date:
    """The day that the instructions call today, else their first ISO date, else the system's day in UTC."""
    match = _TODAY.search(instructions) or _ISO.search(instructions)
    if match:
        try:
            return date.fromisoformat(match[1])
        except ValueError:
            pass
    return datetime.now(UTC).date()


def exact_words(instructions: str) -> str | None:
    """The text that the instructions, the last ones first, demand word for word: `Say exactly: "…"`."""
    matches = list(_EXACT.finditer(instructions))
    return next(group for group in matches[-1].groups() if group is not None) if matches else None


def named_language(instructions: str) -> str | None:
    """The code of the language that the instructions ask for, the last mention counting."""
    mentions = _LANGUAGE.findall(instructions)
    by_name = {language.english_name.casefold(): code for code, language in LANGUAGES.items()}
    return by_name[mentions[-1].casefold()] if mentions else None


def only_language(instructions: str) -> str | None:
    """The code of the one language that answers must be in, whatever the user speaks: `Answer in French only`."""
    match = _ONLY.search(instructions)
    return next((code for code, known in LANGUAGES.items() if match and known.english_name == match[1]), None)


def is_expert(instructions: str) -> bool:
    """Whether a second model is asked what it knows in general."""
    return "general terms" in instructions and "second model" in instructions
