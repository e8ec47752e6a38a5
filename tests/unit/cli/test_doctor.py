"""The doctor names what is wrong with an address before anything is called."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from cli.commands.doctor import _agent_joins, _api_ready, check_api_url, check_livekit_url
from cli.find import StackOutputsError, deployed
from cli.traveller.caller import CallError, Traveller
from contracts.sessions import SessionStarted


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://api.example.com", "ok"),
        ("http://127.0.0.1:8000", "ok"),
        ("http://api.example.com", "failed"),
        ("api.example.com", "failed"),
        ("ftp://api.example.com", "failed"),
    ],
)
def test_api_address(url: str, state: str) -> None:
    finding = check_api_url(url)
    assert finding.state == state
    assert state == "ok" or finding.mend


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("wss://project.livekit.cloud", "ok"),
        ("http://127.0.0.1:7880", "ok"),
        ("project.livekit.cloud", "failed"),
        ("tcp://x", "failed"),
        ("", "unknown"),
    ],
)
def test_livekit_address(url: str, state: str) -> None:
    assert check_livekit_url(url).state == state


@pytest.mark.parametrize(
    ("checks", "state", "helps"),
    [
        ({"livekit": "ok", "database": "ok", "fares": "ok"}, "ok", False),
        ({"livekit": "ok", "database": "ok", "fares": "failed"}, "failed", True),
        ({"livekit": "failed", "database": "ok", "fares": "ok"}, "failed", False),
    ],
)
async def test_an_api_without_fares_is_told_what_to_set(checks: dict[str, str], state: str, *, helps: bool) -> None:
    status = 200 if state == "ok" else 503
    answer = httpx2.Response(status, json={"ready": state == "ok", "checks": checks})
    async with httpx2.AsyncClient(
        base_url="http://api", transport=httpx2.MockTransport(lambda _request: answer)
    ) as http:
        finding = await _api_ready(http)
    assert finding.state == state
    assert ("DUFFEL_API_TOKEN" in (finding.mend or "")) is helps


def fake_pulumi(folder: Path, *, code: int = 0, out: str = "", err: str = "") -> str:
    path = folder / "pulumi"
    path.write_text(f"#!/bin/sh\nprintf '%s' '{out}'\nprintf '%s' '{err}' >&2\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_a_deployed_stack_is_found_by_its_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = '{"api_url": "https://voice.example.com/", "agent_name": "ours", "livekit_url": "wss://media.example.com"}'
    monkeypatch.setenv("PULUMI_BIN", fake_pulumi(tmp_path, out=out))
    found = deployed("prod")
    assert (found.api_url, found.agent_name) == ("https://voice.example.com", "ours")
    assert found.livekit_url == "wss://media.example.com"


@pytest.mark.parametrize(
    ("code", "out", "err", "said"),
    [
        (255, "", "error: no stack named prod found", "no stack named prod found"),
        (0, "{}", "", "run `pulumi up --stack prod` first"),
        (0, "not json", "", "cannot be read: JSONDecodeError"),
    ],
)
def test_a_stack_that_cannot_be_asked_says_why(  # noqa: PLR0917 - the parameters are the case
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, out: str, err: str, said: str
) -> None:
    monkeypatch.setenv("PULUMI_BIN", fake_pulumi(tmp_path, code=code, out=out, err=err))
    with pytest.raises(StackOutputsError, match=said):
        deployed("prod")


def a_caller(answer: Callable[[httpx2.Request], httpx2.Response], *, lost: str | None = None) -> Any:
    http = httpx2.AsyncClient(base_url="http://api", transport=httpx2.MockTransport(answer))
    return Traveller(
        http, SessionStarted.model_construct(session_id="x", participant_token="t"), cast("Any", None), lost=lost
    )


def no_api(_request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused")


@pytest.mark.parametrize("answer", [no_api, lambda _request: httpx2.Response(500)])
async def test_an_api_that_goes_while_the_agent_is_awaited_is_said(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx2.Request], httpx2.Response]
) -> None:
    monkeypatch.setattr("cli.commands.doctor.LOOK_SECONDS", 0)
    with pytest.raises(CallError, match="the API does not tell of the session"):
        await _agent_joins(a_caller(answer))


async def test_a_room_that_goes_while_the_agent_is_awaited_ends_the_waiting() -> None:
    with pytest.raises(CallError, match="the room is gone"):
        await _agent_joins(a_caller(no_api, lost="the room is gone"))
