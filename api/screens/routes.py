"""What a call shows, for everybody in it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.budgets.rates import limited
from api.idempotency.route import IdempotentRoute
from api.provide import provided
from api.screens.service import ScreenService
from api.sessions.routes import Seen
from contracts.problems import Forbidden
from contracts.screen import Screen, ScreenAction

router = APIRouter(tags=["screens"], route_class=IdempotentRoute, dependencies=[limited("reads")])

ScreensDep = Annotated[ScreenService, Depends(provided(ScreenService))]


@router.get("/v1/sessions/{session_id}/screen")
async def read_screen(record: Seen, screens: ScreensDep, response: Response) -> Screen:
    """What the call shows: for a page that was loaded again, and an agent that took another one's place."""
    response.headers["Cache-Control"] = "no-store"
    return await screens.get(record)


@router.post("/v1/sessions/{session_id}/screen")
async def change_screen(record: Seen, wanted: ScreenAction, screens: ScreensDep) -> Screen:
    """One change, by voice, touch or form; everybody in the room is told to look again."""
    if record.ended_at is not None:
        raise Forbidden("The call has ended; its screen can be read for a while, and not changed.")
    return await screens.act(record, wanted)
