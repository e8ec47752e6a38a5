"""Versions of the agent beside each other: the same figures for each."""

from typing import Any, Final

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import JSON, case, cast, func, select, type_coerce

from api.calls.pricing import usd_of
from api.calls.repository import FAILED_NAMES, Filters, filtered, over_at_once
from api.calls.schemas import Tally, Usd
from api.database.engine import Database
from api.database.tables import CallEventRow, SessionRow

GRAIN_MS: Final = 10
"""Waits are counted in steps of so much: a year of calls is then a few hundred rows."""


class Revision(Tally):
    """Calls that one version of the agent served."""

    revision: str | None
    """None: a version that did not say what it is called."""
    first_at: AwareDatetime
    last_at: AwareDatetime
    usd_per_call: Usd
    first_audio_ms_p50: int | None
    """Of all answers, from the end of speech to their first sound, in steps of 10 ms; None: none was heard."""
    first_audio_ms_p95: int | None
    tools: int
    tools_failed: int
    interruptions: int


class Revisions(BaseModel):
    """Versions, the one that began last first."""

    revisions: tuple[Revision, ...]


class RevisionRepository:
    """Figures by version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, filters: Filters) -> Revisions:
        """Of the calls that are wanted."""
        found: dict[str | None, dict[str, Any]] = {}
        for revision, reason, calls, first, last, turns, searches, usd, unpriced, early in await self._calls(filters):
            sums = found.setdefault(revision, {"calls": 0, "by_reason": {}, "first_at": first, "last_at": last})
            sums["first_at"], sums["last_at"] = min(first, sums["first_at"]), max(last, sums["last_at"])
            more = {
                "calls": calls,
                "turns": turns,
                "searches": searches,
                "usd": usd,
                "unpriced": unpriced,
                "early": early,
            }
            for name, value in more.items():
                sums[name] = sums.get(name, 0) + int(value or 0)
            sums["failed"] = sums.get("failed", 0) + (calls if reason in FAILED_NAMES else 0)
            sums["by_reason"][reason or "live"] = calls
        waits, counts = await self._waits(filters), await self._counts(filters)
        made = [
            Revision(
                revision=revision,
                **{
                    **sums,
                    "usd": usd_of(sums["usd"]),
                    "usd_per_call": usd_of(sums["usd"] // sums["calls"]),
                    "unpriced": bool(sums["unpriced"]),
                },
                first_audio_ms_p50=_share(waits.get(revision, {}), 0.5),
                first_audio_ms_p95=_share(waits.get(revision, {}), 0.95),
                tools=counts.get((revision, "tool"), (0, 0))[0],
                tools_failed=counts.get((revision, "tool"), (0, 0))[1],
                interruptions=counts.get((revision, "interruption"), (0, 0))[0],
            )
            for revision, sums in found.items()
        ]
        return Revisions(revisions=tuple(sorted(made, key=lambda one: one.first_at, reverse=True)))

    async def _calls(self, filters: Filters) -> list[Any]:
        row = SessionRow
        query = select(
            row.revision,
            row.end_reason,
            func.count(),
            func.min(row.created_at),
            func.max(row.created_at),
            func.sum(row.turns),
            func.sum(row.searches),
            func.sum(row.usd_micros),
            func.sum(case((row.unpriced, 1), else_=0)),
            func.sum(case((over_at_once(self._database.is_sqlite), 1), else_=0)),
        ).where(row.started_at.is_not(None))
        return await self._rows(filters, query, row.revision, row.end_reason)

    async def _waits(self, filters: Filters) -> dict[str | None, dict[int, int]]:
        """How often each wait for a first sound was."""
        heard = self._told("times", "first_audio_ms").as_integer()
        step = func.round(heard / GRAIN_MS).label("step")
        query = (
            select(SessionRow.revision, step, func.count())
            .join(CallEventRow, self._of_call())
            .where(CallEventRow.kind == "turn", heard.is_not(None))
        )
        found: dict[str | None, dict[int, int]] = {}
        for revision, wait, count in await self._rows(filters, query, SessionRow.revision, "step"):
            times = found.setdefault(revision, {})
            times[round(wait) * GRAIN_MS] = times.get(round(wait) * GRAIN_MS, 0) + count
        return found

    async def _counts(self, filters: Filters) -> dict[tuple[str | None, str], tuple[int, int]]:
        """Tools and interruptions, and how many of them failed."""
        failed = case((self._told("outcome").as_string() == "failed", 1), else_=0)
        query = (
            select(SessionRow.revision, CallEventRow.kind, func.count(), func.sum(failed))
            .join(CallEventRow, self._of_call())
            .where(CallEventRow.kind.in_(["tool", "interruption"]))
        )
        rows = await self._rows(filters, query, SessionRow.revision, CallEventRow.kind)
        return {(revision, kind): (count, int(bad or 0)) for revision, kind, count, bad in rows}

    async def _rows(self, filters: Filters, query: Any, *by: Any) -> list[Any]:  # noqa: ANN401 - whatever is selected
        wanted = filtered(filters, self._database.is_sqlite, query)
        async with self._database.reading() as db:
            return [tuple(row) for row in (await db.execute(wanted.group_by(*by))).all()]

    def _of_call(self) -> Any:  # noqa: ANN401 - a condition of whichever columns
        return CallEventRow.session_id == SessionRow.id

    def _told(self, *path: str) -> Any:  # noqa: ANN401 - a part of a JSON text
        body: Any = CallEventRow.body
        return (type_coerce(body, JSON) if self._database.is_sqlite else cast(body, JSON))[
            path if len(path) > 1 else path[0]
        ]


def _share(times: dict[int, int], share: float) -> int | None:
    """The wait that so large a share of answers did not exceed."""
    left = share * sum(times.values())
    for wait in sorted(times):
        left -= times[wait]
        if left <= 0:
            return wait
    return None
