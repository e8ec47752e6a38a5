"""The traveller's own data: by receipt code for whoever has it, by id for the operator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.access.dependencies import Erases
from api.budgets.rates import limited
from api.calls.schemas import Erased, TravellerExport
from api.idempotency.route import IdempotentRoute
from api.privacy.service import PrivacyService
from api.provide import provided
from api.recordings.schemas import Handling
from contracts.dispatch import SessionId

router = APIRouter(tags=["privacy"], route_class=IdempotentRoute)

PrivacyDep = Annotated[PrivacyService, Depends(provided(PrivacyService))]


class Receipt(BaseModel):
    """Proof that a call was one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    receipt: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z2-9 -]{20,40}$")]
    """As it was shown at the end of the call; case, spaces and hyphens do not count."""


@router.get("/v1/privacy", dependencies=[limited("reads")])
async def handling(privacy: PrivacyDep) -> Handling:
    """What happens to what is said: before a call, for what asks its traveller. Nobody's data; no credentials."""
    return privacy.handling()


@router.post("/v1/privacy/export", dependencies=[limited("receipts")])
async def export_own(wanted: Receipt, privacy: PrivacyDep, response: Response) -> TravellerExport:
    """Everything that is kept of the call of a receipt code."""
    response.headers["Cache-Control"] = "no-store"
    return await privacy.export(await privacy.of_receipt(wanted.receipt))


@router.post("/v1/privacy/erase", dependencies=[limited("receipts")])
async def erase_own(wanted: Receipt, privacy: PrivacyDep) -> Erased:
    """Erase everything that is kept of the call of a receipt code."""
    return await privacy.erase(await privacy.of_receipt(wanted.receipt))


@router.post("/v1/calls/{call_id}/erase")
async def erase_call(
    call_id: Annotated[SessionId, Path(description="The id of the call's session")],
    privacy: PrivacyDep,
    caller: Erases,
) -> Erased:
    """Erase everything that is kept of a call of the tenant."""
    return await privacy.erase(await privacy.of_call(call_id, caller))
