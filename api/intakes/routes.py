"""Intakes: written by the session's agent, read by the patient in the call and by readers of the tenant's records."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.budgets.rates import limited
from api.intakes.service import IntakeService
from api.provide import provided
from api.sessions.routes import Seen, Served
from contracts.intakes import Intake, KeptIntake

router = APIRouter(tags=["intakes"])

IntakesDep = Annotated[IntakeService, Depends(provided(IntakeService))]


@router.get("/v1/sessions/{session_id}/intake", dependencies=[limited("reads")])
async def read_intake(record: Seen, intakes: IntakesDep, response: Response) -> KeptIntake:
    """What was taken down; for those in the call, and for readers of the tenant's records."""
    response.headers["Cache-Control"] = "no-store"
    return await intakes.of(record)


@router.put("/v1/sessions/{session_id}/intake")
async def keep_intake(record: Served, intake: Intake, intakes: IntakesDep, response: Response) -> KeptIntake:
    """Keep what the patient has said so far, in place of what was there; the session's agent alone."""
    response.headers["Cache-Control"] = "no-store"
    return await intakes.put(record, intake)
