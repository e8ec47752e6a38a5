"""Runs one task on Fargate and waits for its end: all the code of the Lambda function, which has boto3 in its runtime.

What it is asked (`Order`) comes with the invocation; its role allows one family of tasks on one cluster, whatever it is
asked. A task that never started (a role that is not known everywhere yet, no capacity, no image) is tried again; one that
ran and failed is not. A task that outlasts the function is stopped, so that its transaction ends.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypedDict

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

POLL_SECONDS: Final = 3.0
START_TRIES: Final = 3
START_PAUSE: Final = 10.0
RESERVE_SECONDS: Final = 60.0
"""Kept of the function's time, to stop the task and to say so: more than one call with its retries."""
CALL: Final = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})

log = logging.getLogger("migrate")


class Order(TypedDict):
    """What to run and where its output goes; nothing in it is secret."""

    cluster: str
    taskDefinition: str
    container: str
    """The task's own container, whose name is also the prefix of its log stream."""
    subnets: list[str]
    securityGroups: list[str]
    publicAddress: bool
    logGroup: str


class Context(Protocol):
    """What Lambda tells the function of itself. Source: Lambda developer guide, Python context object."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""
        ...


class MigrationFailedError(Exception):
    """The message is what `pulumi up` shows."""


class NotStartedError(Exception):
    """No container ran, so nothing was changed."""


def handler(event: Order, context: Context) -> dict[str, Any]:
    """Lambda's entry. Raises MigrationFailedError, on which the invocation and so the deployment fails."""
    log.setLevel(logging.INFO)
    ecs = boto3.client("ecs", config=CALL)
    return Run(ecs, event).until(context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)


class Run:
    """One run of the task; `now` and `sleep` are a clock in seconds."""

    def __init__(
        self,
        ecs: Any,  # noqa: ANN401 - boto3 makes its clients at run time
        order: Order,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ecs, self._order = ecs, order
        self._now, self._sleep = now, sleep
        self._started = now()

    def until(self, seconds: float) -> dict[str, Any]:
        """Run the task to its end, for `seconds` at most; its name, exit code and duration. Raises MigrationFailedError."""
        end = self._now() + seconds
        for attempt in range(1, START_TRIES + 1):
            try:
                return self._once(end)
            except NotStartedError as error:
                log.warning("not started, attempt %d of %d: %s", attempt, START_TRIES, error)
                if attempt == START_TRIES or self._now() + START_PAUSE >= end:
                    raise MigrationFailedError(_failed(f"its task did not start: {error}")) from None
            self._sleep(START_PAUSE)
        raise AssertionError  # the last attempt returns or raises

    def _once(self, end: float) -> dict[str, Any]:
        arn = self._start()
        name = arn.rpartition("/")[2]
        stream = f"{self._order['container']}/{self._order['container']}/{name}"
        where = f"Its output is in the log group {self._order['logGroup']}, stream {stream}."
        log.info("started task %s of %s", name, self._order["taskDefinition"])
        task = self._stopped(arn, end)
        if task is None:
            raise MigrationFailedError(_failed(f"its task took too long and {self._stop(arn)}. {where}"))
        # By name: an account's runtime monitoring adds a container of its own.
        mine = (item for item in task.get("containers", []) if item.get("name") == self._order["container"])
        code = next((item["exitCode"] for item in mine if "exitCode" in item), None)
        if code is None:
            raise NotStartedError(_reasons(task))
        if code != 0:
            raise MigrationFailedError(_failed(f"its task ended with exit code {code} ({_reasons(task)}). {where}"))
        seconds = round(self._now() - self._started)
        log.info("task %s ended well after %d s", name, seconds)
        return {"task": name, "exitCode": code, "seconds": seconds}

    def _start(self) -> str:
        order = self._order
        network = {
            "subnets": order["subnets"],
            "securityGroups": order["securityGroups"],
            "assignPublicIp": "ENABLED" if order["publicAddress"] else "DISABLED",
        }
        try:
            answer = self._ecs.run_task(
                cluster=order["cluster"],
                taskDefinition=order["taskDefinition"],
                count=1,
                launchType="FARGATE",
                networkConfiguration={"awsvpcConfiguration": network},
                # The tag that lets this function stop its own tasks, and no other.
                propagateTags="TASK_DEFINITION",
                startedBy="polyglot-migrate",
            )
        except (ClientError, BotoCoreError) as error:
            raise NotStartedError(str(error)) from None
        if not answer.get("tasks"):
            told = [f"{item.get('reason')} {item.get('detail', '')}".strip() for item in answer.get("failures", [])]
            raise NotStartedError(", ".join(told) or "ECS gave no reason")
        return str(answer["tasks"][0]["taskArn"])

    def _stopped(self, arn: str, end: float) -> dict[str, Any] | None:
        """The task once it has stopped; None when it has not until `end`."""
        while self._now() < end:
            try:
                tasks = self._ecs.describe_tasks(cluster=self._order["cluster"], tasks=[arn])["tasks"]
            except (ClientError, BotoCoreError) as error:
                log.warning("cannot look at the task: %s", error)
                tasks = []
            # Right after its start ECS may not know it yet.
            if tasks and tasks[0].get("lastStatus") == "STOPPED":
                return dict(tasks[0])
            self._sleep(POLL_SECONDS)
        return None

    def _stop(self, arn: str) -> str:
        try:
            self._ecs.stop_task(cluster=self._order["cluster"], task=arn, reason="The migration took too long")
        except (ClientError, BotoCoreError) as error:
            return f"could not be stopped ({error})"
        return "was stopped; its transaction changed nothing"


def _failed(why: str) -> str:
    return f"The database was not migrated, and the service was not touched: {why} (runbook: A failed migration)"


def _reasons(task: dict[str, Any]) -> str:
    told = [task.get("stoppedReason"), *(item.get("reason") for item in task.get("containers", []))]
    return "; ".join(dict.fromkeys(text for text in told if text)) or "ECS gave no reason"
