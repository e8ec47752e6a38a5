"""What routes depend on: the process's services, and the rate limits."""

from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response

from api.limits import Scope
from api.livekit.auth import Authorization, agent_of
from api.services import Services


def get_services(request: Request) -> Services:
    """The services that the lifespan made."""
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(get_services)]


def _limited(scope: Scope) -> Any:  # noqa: ANN401 - FastAPI's own type for Depends is private
    async def check(
        request: Request, response: Response, services: ServicesDep, authorization: Authorization = None
    ) -> None:
        if agent_of(services.settings, authorization) is None:
            await services.limiter.check(scope, request, response)

    return Depends(check)


limit_sessions = _limited("sessions")
limit_tokens = _limited("tokens")
limit_searches = _limited("searches")
