"""`polyglot doctor`: looks at each link of the chain in order, and says what is wrong and how to mend it."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import urlsplit

import aiohttp
import httpx2
import typer
from livekit import api as livekit_api
from pydantic import BaseModel, ValidationError

from agent.settings import AgentSettings
from cli.find import StackOutputsError, Target, deployed, target, user_environment
from cli.retirement import verdicts
from cli.traveller.caller import CallError, Traveller
from contracts import agent_name
from contracts.sessions import AgentVerdict, SessionRequest, SessionStatus

TIMEOUT = 5.0
CALL_SECONDS = 20.0
LOOK_SECONDS = 1.0
SECRET_BYTES = 32
FILLED = {
    "LIVEKIT_URL": "ws://127.0.0.1",
    "LIVEKIT_API_KEY": "unused",
    "LIVEKIT_API_SECRET": "unused-by-this-check-and-long-enough",
    "OPENAI_API_KEY": "unused",
}
"""What the agent's settings want and this check does not need."""


class Finding(BaseModel):
    """One link."""

    link: str
    state: Literal["ok", "failed", "unknown"]
    detail: str
    mend: str | None = None


def doctor(url: str | None, stack: str | None, *, as_json: bool) -> None:
    """Check every link of one of both."""
    if url and stack:
        raise typer.BadParameter("give a URL or --stack, not both")
    try:
        where = deployed(stack) if stack else target(url)
    except StackOutputsError as error:
        raise typer.BadParameter(str(error), param_hint="--stack") from None
    findings = asyncio.run(_collect(where, echo=not as_json))
    if as_json:
        typer.echo(json.dumps([finding.model_dump() for finding in findings], indent=2))
    raise typer.Exit(1 if any(finding.state == "failed" for finding in findings) else 0)


async def _collect(where: Target, *, echo: bool) -> list[Finding]:
    findings = []
    async for finding in examine(where):
        findings.append(finding)
        if echo:
            mark = {"ok": "ok     ", "failed": "FAILED ", "unknown": "unknown"}[finding.state]
            typer.echo(f"{mark} {finding.link}: {finding.detail}")
            if finding.mend:
                typer.echo(f"        mend: {finding.mend}")
    return findings


async def examine(where: Target) -> AsyncIterator[Finding]:
    """The links in order; stops where the next could not be judged."""
    async with httpx2.AsyncClient(base_url=where.api_url, timeout=TIMEOUT) as http:
        scheme = check_api_url(where.api_url)
        yield scheme
        if scheme.state == "failed":
            return
        answers = await _api_answers(http)
        yield answers
        if answers.state == "failed":
            return
        yield await _api_ready(http)
        yield check_livekit_url(where.livekit_url)
        yield await _keys(where)
        yield await _names(http, where)
        yield await _worker(where)
        yield check_models()
        async for finding in _real_call(where):
            yield finding


def check_api_url(url: str) -> Finding:
    """The API's address: a scheme and a host, and HTTPS anywhere but here."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Finding(
            link="API address",
            state="failed",
            detail=f"{url!r} has no http(s) scheme or no host",
            mend="https://api.example.com",
        )
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return Finding(
            link="API address",
            state="failed",
            detail="plain HTTP: a browser gives no microphone to such a page",
            mend="serve it over HTTPS; the stack does when a domain is set",
        )
    return Finding(link="API address", state="ok", detail=url)


def check_livekit_url(url: str) -> Finding:
    """LIVEKIT_URL as the API and the agent use it."""
    if not url:
        return Finding(link="LiveKit address", state="unknown", detail="LIVEKIT_URL is not set here")
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
        return Finding(
            link="LiveKit address",
            state="failed",
            detail=f"{url!r} has no ws(s) or http(s) scheme",
            mend="write it with its scheme, for example wss://project.livekit.cloud",
        )
    return Finding(link="LiveKit address", state="ok", detail=url)


def check_models(today: dt.date | None = None) -> Finding:
    """Whether the models that this shell configures live on; a deployed stack's own are checked where it is deployed."""
    try:
        settings = AgentSettings.model_validate({**FILLED, **user_environment()})
    except ValidationError:
        return Finding(link="models", state="unknown", detail="the agent's settings are not complete in this shell")
    found = verdicts(settings, today or dt.datetime.now(dt.UTC).date())
    ending = [f"{one.setting} {one.name} {one.detail}" for one in found if not one.ok]
    if ending:
        return Finding(
            link="models",
            state="failed",
            detail="; ".join(ending),
            mend="configure a model that lives; `polyglot config check` names those that the service knows",
        )
    return Finding(link="models", state="ok", detail="; ".join(f"{one.name}: {one.detail}" for one in found))


async def _api_answers(http: httpx2.AsyncClient) -> Finding:
    try:
        response = await http.get("/health")
    except httpx2.HTTPError as error:
        return Finding(
            link="API answers",
            state="failed",
            detail=type(error).__name__,
            mend="start it, or check the address and the network",
        )
    if not response.is_success:
        return Finding(
            link="API answers", state="failed", detail=f"status {response.status_code}", mend="read the API's log"
        )
    return Finding(link="API answers", state="ok", detail="healthy")


async def _api_ready(http: httpx2.AsyncClient) -> Finding:
    response = await http.get("/ready")
    detail = response.text[:300]
    if response.is_success:
        return Finding(link="API ready", state="ok", detail=detail)
    mend = "the part named there does not answer"
    if '"fares":"failed"' in detail.replace(" ", ""):
        mend += "; fares: set DUFFEL_API_TOKEN for the API, or look for fares.key_refused and fares.limit_reached in its log"
    return Finding(link="API ready", state="failed", detail=detail, mend=mend)


async def _keys(where: Target) -> Finding:
    link = "LiveKit keys"
    if not (where.livekit_url and where.livekit_key and where.livekit_secret):
        return Finding(link=link, state="unknown", detail="LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set here")
    if len(where.livekit_secret.encode()) < SECRET_BYTES:
        return Finding(
            link=link,
            state="failed",
            detail=f"the secret is shorter than {SECRET_BYTES} bytes",
            mend="openssl rand -hex 32",
        )
    client = livekit_api.LiveKitAPI(
        where.livekit_url, where.livekit_key, where.livekit_secret, timeout=aiohttp.ClientTimeout(TIMEOUT)
    )
    try:
        rooms = await client.room.list_rooms(livekit_api.ListRoomsRequest())
    except livekit_api.TwirpError as error:
        return Finding(
            link=link, state="failed", detail=f"the server says {error.code}", mend="the key pair is not this server's"
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        return Finding(
            link=link,
            state="failed",
            detail=f"no answer: {type(error).__name__}",
            mend="check LIVEKIT_URL and the network",
        )
    finally:
        await client.aclose()
    return Finding(link=link, state="ok", detail=f"accepted; {len(rooms.rooms)} rooms open")


async def _names(http: httpx2.AsyncClient, where: Target) -> Finding:
    """One agent name, everywhere."""
    names = {"stack": where.agent_name} if where.agent_name else {"here": agent_name()}
    response = await http.get("/health/agent")
    if response.is_success or response.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
        names["API"] = str(response.json().get("agent_name", ""))
    if where.health_url:
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT) as worker:
                names["worker"] = str((await worker.get(f"{where.health_url}/worker")).json().get("agent_name", ""))
        except (httpx2.HTTPError, ValueError):
            pass
    shown = ", ".join(f"{place}: {name}" for place, name in names.items())
    if len({name for name in names.values() if name}) > 1:
        return Finding(
            link="Agent name", state="failed", detail=shown, mend="set the same LIVEKIT_AGENT_NAME for all, or none"
        )
    return Finding(link="Agent name", state="ok", detail=shown)


async def _worker(where: Target) -> Finding:
    link = "Worker registered"
    if not where.health_url:
        return Finding(link=link, state="unknown", detail="the worker's health endpoint cannot be reached from here")
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT) as http:
            response = await http.get(f"{where.health_url}/ready")
    except httpx2.HTTPError as error:
        return Finding(link=link, state="failed", detail=type(error).__name__, mend="start the agent; read its log")
    if not response.is_success:
        return Finding(
            link=link, state="failed", detail=response.text[:200], mend="it cannot reach LIVEKIT_URL, or is draining"
        )
    return Finding(link=link, state="ok", detail=response.text[:200])


async def _real_call(where: Target) -> AsyncIterator[Finding]:
    """A session as a page starts it, to the first sound."""
    try:
        async with Traveller.call(where.api_url, SessionRequest()) as traveller:
            yield Finding(link="Session and room", state="ok", detail=f"joined {traveller.session.server_url}")
            ready = await _agent_joins(traveller)
            if isinstance(ready, SessionStatus):
                status = ready
                yield Finding(
                    link="Agent in the room",
                    state="failed",
                    detail=f"{status.verdict.value} after {status.attempts} dispatches; {status.reason or 'no reason given'}",
                    mend=MENDS.get(status.verdict.value, "read the agent's log"),
                )
                return
            yield Finding(link="Agent in the room", state="ok", detail=f"ready {ready:.2f} s after joining")
            begun = time.monotonic()
            await traveller.sound(0.0, CALL_SECONDS)
            yield Finding(link="First sound", state="ok", detail=f"heard; {time.monotonic() - begun:.2f} s after ready")
    except CallError as error:
        yield Finding(
            link="Session and sound",
            state="failed",
            detail=str(error),
            mend="read the agent's log; run `polyglot config check`",
        )


async def _agent_joins(traveller: Traveller) -> float | SessionStatus:
    """Seconds from joining until the agent hears; the API's verdict when it knows, or time has shown, that none will."""
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        try:
            return await traveller.ready(LOOK_SECONDS)
        except CallError:
            if traveller.lost:
                raise
            status = await traveller.status()
            if status.gave_up or status.verdict is AgentVerdict.REJECTED or time.monotonic() > deadline:
                return status


MENDS = {
    "no_worker": "no worker has registered under the agent's name, or all are full: start one, compare the names",
    "never_joined": "the worker took the job and failed: read the agent's log",
    "never_started": "the session did not start: run `polyglot config check`, read the agent's log",
    "rejected": "the agent refused the settings named above",
}
