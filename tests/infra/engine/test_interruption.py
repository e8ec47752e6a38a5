"""An `up` that is killed at its worst moments: the state names what may be orphaned, and the stack converges."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import grpc
import pulumi
import pulumi_aws as aws
import pytest
from pulumi.automation.errors import CommandError
from pulumi.runtime.proto.engine_pb2 import GetRootResourceRequest
from pulumi.runtime.settings import Settings
from pulumi_life import Life

RESOURCES = 6
ROOT = Path(__file__).parents[3]
ENGINE = """
import subprocess, sys
plugin = subprocess.Popen([sys.executable, "-m", "offline.standins", sys.argv[1], "127.0.0.1:1"], stdout=subprocess.PIPE)
print(plugin.pid, flush=True)
print(plugin.stdout.readline().decode(), end="", flush=True)
plugin.wait()
"""
"""Starts a plugin as the engine does, and reads what it prints; both have the same standard error, which ends with the last."""


def chain(retention: int = 30, family: str = "one") -> Callable[[], None]:
    """Six resources, some waiting for others."""

    def program() -> None:
        key = aws.kms.Key("key")
        topic = aws.sns.Topic("alarms", kms_master_key_id=key.id)
        logs = aws.cloudwatch.LogGroup("logs", kms_key_id=key.arn, retention_in_days=retention)
        cluster = aws.ecs.Cluster("main", tags={"topic": topic.arn})
        container = pulumi.Output.json_dumps([{"name": "api", "image": family, "log": logs.name}])
        task = aws.ecs.TaskDefinition("api", family="api", cpu="256", memory="512", container_definitions=container)
        aws.ecs.Service("api", cluster=cluster.arn, task_definition=task.arn, launch_type="FARGATE")

    return program


def test_a_first_deployment_that_is_killed_converges(live: Callable[..., Life]) -> None:
    life = live(chain())
    assert life.interrupt(3)

    pending = {item["resource"]["urn"] for item in life.state()["pending_operations"]}
    assert {thing.urn for thing in life.orphans()} <= pending  # the operator can find every one of them

    with pytest.raises(CommandError, match="locked"):
        life.up()

    life.recover()
    life.up(refresh=True)
    assert life.orphans() == []
    assert len(life.things()) == RESOURCES
    assert set(life.preview().counts) == {"same"}
    life.stack.destroy()
    assert life.things() == []


@pytest.mark.parametrize("after", [1, 3])
def test_a_change_that_is_killed_converges(live: Callable[..., Life], after: int) -> None:
    new = chain(retention=60, family="two")  # update the log group, replace the task definition, update the service
    life = live(chain())
    life.up()
    life.with_program(new)
    assert life.interrupt(after)

    life.recover()
    life.up(refresh=True)
    assert life.orphans() == []
    assert len(life.things()) == RESOURCES
    assert set(life.preview().counts) == {"same"}
    life.stack.destroy()
    assert life.things() == []


@pytest.mark.parametrize("plugin", ["aws", "awsx", "docker", "docker-build"])
@pytest.mark.parametrize("when", ["while it starts", "when it serves"])
def test_a_plugin_does_not_outlive_an_engine_that_was_killed(plugin: str, when: str) -> None:
    engine = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", ENGINE, plugin], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert engine.stdout is not None
    pid = int(engine.stdout.readline())
    try:
        if when == "when it serves":
            assert int(engine.stdout.readline())
        engine.kill()
        engine.communicate(timeout=60)  # it looks every second; all else is a busy machine that has yet to import it
    except subprocess.TimeoutExpired:
        pytest.fail(f"the plugin {plugin} lingers")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_an_engine_on_the_port_of_one_that_was_killed_is_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    killed = Settings("polyglot", "staging", engine=address)
    assert answer_of(killed) is grpc.StatusCode.UNAVAILABLE
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_insecure_port(address)
    server.start()
    try:
        started = Settings("polyglot", "staging", engine=address)
        assert answer_of(started) is grpc.StatusCode.UNIMPLEMENTED, "nobody asked it"
    finally:
        server.stop(None)


def answer_of(settings: Settings) -> grpc.StatusCode:
    """What a request to a program's engine ends with; it answers none here."""
    assert settings.engine is not None
    with pytest.raises(grpc.RpcError) as refused:
        settings.engine.GetRootResource(GetRootResourceRequest(), timeout=10)
    return cast("grpc.Call", refused.value).code()
