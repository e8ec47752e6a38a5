"""The function that runs a migration: what it asks of ECS, and what `pulumi up` reads when it goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from infra_mocks import ACCOUNT, REGION

from infra.components.migration import handler
from infra.components.migration.handler import (
    POLL_SECONDS,
    RESERVE_SECONDS,
    START_PAUSE,
    START_TRIES,
    MigrationFailedError,
    Order,
    Run,
)

CLUSTER = "polyglot-prod"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/polyglot-prod-migrate:7"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/polyglot-prod/0123456789abcdef0123456789abcdef"
ORDER: Order = {
    "cluster": CLUSTER,
    "taskDefinition": DEFINITION,
    "container": "migrate",
    "subnets": ["subnet-a", "subnet-b"],
    "securityGroups": ["sg-migrate"],
    "publicAddress": False,
    "logGroup": "/polyglot/prod/migrate",
}
EXPECTED = {
    "cluster": CLUSTER,
    "taskDefinition": DEFINITION,
    "count": 1,
    "launchType": "FARGATE",
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": ["subnet-a", "subnet-b"],
            "securityGroups": ["sg-migrate"],
            "assignPublicIp": "DISABLED",
        }
    },
    "propagateTags": "TASK_DEFINITION",
    "startedBy": "polyglot-migrate",
}
STARTED = {"tasks": [{"taskArn": TASK}], "failures": []}
LOOK = {"cluster": CLUSTER, "tasks": [TASK]}


class Clock:
    """Time passes only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def ecs() -> Iterator[Any]:
    client = boto3.client("ecs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    yield client
    client.close()


@pytest.fixture
def stub(ecs: Any) -> Iterator[Stubber]:
    """What ECS answers, each call checked against its own model; all of it must be asked for."""
    with Stubber(ecs) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(ecs: Any, clock: Clock) -> Callable[..., dict[str, Any]]:
    def until(seconds: float = 600, **changes: Any) -> dict[str, Any]:
        order: Any = {**ORDER, **changes}
        return Run(ecs, order, now=clock.now, sleep=clock.sleep).until(seconds)

    return until


def stopped(code: int | None, reason: str = "Essential container in task exited", detail: str = "") -> dict[str, Any]:
    container: dict[str, Any] = {"name": "migrate"}
    container |= {} if code is None else {"exitCode": code}
    container |= {"reason": detail} if detail else {}
    return {"tasks": [{"taskArn": TASK, "lastStatus": "STOPPED", "stoppedReason": reason, "containers": [container]}]}


def test_a_task_that_ends_well_is_told_with_its_name(stub: Stubber, run: Callable[..., Any], clock: Clock) -> None:
    stub.add_response("run_task", STARTED, EXPECTED)
    # Right after the start ECS may not know the task yet.
    stub.add_response("describe_tasks", {"tasks": [], "failures": [{"arn": TASK, "reason": "MISSING"}]}, LOOK)
    stub.add_response("describe_tasks", {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING"}]}, LOOK)
    stub.add_response("describe_tasks", stopped(0), LOOK)
    assert run() == {"task": TASK.rpartition("/")[2], "exitCode": 0, "seconds": round(2 * POLL_SECONDS)}
    assert clock.seconds == 2 * POLL_SECONDS


def test_a_task_has_a_public_address_only_where_it_has_no_other_way_out(stub: Stubber, run: Callable[..., Any]) -> None:
    network = EXPECTED["networkConfiguration"]["awsvpcConfiguration"] | {"assignPublicIp": "ENABLED"}
    stub.add_response("run_task", STARTED, EXPECTED | {"networkConfiguration": {"awsvpcConfiguration": network}})
    stub.add_response("describe_tasks", stopped(0), LOOK)
    assert run(publicAddress=True)["exitCode"] == 0


def test_a_migration_that_fails_is_not_tried_again_and_says_where_its_log_is(
    stub: Stubber, run: Callable[..., Any]
) -> None:
    stub.add_response("run_task", STARTED, EXPECTED)
    stub.add_response("describe_tasks", stopped(1), LOOK)
    with pytest.raises(MigrationFailedError) as caught:
        run()
    told = str(caught.value)
    assert "not migrated, and the service was not touched" in told
    assert "exit code 1" in told
    stream = f"migrate/migrate/{TASK.rpartition('/')[2]}"
    assert f"log group /polyglot/prod/migrate, stream {stream}" in told


def test_the_exit_code_is_that_of_the_migration_and_of_no_container_beside_it(
    stub: Stubber, run: Callable[..., Any]
) -> None:
    stub.add_response("run_task", STARTED, EXPECTED)
    task = stopped(1)["tasks"][0]
    task["containers"].insert(0, {"name": "aws-guardduty-agent-x", "exitCode": 0})
    stub.add_response("describe_tasks", {"tasks": [task]}, LOOK)
    with pytest.raises(MigrationFailedError, match="exit code 1"):
        run()


def test_what_ecs_refuses_is_tried_again_and_then_told(stub: Stubber, run: Callable[..., Any], clock: Clock) -> None:
    failures = {"tasks": [], "failures": [{"arn": "x", "reason": "RESOURCE:ENI", "detail": "no address is free"}]}
    for _ in range(START_TRIES):
        stub.add_response("run_task", failures, EXPECTED)
    with pytest.raises(MigrationFailedError, match="did not start: RESOURCE:ENI no address is free"):
        run()
    assert clock.seconds == START_PAUSE * (START_TRIES - 1)


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for(stub: Stubber, run: Callable[..., Any]) -> None:
    stub.add_client_error("run_task", "AccessDeniedException", "not authorized to perform: ecs:RunTask")
    stub.add_response("run_task", STARTED, EXPECTED)
    unable = "ResourceInitializationError: unable to pull secrets"
    stub.add_response("describe_tasks", stopped(None, unable), LOOK)
    stub.add_response("run_task", STARTED, EXPECTED)
    stub.add_response("describe_tasks", stopped(0), LOOK)
    assert run()["exitCode"] == 0


def test_a_task_that_never_starts_is_told_with_ecs_s_own_reasons(stub: Stubber, run: Callable[..., Any]) -> None:
    for _ in range(START_TRIES):
        stub.add_response("run_task", STARTED, EXPECTED)
        stub.add_response("describe_tasks", stopped(None, "Task failed to start", "CannotPullContainerError: x"), LOOK)
    with pytest.raises(MigrationFailedError, match="Task failed to start; CannotPullContainerError: x"):
        run()


def test_a_task_that_takes_too_long_is_stopped(stub: Stubber, run: Callable[..., Any], clock: Clock) -> None:
    stub.add_response("run_task", STARTED, EXPECTED)
    for _ in range(4):
        stub.add_response("describe_tasks", {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING"}]}, LOOK)
    told = {"cluster": CLUSTER, "task": TASK, "reason": "The migration took too long"}
    stub.add_response("stop_task", {"task": {"taskArn": TASK}}, told)
    with pytest.raises(MigrationFailedError, match="took too long and was stopped"):
        run(seconds=4 * POLL_SECONDS)
    assert clock.seconds == 4 * POLL_SECONDS


def test_a_task_that_cannot_be_stopped_is_told_as_one_that_runs(stub: Stubber, run: Callable[..., Any]) -> None:
    stub.add_response("run_task", STARTED, EXPECTED)
    stub.add_client_error("describe_tasks", "ThrottlingException", "slow down")
    stub.add_client_error("stop_task", "AccessDeniedException", "not authorized")
    with pytest.raises(MigrationFailedError, match=r"could not be stopped \(.*not authorized"):
        run(seconds=POLL_SECONDS)


def test_no_new_start_is_begun_when_time_is_short(stub: Stubber, run: Callable[..., Any]) -> None:
    stub.add_client_error("run_task", "ClusterNotFoundException", "Cluster not found.")
    with pytest.raises(MigrationFailedError, match="Cluster not found"):
        run(seconds=START_PAUSE)


def test_the_function_leaves_itself_time_to_stop_the_task(
    monkeypatch: pytest.MonkeyPatch, ecs: Any, stub: Stubber, clock: Clock
) -> None:
    class Lambda:
        def get_remaining_time_in_millis(self) -> int:
            return round((RESERVE_SECONDS + POLL_SECONDS) * 1000)

    made: dict[str, Any] = {}
    monkeypatch.setattr(handler.boto3, "client", lambda name, config: made.update({name: config}) or ecs)
    monkeypatch.setattr(handler.time, "sleep", clock.sleep)
    monkeypatch.setattr(handler, "Run", lambda client, order: Run(client, order, now=clock.now, sleep=clock.sleep))
    stub.add_response("run_task", STARTED, EXPECTED)
    stub.add_response("describe_tasks", {"tasks": [{"taskArn": TASK, "lastStatus": "PENDING"}]}, LOOK)
    stub.add_response("stop_task", {"task": {"taskArn": TASK}})
    with pytest.raises(MigrationFailedError):
        handler.handler(ORDER, Lambda())
    config = made["ecs"]
    # One call with its retries must fit into what is kept.
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] < RESERVE_SECONDS
