"""The agent's client of the API: flight searches, turns, reports."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import httpx2
from livekit import api as livekit_api
from livekit.protocol.agent import Job
from pydantic import BaseModel, TypeAdapter, ValidationError

from agent import budgets
from agent.settings import AgentSettings
from agent.telemetry import traces
from agent.tls import tls_context
from contracts.dispatch import DispatchMetadata, SessionId
from contracts.flights import SearchResult
from contracts.names import AGENT_ATTRIBUTE, AGENT_IDENTITY_PREFIX
from contracts.problems import Problem
from contracts.records import AgentSessionRequest, Allowance, CallEvents
from contracts.screen import Screen, ScreenAction
from contracts.sessions import AgentReport
from contracts.turns import Turn

logger = logging.getLogger("polyglot.agent.call.backend")

TOKEN_LIFE: Final = timedelta(minutes=5)
_TURNS = TypeAdapter(list[Turn])
_SEARCHES = TypeAdapter(list[SearchResult])
_Kept = TypeVar("_Kept")
_Answer = TypeVar("_Answer", bound=BaseModel)


class BackendError(Exception):
    """The API refused or failed; `problem` is what it said, None when it could not be reached."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__(problem.detail if problem else "the API did not answer")
        self.problem = problem


Part = Callable[[SearchResult], Awaitable[None]]
"""Told of what a search has found so far."""


class Backend:
    """One per call. Every request is bounded in time; only safe ones are repeated."""

    def __init__(
        self,
        settings: AgentSettings,
        room_name: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        traceparent: str | None = None,
    ) -> None:
        """`traceparent` is the trace that the API began, and goes on with when it is asked by this call."""
        self._settings = settings
        self._room_name = room_name
        self._http = httpx2.AsyncClient(
            base_url=str(settings.api_url),
            timeout=httpx2.Timeout(budgets.SEARCH_DEADLINE, connect=2.0),
            headers={"traceparent": traceparent} if traceparent else None,
            transport=transport,
            verify=tls_context(),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def search(self, journey: Mapping[str, Any], part: Part | None = None) -> SearchResult:
        """Flights for a journey, as the body of `POST /v1/flights/search/stream`, in the user's words.

        `part` is told of what is there while sources are still asked. Raises BackendError with the API's problem, or
        without one after a time-out.
        """
        try:
            async with asyncio.timeout(budgets.SEARCH_DEADLINE):
                return await self._search_with_retry(dict(journey), part)
        except (TimeoutError, ValidationError, httpx2.HTTPError) as error:
            raise BackendError(None) from error

    async def ask(
        self,
        answer: type[_Answer],
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> _Answer:
        """Anything else of the API, read as `answer`. Raises BackendError with its problem, or without one."""
        try:
            async with asyncio.timeout(budgets.SEARCH_DEADLINE):
                response = await self._request(method, path, json=body, params=params)
            if not response.is_success:
                raise BackendError(_problem(response))
            return answer.model_validate_json(response.content or b"{}")
        except (TimeoutError, ValidationError, httpx2.HTTPError) as error:
            raise BackendError(None) from error

    async def screen(self, session_id: str, action: ScreenAction | None = None) -> Screen | None:
        """What the call shows, after a change where one is given; None when it cannot be had, as a call must go on."""
        path = f"/v1/sessions/{session_id}/screen"
        try:
            if action is None:
                return await self.ask(Screen, "GET", path)
            return await self.ask(Screen, "POST", path, body=action.model_dump(mode="json", exclude_none=True))
        except BackendError:
            return None

    async def history(self, session_id: str) -> list[Turn]:
        """The call's turns so far, oldest first; empty when they cannot be had, because a resumed call must go on."""
        return await self._kept(f"/v1/sessions/{session_id}/turns", "turns", _TURNS)

    async def searches(self, session_id: str) -> list[SearchResult]:
        """What was found in the call so far, oldest first; empty when it cannot be had, as above."""
        return await self._kept(f"/v1/sessions/{session_id}/searches", "searches", _SEARCHES)

    async def add_turn(self, session_id: str, turn: Turn) -> None:
        """Store a turn; the id makes a repeat harmless."""
        await self._post(f"/v1/sessions/{session_id}/turns", turn.model_dump(mode="json"))

    async def add_events(self, session_id: str, events: CallEvents) -> Allowance | None:
        """Facts for the record of the call; how much longer it may go on, where the API says so."""
        response = await self._post(f"/v1/sessions/{session_id}/events", events.model_dump(mode="json"))
        try:
            return Allowance.model_validate_json(response.content)
        except ValidationError:
            return None

    async def session(self, session_id: str | None = None) -> DispatchMetadata:
        """The session of our room, or a new one with the deployment's defaults; BackendError where there is to be none."""
        body = AgentSessionRequest(room_name=self._room_name, session_id=session_id)
        try:
            response = await self._request(
                "POST", "/v1/agent/sessions", json=body.model_dump(mode="json"), timeout=budgets.REPORT_TIMEOUT
            )
            if not response.is_success:
                raise BackendError(_problem(response))
            return DispatchMetadata.model_validate_json(response.content)
        except (httpx2.HTTPError, ValidationError) as error:
            raise BackendError(None) from error

    async def report(self, report: AgentReport) -> None:
        """Tell the API what only the agent knows."""
        await self._post("/v1/agent/reports", report.model_dump(mode="json"))

    async def _kept(self, path: str, name: str, of: TypeAdapter[list[_Kept]]) -> list[_Kept]:
        try:
            response = await self._request("GET", path, timeout=budgets.REPORT_TIMEOUT)
            return of.validate_python(response.json()[name]) if response.is_success else []
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            return []

    async def _search_with_retry(self, body: dict[str, Any], part: Part | None) -> SearchResult:
        """A search changes nothing there, so that it may be repeated."""
        for attempt in range(budgets.SEARCH_RETRIES + 1):
            last = attempt == budgets.SEARCH_RETRIES
            try:
                return await self._search(body, part)
            except (httpx2.ConnectError, httpx2.RemoteProtocolError):
                if last:
                    raise
            except BackendError as error:
                if last or error.problem is None or not error.problem.retryable:
                    raise
            await asyncio.sleep(budgets.SEARCH_RETRY_WAIT)
        raise BackendError(None)  # unreachable: the last attempt returns or raises

    async def _search(self, body: dict[str, Any], part: Part | None) -> SearchResult:
        path, headers = "/v1/flights/search/stream", self._headers()
        with traces.asking("POST", path, headers):
            async with self._http.stream("POST", path, headers=headers, json=body) as response:
                if not response.is_success:
                    await response.aread()
                    raise BackendError(_problem(response))
                async for event, data in _events(response):
                    if event == "problem":
                        raise BackendError(Problem.model_validate_json(data))
                    result = SearchResult.model_validate_json(data)
                    if event == "done":
                        return result
                    if part is not None:
                        await part(result)
        raise BackendError(None)  # the stream broke off

    async def _post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        for attempt in range(2):
            try:
                response = await self._request("POST", path, json=body, timeout=budgets.REPORT_TIMEOUT)
            except httpx2.HTTPError as error:
                if attempt:
                    raise BackendError(None) from error
                continue
            if response.is_success:
                return response
            raise BackendError(_problem(response))
        raise BackendError(None)  # unreachable: the last attempt returns or raises

    async def _request(self, method: str, path: str, **given: Any) -> httpx2.Response:  # noqa: ANN401 - the client's
        headers = self._headers()
        with traces.asking(method, path, headers):
            return await self._http.request(method, path, headers=headers, **given)

    def _headers(self) -> dict[str, str]:
        token = (
            livekit_api.AccessToken(
                self._settings.livekit_api_key, self._settings.livekit_api_secret.get_secret_value()
            )
            .with_identity(f"{AGENT_IDENTITY_PREFIX}{self._room_name}"[:128])
            .with_attributes({AGENT_ATTRIBUTE: "1"})
            .with_grants(livekit_api.VideoGrants(room=self._room_name))
            .with_ttl(TOKEN_LIFE)
            .to_jwt()
        )
        return {"Authorization": f"Bearer {token}"}


async def deliver(report: AgentReport, settings: AgentSettings, backend: Backend | None = None) -> None:
    """Report once, by the call's own client where there is one; that it could not be delivered is only logged."""
    client = backend or Backend(settings, report.room_name)
    try:
        await client.report(report)
    except BackendError:
        logger.warning("report not delivered", extra={"kind": report.kind})
    finally:
        if backend is None:
            await client.aclose()


async def _events(response: httpx2.Response) -> AsyncIterator[tuple[str, str]]:
    """Server-sent events as the API writes them: a name and one line of data each."""
    event = ""
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if name == "event":
            event = value.strip()
        elif name == "data":
            yield event, value


def _problem(response: httpx2.Response) -> Problem | None:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


async def metadata_of(job: Job, settings: AgentSettings) -> DispatchMetadata:
    """What a job is for: its metadata, or, where it has none of ours, a session that the API makes for its room.

    Raises ValidationError for metadata that is ours and wrong, BackendError where the API has no session for the room.
    """
    try:
        given = json.loads(job.metadata) if job.metadata.strip() else {}
    except ValueError:
        given = {}
    named = _session_id(given)
    if isinstance(given, dict) and given and (named is None or given.keys() != {"session_id"}):
        return DispatchMetadata.model_validate(given)
    backend = Backend(settings, job.room.name)
    try:
        return await backend.session(named)
    except BackendError:
        if named is None:
            raise
        # The session is known by name; what it was started with is not, so it has the defaults.
        return DispatchMetadata(session_id=named)
    finally:
        await backend.aclose()


def _session_id(given: object) -> str | None:
    named = given.get("session_id") if isinstance(given, dict) else None
    try:
        return TypeAdapter(SessionId).validate_python(named)
    except ValidationError:
        return None
