"""What routes declare: who may call them. OpenAPI's security schemes come from here too."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyHeader, HTTPBearer, OpenIdConnect
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from api.access.authenticator import Authenticator
from api.access.caller import Caller, Kind, Scope
from api.access.page_tokens import HEADER
from api.access.service import KeyService
from api.provide import held, provided
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


async def who_calls(connection: HTTPConnection) -> Caller:
    """Whoever calls, by the credentials that came with the request. Unauthorised for wrong ones."""
    client = connection.client
    return await held(connection, Authenticator).caller(connection.headers, client.host if client else None)


CallerDep = Annotated[Caller, Depends(who_calls)]
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


_page_checks: Final[set[object]] = set()
_caller_checks: Final[set[object]] = {who_calls}

Check = TypeVar("Check", bound=Callable[..., Any])


def asks_who(check: Check) -> Check:
    """Mark a dependency that asks `who_calls` by itself, strangers with a page token included.

    For routes that are asked most, where one dependency does what several would: FastAPI spends more on each than
    most of them do.
    """
    _caller_checks.add(check)
    _page_checks.add(check)
    return check


def must_or_sign_in(caller: Caller, scope: Scope) -> None:
    """A stranger without the right is asked for credentials, anybody else is refused."""
    if caller.kind is Kind.ANONYMOUS and not caller.may(scope):
        raise Unauthorised(NEEDED)
    caller.must(scope)


def _may(scope: Scope) -> Any:  # noqa: ANN401 - FastAPI's own type for Depends is private
    async def check_page(caller: CallerDep) -> Caller:
        must_or_sign_in(caller, scope)
        return caller

    _page_checks.add(check_page)
    return Depends(check_page)


def _in_call_or(scope: Scope) -> Any:  # noqa: ANN401
    async def check_page(caller: CallerDep) -> Caller:
        if caller.room is None:
            must_or_sign_in(caller, scope)
        return caller

    _page_checks.add(check_page)
    return Depends(check_page)


def _must(scope: Scope) -> Any:  # noqa: ANN401
    async def check(caller: Known) -> Caller:
        caller.must(scope)
        return caller

    return Depends(check)


MayCall = Annotated[Caller, _may(Scope.CALLS)]
"""May start calls: strangers too, where the deployment takes them."""
MaySearch = Annotated[Caller, _may(Scope.SEARCH)]
MayTrip = Annotated[Caller, _in_call_or(Scope.SEARCH)]
"""May search, or is in a call, whose own the thing then is."""
ReadsRecords = Annotated[Caller, _must(Scope.RECORDS)]
Joins = Annotated[Caller, _must(Scope.JOIN)]
Erases = Annotated[Caller, _must(Scope.ERASE)]
Manages = Annotated[Caller, _must(Scope.MANAGE)]

KeysDep = Annotated[KeyService, Depends(provided(KeyService))]


def needs_credentials(route: Dependant) -> bool:
    """Whether one of a route's dependencies turns strangers away."""
    return route.call is _known or any(needs_credentials(inner) for inner in route.dependencies)


def schemes(route: Dependant) -> list[SecurityBase]:
    """What a route takes; any one of them is enough. None: it does not ask who calls.

    Not declared to FastAPI as dependencies, which would resolve every one of them for every request to no use.
    """
    calls = set(_calls(route))
    taken: list[SecurityBase] = [API_KEY, ROOM_TOKEN, OIDC] if calls & _caller_checks else []
    return [*taken, PAGE_TOKEN] if calls & _page_checks else taken


def _calls(route: Dependant) -> Iterator[object]:
    yield route.call
    for inner in route.dependencies:
        yield from _calls(inner)
