"""A worker protects its calls, steps back for a newer version, and never because of one that failed."""

import json
import logging
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import pytest

from agent.worker.fleet import ecs
from agent.worker.fleet.ecs import Deployment, EcsError, Service, Task, TaskMetadata, superseded
from agent.worker.fleet.member import LOOK_AROUND_EVERY, RENEW_AFTER, Member
from contracts.events import REPORT_EVERY

FAMILY = "polyglot-prod-agent"
ARN = "arn:aws:ecs:us-east-1:111122223333:task-definition/"


def deployment(status: str, revision: int, *, desired: int = 2, running: int = 2) -> Deployment:
    return Deployment.model_validate(
        {
            "status": status,
            "taskDefinition": f"{ARN}{FAMILY}:{revision}",
            "desiredCount": desired,
            "runningCount": running,
        }
    )


@pytest.mark.parametrize(
    ("deployments", "expected"),
    [
        ([deployment("PRIMARY", 7)], False),
        ([deployment("PRIMARY", 8), deployment("ACTIVE", 7)], True),
        ([deployment("PRIMARY", 8, running=1), deployment("ACTIVE", 7)], False),
        ([deployment("PRIMARY", 8, running=0), deployment("ACTIVE", 7)], False),
        ([deployment("PRIMARY", 8, desired=0, running=0), deployment("ACTIVE", 7)], False),
        ([deployment("PRIMARY", 7), deployment("INACTIVE", 8)], False),
        ([], False),
    ],
    ids=["alone", "replaced", "still starting", "none runs yet", "scaled to nothing", "rolled back", "nothing known"],
)
def test_only_a_newer_version_that_runs_whole_takes_over(deployments: list[Deployment], expected: bool) -> None:
    assert superseded(f"{FAMILY}:7", deployments) is expected


@dataclass
class FakeEcs:
    """The two endpoints of a task, and its service."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    blocked: bool = False
    down: bool = False
    deployments_now: list[Deployment] = field(default_factory=lambda: [deployment("PRIMARY", 7)])

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("refused")
        body = json.loads(request.content)
        self.asked.append(body)
        if self.blocked:
            return httpx2.Response(200, json={"failure": {"Reason": "DEPLOYMENT_BLOCKED"}})
        return httpx2.Response(200, json={"protection": {"ProtectionEnabled": body["ProtectionEnabled"]}})

    async def deployments(self) -> list[Deployment]:
        if self.down:
            raise EcsError("service: EndpointConnectionError")
        return self.deployments_now


@dataclass
class World:
    now: float = 0.0
    calls: int = 0
    ecs: FakeEcs = field(default_factory=FakeEcs)

    def __post_init__(self) -> None:
        metadata = TaskMetadata.model_validate(
            {"Cluster": "polyglot-prod", "TaskARN": "arn:aws:ecs:::task/1", "Family": FAMILY, "Revision": "7"}
        )
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.ecs.handle))
        self.member = Member(lambda: self.calls, max_calls=6, service_name="agent", clock=lambda: self.now)
        self.member.join(Task(metadata, "http://agent.test", http), cast("Service", self.ecs))

    async def after(self, seconds: float) -> None:
        self.now += seconds
        await self.member.look()

    @property
    def wishes(self) -> list[bool]:
        return [body["ProtectionEnabled"] for body in self.ecs.asked]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_task_is_protected_while_a_call_is_live_and_not_longer(world: World) -> None:
    await world.after(0)
    assert world.wishes == []
    world.calls = 1
    await world.after(5)
    await world.after(5)
    world.calls = 0
    await world.after(5)
    assert world.wishes == [True, False]


async def test_a_call_is_protected_before_its_process_has_started(world: World) -> None:
    world.member.call_taken()
    await world.after(0)
    assert world.wishes == [True]


async def test_a_long_call_stays_protected(world: World) -> None:
    world.calls = 1
    for _ in range(5):
        await world.after(RENEW_AFTER)
    assert world.wishes == [True] * 5
    assert all(body["ExpiresInMinutes"] * 60 > RENEW_AFTER for body in world.ecs.asked)


async def test_a_refused_or_unanswered_protection_is_asked_for_again(world: World) -> None:
    world.calls, world.ecs.blocked = 1, True
    await world.after(5)
    world.ecs.blocked, world.ecs.down = False, True
    await world.after(5)
    world.ecs.down = False
    await world.after(5)
    await world.after(5)
    assert world.wishes == [True, True]


async def test_an_old_worker_retires_and_comes_back_after_a_rollback(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await world.after(0)
    assert not world.member.retired
    world.ecs.deployments_now = [deployment("PRIMARY", 8), deployment("ACTIVE", 7)]
    await world.after(LOOK_AROUND_EVERY)
    assert world.member.retired
    world.ecs.down = True
    await world.after(LOOK_AROUND_EVERY)
    assert world.member.retired
    world.ecs.down = False
    world.ecs.deployments_now = [deployment("PRIMARY", 7)]
    await world.after(LOOK_AROUND_EVERY)
    assert not world.member.retired
    assert [record.event for record in caplog.records if getattr(record, "event", "") == "worker.superseded"] == [  # type: ignore[attr-defined]
        "worker.superseded"
    ]


async def test_calls_are_reported_in_the_rhythm_that_scaling_reads(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="polyglot.events")
    world.calls = 3
    for _ in range(9):
        await world.after(REPORT_EVERY / 4)
    reports = [record.calls for record in caplog.records if getattr(record, "event", "") == "worker.calls"]  # type: ignore[attr-defined]
    assert reports == [3, 3, 3]


async def test_outside_ecs_there_is_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ecs.METADATA_VARIABLE, raising=False)
    assert await Task.here() is None


async def test_a_task_knows_itself_from_its_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ecs.METADATA_VARIABLE, "http://metadata.test/v4/x")
    monkeypatch.setenv(ecs.AGENT_VARIABLE, "http://agent.test")
    body = {"Cluster": "c", "TaskARN": "arn:aws:ecs:::task/1", "Family": FAMILY, "Revision": "7", "Other": 1}

    def handle(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/v4/x/task"
        return httpx2.Response(200, json=body)

    task = await Task.here(httpx2.MockTransport(handle))
    assert task is not None
    assert (task.metadata.family, task.metadata.revision) == (FAMILY, "7")
    await task.aclose()

    with pytest.raises(EcsError, match="task metadata"):
        await Task.here(httpx2.MockTransport(lambda _: httpx2.Response(500)))
