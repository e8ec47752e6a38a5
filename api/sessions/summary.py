"""A conversation in a few lines, taken from its searches and questions: no model, nothing that was not said.

Made by a job that the end of the call orders, so that a task that is killed in the middle does not lose it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from api.calls.repository import CallRepository, Sums
from api.database.tables import CallEventRow
from api.sessions.repository import Stores
from contracts.flights import SearchResult
from contracts.problems import PolyglotError
from contracts.turns import Summary, Turn

log = structlog.get_logger("polyglot.sessions")

FOUND: Final = "found"
"""Kind of the event that holds a search's line."""
_QUESTIONS: Final = 5
_QUESTION_LENGTH: Final = 160


class Summariser:
    """Notes searches while the call runs, and makes the summary when it is over."""

    def __init__(self, stores: Stores, calls: CallRepository) -> None:
        self._stores = stores
        self._calls = calls

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
        """The job."""
        session_id = payload["session_id"]
        searched = [json.loads(row.body)["line"] for row in await self._calls.events(session_id, FOUND)]
        text = summarise(await self._stores.turns.all(session_id), searched)
        await self._stores.summaries.settle(session_id, Summary(status="ready", text=text))

    async def give_up(self, payload: Mapping[str, str]) -> None:
        """The job failed for good: whoever waits is told."""
        await self._stores.summaries.settle(payload["session_id"], Summary(status="failed"))


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
