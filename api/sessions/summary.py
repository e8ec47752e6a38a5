"""A conversation in a few lines, taken from its searches and questions: no model, nothing that was not said."""

from collections.abc import Iterable, Sequence
from typing import Final

from contracts.flights import SearchResult
from contracts.turns import Turn

_QUESTIONS: Final = 5
_QUESTION_LENGTH: Final = 160


def summarise(turns: Sequence[Turn], searches: Sequence[SearchResult]) -> str | None:
    """One line a search, then what the user asked; None when nothing happened.

    Written without words of any language, because the conversation may be in several.
    """
    lines = [*_searches(searches), *_questions(turns)]
    return "\n".join(lines) or None


def _searches(searches: Iterable[SearchResult]) -> list[str]:
    lines = []
    for result in searches:
        query = result.query
        days = f"{query.departure_date}" + (f" ⇄ {query.return_date}" if query.return_date else "")
        cheapest = min((offer.total for offer in result.offers), key=lambda total: total.decimal, default=None)
        price = f" · ≥ {cheapest.amount} {cheapest.currency}" if cheapest else ""
        lines.append(
            f"✈ {query.origin.name} ({query.origin.code}) → {query.destination.name} ({query.destination.code})"
            f" · {days} · {query.adults}× {query.cabin.value} · {len(result.offers)}{price} [{result.price_kind.value}]"
        )
    return list(dict.fromkeys(lines))


def _questions(turns: Iterable[Turn]) -> list[str]:
    said = [" ".join(turn.text.split()) for turn in turns if turn.role == "user"]
    asked = list(dict.fromkeys(text for text in said if text))
    return [f"“{text[:_QUESTION_LENGTH]}{'…' if len(text) > _QUESTION_LENGTH else ''}”" for text in asked[:_QUESTIONS]]
