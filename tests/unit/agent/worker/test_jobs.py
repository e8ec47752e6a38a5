"""Which jobs a worker takes."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentServer, JobRequest

from agent.call.backend import Backend, BackendError
from agent.settings import AgentSettings
from agent.worker import jobs as main
from agent.worker.call_server import CallServer
from agent.worker.fleet import Member
from agent.worker.health import Health
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.events import Event
from contracts.sessions import AgentReport

SETTINGS = AgentSettings.model_validate(
    {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
        "OPENAI_API_KEY": "sk-test",
    }
)


@dataclass
class FakeRequest:
    metadata: str
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.job = SimpleNamespace(metadata=self.metadata, room=SimpleNamespace(name="room-1"))
        self.room = SimpleNamespace(name="room-1")

    async def accept(self) -> None:
        self.done.append("accepted")

    async def reject(self, *, terminate: bool = True) -> None:
        self.done.append("rejected" if terminate else "passed on")


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[AgentReport]:
    told: list[AgentReport] = []

    async def remember(report: AgentReport, _settings: object) -> None:
        told.append(report)

    monkeypatch.setattr(main, "deliver", remember)
    return told


@pytest.fixture
def member() -> Member:
    return Member(lambda: 0, max_calls=4, service_name=None)


async def decide(metadata: str, member: Member) -> list[str]:
    request = FakeRequest(metadata)
    await main.accept_or_reject(cast("JobRequest", request), member, SETTINGS)
    return request.done


GOOD = DispatchMetadata(session_id="s" * 12).model_dump_json()


async def test_a_good_job_is_taken(member: Member, reports: list[AgentReport]) -> None:
    assert await decide(GOOD, member) == ["accepted"]
    assert reports == []


async def test_bad_metadata_is_refused_with_a_reason_for_the_user(member: Member, reports: list[AgentReport]) -> None:
    assert await decide('{"session_id": 1}', member) == ["rejected"]
    assert "session_id" in reports[0].reason


@pytest.mark.parametrize("metadata", ["", "{}", "[]", "garbage", '{"session_id": "abcdefgh1234"}'])
async def test_a_job_without_metadata_of_ours_is_taken_with_a_session_of_the_api_s(
    member: Member, reports: list[AgentReport], monkeypatch: pytest.MonkeyPatch, metadata: str
) -> None:
    named: list[str | None] = []

    async def session(_self: Backend, session_id: str | None = None) -> DispatchMetadata:
        named.append(session_id)
        return DispatchMetadata(session_id="s" * 12)

    monkeypatch.setattr(Backend, "session", session)
    assert await decide(metadata, member) == ["accepted"]
    assert reports == []
    assert named == ["abcdefgh1234" if "abcdefgh1234" in metadata else None]


async def test_a_room_that_the_api_has_no_session_for_is_refused_with_its_reason(
    member: Member, reports: list[AgentReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def session(_self: Backend, session_id: str | None = None) -> DispatchMetadata:  # noqa: ARG001
        raise BackendError(None)

    monkeypatch.setattr(Backend, "session", session)
    assert await decide("", member) == ["passed on"], "another worker may reach the API"
    assert "did not answer" in reports[0].reason


async def test_what_another_worker_may_have_is_passed_on(member: Member, reports: list[AgentReport]) -> None:
    wanted = DispatchMetadata(session_id="s" * 12, pipeline=Pipeline.CASCADE, model="anthropic/claude-sonnet-4-6")
    assert await decide(wanted.model_dump_json(), member) == ["passed on"]
    assert "ANTHROPIC_API_KEY" in reports[0].reason


def a_server(max_calls: int) -> CallServer:
    server = CallServer(
        ws_url="ws://127.0.0.1:1", api_key="key", api_secret="s" * 32, load_threshold=0.999, num_idle_processes=2
    )
    server.max_calls = max_calls
    server._devmode = False
    server._worker_load, server._reserved_slots = 0.0, 0
    server._proc_pool = SimpleNamespace(processes=[])  # type: ignore[assignment]
    return server


def test_an_idle_worker_takes_a_burst_up_to_what_it_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "agent.worker.call_server.emit", lambda event, **fields: told.append({"event": event, **fields})
    )
    server = a_server(6)
    taken = 0
    while server._is_available() and taken < 20:
        server._reserved_slots += 1
        taken += 1
    assert taken == 6
    assert told == [{"event": Event.CALL_REFUSED, "reason": "full"}]


def test_a_worker_that_lost_the_media_server_is_not_ready() -> None:
    server = a_server(1)
    health = Health(server, Member(lambda: 0, max_calls=1, service_name=None), SETTINGS)
    assert not health.registered
    health._on_registered()
    server._connecting = False
    assert health.registered
    server._connecting = True
    assert not health.registered


async def test_a_retired_worker_leaves_the_job_to_another(member: Member, reports: list[AgentReport]) -> None:
    member.retired = True
    assert await decide(GOOD, member) == ["passed on"]
    assert reports == [], "the user has nothing to hear: another worker takes the call"


@pytest.mark.parametrize(
    ("calls", "retired", "expected"), [(0, False, 0.0), (2, False, 0.5), (9, False, 1.0), (0, True, 1.0)]
)
def test_load_is_the_share_of_calls_and_full_when_retired(
    member: Member, calls: int, retired: bool, expected: float
) -> None:
    member.retired = retired
    server: Any = SimpleNamespace(active_jobs=[None] * calls)
    assert main.load(cast("AgentServer", server), member, 4) == expected
