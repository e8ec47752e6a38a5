"""Routes of the desk beside calls, keys, webhooks and the wait for calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.access.dependencies import Known, ReadsRecords
from api.budgets.rates import limited
from api.oversight.schemas import AlertBook, Budget, Models, PrivacyBook, SignIn, Who
from api.oversight.service import OversightService
from api.provide import provided

router = APIRouter(prefix="/v1/desk", tags=["desk"], dependencies=[limited("reads")])

OversightDep = Annotated[OversightService, Depends(provided(OversightService))]


async def _not_kept(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


NOT_KEPT = Depends(_not_kept)


@router.get("/sign-in", dependencies=[NOT_KEPT])
async def desk_sign_in(oversight: OversightDep) -> SignIn:
    """How an operator signs in: by a key always, and by an identity provider where one is configured for the desk."""
    return oversight.sign_in()


@router.get("/caller", dependencies=[NOT_KEPT])
async def desk_caller(oversight: OversightDep, caller: Known) -> Who:
    """Whose credentials these are, and what they may do."""
    return oversight.who(caller)


@router.get("/models", dependencies=[NOT_KEPT])
async def desk_models(oversight: OversightDep, caller: ReadsRecords) -> Models:  # noqa: ARG001 - asks for the right
    """The models in use, and when their providers switch them off."""
    return await oversight.models()


@router.get("/budgets", dependencies=[NOT_KEPT])
async def desk_budgets(oversight: OversightDep, caller: ReadsRecords) -> Budget:
    """What is used of each limit today, and what refused callers; of every tenant for the operator."""
    return await oversight.budget(caller)


@router.get("/alerts", dependencies=[NOT_KEPT])
async def desk_alerts(oversight: OversightDep, caller: ReadsRecords) -> AlertBook:
    """Price alerts by status, and the newest ones with their addresses masked."""
    return await oversight.alerts(caller)


@router.get("/privacy", dependencies=[NOT_KEPT])
async def desk_privacy(oversight: OversightDep, caller: ReadsRecords) -> PrivacyBook:
    """What is kept for how long, whether the clean-up does it, summaries, and the queue of jobs."""
    return await oversight.privacy(caller)
