"""Records of calls: taken from agents, listed and exported for the operator."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from api.access.caller import Caller
from api.access.dependencies import ReadsRecords
from api.budgets.rates import limited
from api.calls.repository import Filters
from api.calls.revisions import Revisions
from api.calls.schemas import CallBrief, CallDetail, CallPage, Outcomes, Timeline
from api.calls.service import CallService
from api.idempotency.route import IdempotentRoute
from api.provide import provided
from api.sessions.routes import Served
from contracts.dispatch import Pipeline, SessionId
from contracts.problems import Forbidden
from contracts.records import Allowance, CallEvents, EndReason, Revision
from contracts.wire import Instant

router = APIRouter(tags=["calls"], route_class=IdempotentRoute)

CallsDep = Annotated[CallService, Depends(provided(CallService))]
CallId = Annotated[SessionId, Path(description="The id of the call's session")]
EXPORT_MOST = 10_000
_PAGE = 500
_CELL_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a cell that begins so for a formula."""


async def _filters(  # noqa: PLR0913, PLR0917 - each is a query parameter
    caller: ReadsRecords,
    since: Instant | None = None,
    until: Instant | None = None,
    language: Annotated[str | None, Query(pattern=r"^[a-z]{2,3}$")] = None,
    reason: EndReason | None = None,
    tenant: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,63}$", description="For the operator only")] = None,
    live: Annotated[bool | None, Query(description="Running calls only, or ended ones only")] = None,
    failed: bool | None = None,
    slow: Annotated[bool | None, Query(description="Somebody waited two seconds or more for a first sound")] = None,
    text: Annotated[
        str | None,
        Query(min_length=2, max_length=100, pattern=r"^[^\x00]+$", description="Said in a call whose turns were kept"),
    ] = None,
    pipeline: Annotated[Pipeline | None, Query(description="That the call began in")] = None,
    early: Annotated[bool | None, Query(description="Over within eight seconds of its beginning")] = None,
    revision: Annotated[Revision | None, Query(description="Of the agent, as its deployment calls it")] = None,
) -> Filters:
    wanted = Filters(_tenant(caller, tenant), since, until, language, reason, live, failed, slow, text, pipeline, early)
    return replace(wanted, revision=revision)


def _tenant(caller: Caller, wanted: str | None) -> str | None:
    if wanted is None:
        return caller.tenants
    if not caller.sees_tenant(wanted):
        raise Forbidden("tenant: these credentials belong to another one.")
    return wanted


FiltersDep = Annotated[Filters, Depends(_filters)]


@router.post("/v1/sessions/{session_id}/events")
async def add_events(record: Served, events: CallEvents, calls: CallsDep) -> Allowance:
    """What happened in a call, from its agent alone; answers how much longer the call may go on."""
    return await calls.take(record, events.events)


@router.get("/v1/calls", dependencies=[limited("reads")])
async def list_calls(
    calls: CallsDep,
    filters: FiltersDep,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> CallPage:
    """Calls of the caller's tenant, newest first; of all tenants for the operator."""
    response.headers["Cache-Control"] = "no-store"
    return await calls.page(filters, limit, cursor)


@router.get(
    "/v1/calls/export",
    dependencies=[limited("reads")],
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}, "application/json": {}}}},
    response_model=list[CallBrief],
)
async def export_calls(
    calls: CallsDep, filters: FiltersDep, form: Annotated[Literal["csv", "json"], Query(alias="format")] = "json"
) -> Response:
    """The same as one file of at most ten thousand calls."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < EXPORT_MOST:
        page = await calls.page(filters, _PAGE, cursor)
        found += [call.model_dump(mode="json") for call in page.calls]
        cursor = page.next_cursor
        if cursor is None:
            break
    name = f"calls-{datetime.now().astimezone():%Y%m%d}.{form}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    if form == "json":
        body = "[" + ",\n".join(CallBrief.model_validate(call).model_dump_json() for call in found) + "]"
        return Response(body, headers=headers, media_type="application/json")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CallBrief.model_fields), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in call.items()} for call in found)
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/v1/calls/outcomes", dependencies=[limited("reads")])
async def call_outcomes(calls: CallsDep, filters: FiltersDep) -> Outcomes:
    """How calls ended, by day and language."""
    return await calls.outcomes(filters)


@router.get("/v1/calls/revisions", dependencies=[limited("reads")])
async def call_revisions(calls: CallsDep, filters: FiltersDep, response: Response) -> Revisions:
    """The same figures for each version of the agent."""
    response.headers["Cache-Control"] = "no-store"
    return await calls.revisions(filters)


@router.get("/v1/calls/{call_id}", dependencies=[limited("reads")])
async def read_call(call_id: CallId, calls: CallsDep, caller: ReadsRecords, response: Response) -> CallDetail:
    """One call with its consent, summary, and the models that it used."""
    response.headers["Cache-Control"] = "no-store"
    return await calls.detail(call_id, caller)


@router.get(
    "/v1/calls/{call_id}/recordings/{recording_id}/audio",
    dependencies=[limited("reads")],
    response_class=StreamingResponse,
    responses={200: {"content": {"audio/ogg": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def hear_recording(
    call_id: CallId,
    recording_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="As the call lists it")],
    calls: CallsDep,
    caller: ReadsRecords,
) -> StreamingResponse:
    """The sound of a recorded call, the assistant in one channel; who heard it is added to the call's timeline."""
    sound = await calls.listen(call_id, recording_id, caller)
    return StreamingResponse(sound, media_type="audio/ogg", headers={"Cache-Control": "no-store"})


@router.get("/v1/calls/{call_id}/timeline", dependencies=[limited("reads")])
async def read_timeline(call_id: CallId, calls: CallsDep, caller: ReadsRecords, response: Response) -> Timeline:
    """One call in order: what was said where that was kept, tools, stage times, failures, its end."""
    response.headers["Cache-Control"] = "no-store"
    return await calls.timeline(call_id, caller)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_CELL_STARTS) else value
