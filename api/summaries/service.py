"""A conversation in a few lines: by a language model where one is set, else its searches and questions as they were.

Made by a job that the end of the call orders, so that a task that is killed in the middle does not lose it.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from api.calls.repository import CallRepository, Sums
from api.database.tables import CallEventRow
from api.sessions.repository import Stores
from api.summaries.narrator import Narrator
from contracts.flights import SearchResult
from contracts.problems import PolyglotError
from contracts.records import UsageEvent
from contracts.turns import Summary, Turn

log = structlog.get_logger("polyglot.sessions")

Spend = Callable[[str, UsageEvent], Awaitable[None]]
"""Counts what a model was used for."""

FOUND: Final = "found"
"""Kind of the event that holds a search's line."""
_QUESTIONS: Final = 5
_QUESTION_LENGTH: Final = 160


class Summariser:
    """Notes searches while the call runs, and makes the summary when it is over."""

    def __init__(self, stores: Stores, calls: CallRepository, narrator: Narrator | None, spend: Spend) -> None:
        self._stores = stores
        self._calls = calls
        self._narrator = narrator
        self._spend = spend

    async def note_search(self, room: str, result: SearchResult) -> None:
        """Remember a search that the agent of that room made. Never fails: the search itself has succeeded."""
        try:
            record = await self._stores.sessions.running_in(room)
            if record is None:
                return
            await self._stores.memory.add_search(record.id, result)
            if record.keeps_turns:
                body = json.dumps({"line": search_line(result)}, ensure_ascii=False)
                row = CallEventRow(
                    session_id=record.id,
                    id=f"found-{result.search_id}"[:64],
                    at=datetime.now(UTC),
                    kind=FOUND,
                    body=body,
                )
                if not await self._calls.known(record.id, [row.id]):
                    await self._calls.add(record.id, [row], Sums())
        except PolyglotError as error:
            log.warning("search not noted", error=type(error).__name__)

    async def make(self, payload: Mapping[str, str]) -> None:
        """The job. Raises what is worth another try."""
        session_id = payload["session_id"]
        turns, searched = await self._happened(session_id)
        text = summarise(turns, searched)
        if self._narrator is not None and any(turn.role == "user" for turn in turns):
            told = await self._narrator.tell(turns, searched, datetime.now(UTC))
            text = told.text
            await self._spend(session_id, told.usage)
        await self._stores.summaries.settle(session_id, Summary(status="ready", text=text))

    async def give_up(self, payload: Mapping[str, str]) -> None:
        """No model wrote one in all tries: the plain facts. Without them whoever waits is told."""
        session_id = payload["session_id"]
        try:
            summary = Summary(status="ready", text=summarise(*await self._happened(session_id)))
        except (PolyglotError, ValueError):
            summary = Summary(status="failed")
        await self._stores.summaries.settle(session_id, summary)

    async def _happened(self, session_id: str) -> tuple[list[Turn], list[str]]:
        lines = [json.loads(row.body)["line"] for row in await self._calls.events(session_id, FOUND)]
        return await self._stores.turns.all(session_id), list(dict.fromkeys(lines))


def summarise(turns: Sequence[Turn], searched: Sequence[str]) -> str | None:
    """One line a search, then what the user asked; None when nothing happened.

    Written without words of any language, because the conversation may be in several.
    """
    return "\n".join([*dict.fromkeys(searched), *_questions(turns)]) or None


def search_line(result: SearchResult) -> str:
    """A search in one line."""
    query = result.query
    first, *further = query.legs
    days = f"{first.date}" + (f" ⇄ {query.return_date}" if query.return_date else "")
    stops = "" if query.return_date else "".join(f" → {leg.destination.code} {leg.date}" for leg in further)
    cheapest = min((offer.total for offer in result.offers), key=lambda total: total.decimal, default=None)
    price = f" · ≥ {cheapest.amount} {cheapest.currency}" if cheapest else ""
    return (
        f"✈ {query.origin.name} ({query.origin.code}) → {query.destination.name} ({query.destination.code})"
        f" · {days}{stops} · {query.seats + query.infants}× {query.cabin.value} · {len(result.offers)}{price} [{result.price_kind.value}]"
    )


def _questions(turns: Iterable[Turn]) -> list[str]:
    said = [" ".join(turn.text.split()) for turn in turns if turn.role == "user"]
    asked = list(dict.fromkeys(text for text in said if text))
    return [f"“{text[:_QUESTION_LENGTH]}{'…' if len(text) > _QUESTION_LENGTH else ''}”" for text in asked[:_QUESTIONS]]
