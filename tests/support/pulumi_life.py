"""A stack's life on the real engine, over a world that shows what exists whatever the state says."""

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
from pulumi.automation import Deployment, Stack
from pulumi.automation.errors import CommandError

from offline.backend import BUCKET, REGION
from offline.planned import Collector, Planned
from offline.standins.world import Thing, World
from offline.workspace import PASSPHRASE, Engine, StackFile

Program = Callable[[], None]
QUICKLY = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""The state is written once, and not at every step: half of a life's time. What is killed (`Life.interrupt`) needs each."""
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


class Life:
    """One stack of `engine`: what was done to it, what the pretended cloud holds, what the stand-ins were told."""

    def __init__(
        self,
        engine: Engine,
        program: Program,
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        passphrase: str = PASSPHRASE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.engine = engine
        self.name = name or f"t{uuid.uuid4().hex[:8]}"
        folder = engine.folder / "lives" / f"{self.name}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        self.world = folder / "world.sqlite"
        self.log = folder / "log.jsonl"
        self.config = dict(config or {})
        self.said = ""
        """What `preview` and `up` have printed, details included."""
        self._passphrase = passphrase
        self._environment = {
            "POLYGLOT_STANDIN_WORLD": str(self.world),
            "POLYGLOT_STANDIN_LOG": str(self.log),
            **QUICKLY,
            **(environment or {}),
        }
        self.settings_folder = folder / "work"
        self.stack = self.with_program(program)

    def with_program(self, program: Program, **environment: str) -> Stack:
        """The same stack with another program, environment or `config`; it becomes the current one."""
        self.stack = self.engine.stack(
            self.name,
            program,
            file=StackFile("polyglot", self.config),
            passphrase=self._passphrase,
            environment={**self._environment, **environment},
            folder=self.settings_folder,
        )
        return self.stack

    def preview(self) -> Collector:
        """What the engine would do now."""
        collector = Collector()
        self.said += self.stack.preview(on_event=collector.take, diff=True).stdout
        return collector

    def up(self, *, refresh: bool = False) -> list[Planned]:
        """Deploy, after a look at the cloud if asked to; what was not left as it was."""
        collector = Collector()
        self.said += self.stack.up(on_event=collector.take, refresh=refresh, diff=True).stdout
        return [item for item in collector.resources if item.operation != "same"]

    def things(self) -> list[Thing]:
        """What exists in the pretended cloud."""
        return existing(self.world)

    def forget(self, thing: Thing) -> None:
        """Take something out of the cloud behind the engine's back."""
        with closing(World(str(self.world))) as world:
            world.delete(thing.type, thing.id, thing.urn)

    def changes(self) -> list[dict[str, Any]]:
        """What the stand-ins created, updated and deleted, in order."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def state(self) -> dict[str, Any]:
        """The deployment in the backend."""
        return dict(self.stack.export_stack().deployment or {})

    def orphans(self) -> list[Thing]:
        """What exists and the state does not know."""
        return _unknown(self.state(), self.things())

    def interrupt(self, after: int, *, refresh: bool = False) -> bool:
        """Deploy, and kill the engine when the cloud has made `after` changes; whether it came to that."""
        workspace = self.stack.workspace
        usual = workspace.env_vars
        each_step = {name: value for name, value in usual.items() if name not in QUICKLY}
        workspace.env_vars = {**each_step, "POLYGLOT_STANDIN_KILL_AFTER": str(len(self.changes()) + after)}
        try:
            self.stack.up(refresh=refresh)
        except CommandError:
            return True
        finally:
            workspace.env_vars = usual
        return False

    def recover(self) -> None:
        """What an operator does after an interruption: free the lock, give the state what was just being created.

        The state names each such resource as a pending operation, so that it can be found in the cloud. (The CLI's own
        `refresh --import-pending-creates` forgets them, seen with 3.250.) What is given has yet to be refreshed.
        """
        self.stack.cancel()
        state = self.stack.export_stack()
        deployment = dict(state.deployment or {})
        orphans = {thing.urn: thing for thing in _unknown(deployment, self.things())}
        for operation in deployment.pop("pending_operations", None) or []:
            resource = operation["resource"]
            thing = orphans.get(resource["urn"])
            if operation["type"] == "creating" and thing is not None:
                # A task definition goes by its family; its ARN names the revision.
                identifier = thing.inputs["family"] if thing.type == TASK_DEFINITION else thing.id
                adopted = {**resource, "id": identifier, "outputs": {**thing.outputs, "id": identifier}}
                deployment.setdefault("resources", []).append(adopted)
        self.stack.import_stack(Deployment(version=state.version, deployment=deployment))

    def command(self, *arguments: str) -> str:
        """A command of the CLI on this stack; what it printed."""
        done = self.stack._run_pulumi_cmd_sync(list(arguments))
        return done.stdout + done.stderr


def existing(path: Path) -> list[Thing]:
    """What a world's file holds."""
    with closing(World(str(path))) as world:
        return world.everything()


def _unknown(deployment: Mapping[str, Any], things: list[Thing]) -> list[Thing]:
    resources = deployment.get("resources", [])
    known = {name for item in resources for name in (item.get("id"), item.get("outputs", {}).get("arn"))}
    return [thing for thing in things if thing.id not in known]


def leaks(life: Life, needle: str, *folders: Path) -> list[str]:
    """Where a planted value is found: the state with its history, what the stand-ins were told, files."""
    places = [f"backend {key}" for key, content in stored(life.engine).items() if needle.encode() in content]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return places + [str(path) for path in files if needle.encode() in path.read_bytes()]


def stored(engine: Engine) -> dict[str, bytes]:
    """Every object in the state bucket."""
    client = boto3.client(
        "s3",
        endpoint_url=engine.backend.endpoint,
        region_name=REGION,
        aws_access_key_id="offline",
        aws_secret_access_key="offline",
    )
    try:
        listing = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {item["Key"]: client.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in listing}
    finally:
        client.close()
