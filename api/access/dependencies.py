"""What routes declare: who may call them. OpenAPI's security schemes come from here too."""

from typing import Annotated, Any, Final

from fastapi import Depends, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyHeader, HTTPBearer, OpenIdConnect
from starlette.requests import HTTPConnection

from api.access.authenticator import Authenticator
from api.access.caller import Caller, Kind, Scope
from api.access.page_tokens import HEADER
from api.access.service import KeyService
from api.provide import provided
from contracts.problems import Forbidden, Unauthorised

API_KEY: Final = HTTPBearer(
    scheme_name="ApiKey", bearerFormat="plg_…", auto_error=False, description="A key made by `polyglot keys create`"
)
ROOM_TOKEN: Final = HTTPBearer(
    scheme_name="RoomToken",
    bearerFormat="JWT",
    auto_error=False,
    description="The token of the session's own room: the participant's, or our agent's",
)
OIDC: Final = OpenIdConnect(
    scheme_name="Oidc",
    openIdConnectUrl="https://issuer.invalid/.well-known/openid-configuration",
    auto_error=False,
    description="A token of the configured issuer, for the configured audience",
)
PAGE_TOKEN: Final = APIKeyHeader(
    scheme_name="PageToken", name=HEADER, auto_error=False, description="Where the deployment asks for page tokens"
)
NEEDED: Final = "Authorization: credentials are needed."


async def _caller(
    connection: HTTPConnection,
    authenticator: Annotated[Authenticator, Depends(provided(Authenticator))],
    _key: Annotated[object, Security(API_KEY)] = None,
    _room: Annotated[object, Security(ROOM_TOKEN)] = None,
    _user: Annotated[object, Security(OIDC)] = None,
) -> Caller:
    client = connection.client
    return await authenticator.caller(connection.headers, client.host if client else None)


CallerDep = Annotated[Caller, Depends(_caller)]
"""Whoever calls, strangers included."""


async def _known(caller: CallerDep) -> Caller:
    if caller.kind is Kind.ANONYMOUS:
        raise Unauthorised(NEEDED)
    return caller


Known = Annotated[Caller, Depends(_known)]
"""Anybody with credentials."""


async def _agent(caller: Known) -> Caller:
    if caller.kind is not Kind.AGENT:
        raise Forbidden("Only the agent may do that.")
    return caller


AgentOnly = Annotated[Caller, Depends(_agent)]
"""Our agent; which room it serves is the route's to check."""


def _may(scope: Scope) -> Any:  # noqa: ANN401 - FastAPI's own type for Depends is private
    async def check(caller: CallerDep, _page: Annotated[object, Security(PAGE_TOKEN)] = None) -> Caller:
        if caller.kind is Kind.ANONYMOUS and not caller.may(scope):
            raise Unauthorised(NEEDED)
        caller.must(scope)
        return caller

    return Depends(check)


def _must(scope: Scope) -> Any:  # noqa: ANN401
    async def check(caller: Known) -> Caller:
        caller.must(scope)
        return caller

    return Depends(check)


MayCall = Annotated[Caller, _may(Scope.CALLS)]
"""May start calls: strangers too, where the deployment takes them."""
MaySearch = Annotated[Caller, _may(Scope.SEARCH)]
ReadsRecords = Annotated[Caller, _must(Scope.RECORDS)]
Erases = Annotated[Caller, _must(Scope.ERASE)]
Manages = Annotated[Caller, _must(Scope.MANAGE)]

KeysDep = Annotated[KeyService, Depends(provided(KeyService))]


def needs_credentials(route: Dependant) -> bool:
    """Whether one of a route's dependencies turns strangers away."""
    return route.call is _known or any(needs_credentials(inner) for inner in route.dependencies)
