"""What is wrong in a sentence, and the sentence put right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["price", "currency", "time", "weekday", "date", "airline", "airport", "stops", "count"]


@dataclass(frozen=True)
class Mistake:
    """One wrong claim: what was said, where, and what is right when only one thing can be."""

    kind: Kind
    said: str
    span: tuple[int, int]
    right: str | None = None


def repaired(text: str, wrong: Iterable[Mistake]) -> str | None:
    """The sentence with what is right in the place of what is wrong; None where that is not known for certain."""
    for mistake in sorted(wrong, key=lambda one: one.span, reverse=True):
        if mistake.right is None:
            return None
        start, end = mistake.span
        text = text[:start] + mistake.right + text[end:]
    return text
