"""Which jobs a worker takes."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentServer, JobRequest

from agent import main
from agent.fleet import Member
from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata
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
        self.job = SimpleNamespace(metadata=self.metadata)
        self.room = SimpleNamespace(name="room-1")

    async def accept(self) -> None:
        self.done.append("accepted")

    async def reject(self) -> None:
        self.done.append("rejected")


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[AgentReport]:
    told: list[AgentReport] = []

    async def remember(report: AgentReport) -> None:
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


async def test_a_retired_worker_leaves_the_job_to_another(member: Member, reports: list[AgentReport]) -> None:
    member.retired = True
    assert await decide(GOOD, member) == ["rejected"]
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
