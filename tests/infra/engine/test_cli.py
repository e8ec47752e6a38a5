"""The plain CLI, by `Pulumi.yaml` and `infra/__main__.py`, and the policy pack under the engine's own policy host."""

import json
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from pulumi.automation.events import EngineEvent
from pulumi_life import QUICKLY, Life, existing
from stack_rules import assert_obeys_the_rules

from infra.policies import core
from infra.policies.rules import ALL
from infra.program import main
from offline import cli
from offline.cli import Project
from offline.places import ROOT
from offline.planned import Collector
from offline.preview import account
from offline.verdict import verdict
from offline.workspace import Engine, StackFile

SECONDS = 150.0
PACK = ROOT / "infra" / "policies"
BY_THE_PACK = ("--policy-pack", "infra/policies")


class Desk:
    """The CLI at a project, and what its engine told."""

    def __init__(self, engine: Engine, stack: str, folder: Path, source: Path) -> None:
        self.stack = f"{stack}-{uuid.uuid4().hex[:8]}"  # the backend is shared
        self.project = Project(engine, stack, folder / "desk", source, self.stack)
        self._log = folder / "events.jsonl"
        self.events: list[dict[str, Any]] = []

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command on the stack, with the engine's events."""
        self._log.unlink(missing_ok=True)
        log = ("--event-log", str(self._log)) if arguments[0] in {"preview", "up"} else ()
        told = {"PULUMI_DEBUG_COMMANDS": "true", **QUICKLY}
        done = self.project.pulumi(*arguments, *log, seconds=SECONDS, environment=told)
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        self.events = [json.loads(line) for line in lines]
        return done

    def done(self, *arguments: str) -> str:
        """A command that must succeed; what it printed."""
        done = self.pulumi(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def refused(self, *arguments: str) -> str:
        """A command that must fail; what it printed."""
        done = self.pulumi(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def planned(self) -> Collector:
        """What the last command would do."""
        collector = Collector()
        for event in self.events:
            collector.take(EngineEvent.from_json(event))
        return collector

    def named(self, kind: str) -> Iterable[Mapping[str, Any]]:
        """The events of a kind."""
        return (event[kind] for event in self.events if kind in event)

    def told(self, level: str) -> set[tuple[str, str]]:
        """What the policy host told: rule and resource."""
        found = [event for event in self.named("policyEvent") if event["enforcementLevel"] == level]
        return {(event["policyName"], event.get("resourceUrn", "")) for event in found}


@pytest.fixture
def sit(engine: Engine, tmp_path: Path) -> Callable[..., Desk]:
    def make(stack: str, source: Path = ROOT) -> Desk:
        return Desk(engine, stack, tmp_path, source)

    return make


@pytest.fixture
def program(sit: Callable[..., Desk], tmp_path: Path) -> Callable[[str], Desk]:
    """A desk at a program of a few lines."""

    def make(text: str) -> Desk:
        source = tmp_path / "source"
        source.mkdir()
        (source / "Pulumi.yaml").write_text("{name: small, runtime: python}")
        (source / "Pulumi.dev.yaml").write_text("config: {}")
        (source / "__main__.py").write_text(text)
        return sit("dev", source)

    return make


def inline(engine: Engine, stack: str) -> set[str]:
    """The resources of the inline program, which `make preview` runs."""
    file = StackFile.read(stack)
    life = Life(engine, main, name=f"{stack}-inline", config=file.config, environment=account(file))
    return without(life.name, (item.urn for item in life.preview().resources))


def without(stack: str, urns: Iterable[str]) -> set[str]:
    """URNs without the stack's name."""
    return {urn.replace(stack, "") for urn in urns}


def undecided(resources: Sequence[core.Resource], environment: str) -> set[tuple[str, str]]:
    """What `make preview` cannot decide."""
    stack = next(item.urn for item in resources if item.type == "pulumi:pulumi:Stack")
    return {(rule, urn or stack) for rule, urn in verdict(resources, environment).undecided}


def test_prod_is_previewed_under_every_rule(sit: Callable[..., Desk], engine: Engine) -> None:
    desk = sit("prod")
    said = desk.done("preview", *BY_THE_PACK)
    resources = desk.planned().resources
    assert {item.operation for item in resources} == {"create"}
    assert without(desk.stack, (item.urn for item in resources)) == inline(engine, "prod")

    assert "polyglot@v1.0.0 (local: infra/policies)" in said
    summaries = [*desk.named("policyAnalyzeSummaryEvent"), *desk.named("policyAnalyzeStackSummaryEvent")]
    loaded = {name for event in summaries for answer in ("passed", "failed") for name in event.get(answer) or []}
    assert loaded == {rule.name for rule in ALL}
    assert desk.told("mandatory") == set()
    seen = [core.Resource(item.urn, item.type, item.name, item.props, item.protect) for item in resources]
    assert desk.told("advisory") == undecided(seen, "prod") != set()
    assert world(desk) == []


def test_staging_lives_by_the_cli(sit: Callable[..., Desk], engine: Engine, tmp_path: Path) -> None:
    desk = sit("staging")
    said = desk.done("up", "--yes", "--skip-preview", *BY_THE_PACK)
    assert desk.told("mandatory") == desk.told("advisory") == set()  # in an update nothing is unknown
    assert "polyglot@v1.0.0 (local: infra/policies)" in said
    export = tmp_path / "state.json"
    desk.done("stack", "export", "--file", str(export))
    deployment = json.loads(export.read_text(encoding="utf-8"))["deployment"]
    assert_obeys_the_rules(deployment, "staging")
    assert len(world(desk)) > 100

    # The images are in the registry now, so that nobody builds them again: the state lets go of them, and they stay.
    desk.done("up", "--yes", "--skip-preview")
    desk.done("preview", "--expect-no-changes")
    planned = {item.urn for item in desk.planned().resources}
    assert planned == {item["urn"] for item in deployment["resources"] if "docker-build" not in item["urn"]}
    assert without(desk.stack, planned) == {urn for urn in inline(engine, "staging") if "docker-build" not in urn}

    desk.done("destroy", "--yes", "--skip-preview")
    assert {kind for kind in world(desk) if "Image" not in kind} == set()


def world(desk: Desk) -> list[str]:
    """The types of what exists in the pretended cloud."""
    return [thing.type for thing in existing(desk.project.world)]


def test_a_wrong_setting_is_told_with_its_key_and_an_example(sit: Callable[..., Desk]) -> None:
    desk = sit("staging")
    desk.done("config", "set", "--path", "polyglot:edge.rate_limit", "many")
    said = desk.refused("preview")
    assert "polyglot:edge.rate_limit: 'many' is wrong" in said
    assert "for example `pulumi config set --path polyglot:edge.rate_limit 2000`" in said
    assert "Traceback" not in said
    assert [item.type for item in desk.planned().resources] == ["pulumi:pulumi:Stack"]


def test_the_policy_host_refuses_what_breaks_a_rule_before_anything_is_made(
    sit: Callable[..., Desk], recordings: Path
) -> None:
    desk = sit("dev", recordings / "careless")
    said = desk.refused("up", "--yes", "--policy-pack", str(PACK))
    broken = {rule for rule, _ in desk.told("mandatory")}
    assert {"no-remote-administration", "no-secrets-in-environment", "no-shell-in-prod"} <= broken
    assert "[mandatory]  no-secrets-in-environment  (aws:ecs:TaskDefinition: api)" in said
    assert "careless:note is a secret: False" in said
    assert "planted" not in said
    assert world(desk) == []

    # The pack knows the stack's configuration: what only production may not do is allowed to others.
    desk.done("config", "set", "polyglot:environment", "staging")
    desk.done("config", "set", "--secret", "note", "planted")
    said = desk.refused("preview", "--policy-pack", str(PACK))
    broken = {rule for rule, _ in desk.told("mandatory")}
    assert "no-remote-administration" in broken
    assert "no-shell-in-prod" not in broken
    assert "careless:note is a secret: True" in said  # the program has been told which keys are
    assert "planted" not in said


LATE = """
import pulumi
import pulumi_aws as aws

tags = {"tags": {"project": "polyglot", "environment": "prod"}}
ours = aws.Provider("aws", region="us-east-1", allowed_account_ids=["123456789012"], default_tags=tags)
by_ours = pulumi.ResourceOptions(provider=ours)
topic = aws.sns.Topic("first", kms_master_key_id="alias/some", opts=by_ours)
environment = [{"name": "TOPIC", "value": topic.arn}, {"name": "OPENAI_API_KEY", "value": "sk-planted"}]
text = pulumi.Output.json_dumps([{"name": "api", "image": "api", "environment": environment}])
aws.ecs.TaskDefinition("api", family="api", container_definitions=text, opts=by_ours)
"""


def test_what_a_preview_cannot_know_is_refused_before_that_resource_is_made(program: Callable[[str], Desk]) -> None:
    desk = program(LATE)
    said = desk.refused("up", "--yes", "--skip-preview", "--policy-pack", str(PACK))
    refused = {rule for rule, urn in desk.told("mandatory") if urn.endswith("::api")}
    assert "no-secrets-in-environment" in refused, said
    assert world(desk) == ["aws:sns/topic:Topic"]
    assert "planted" not in said


def test_a_program_that_ends_with_a_code_has_failed(program: Callable[[str], Desk]) -> None:
    said = program("import sys\nsys.exit(7)\n").refused("preview")
    assert "program exited with exit code 7" in said


def test_an_error_is_shown_from_the_program_on(program: Callable[[str], Desk]) -> None:
    said = program("import pathlib\nprint('here is', pathlib.Path.cwd().name)\nraise ValueError('planted')\n").refused(
        "preview"
    )
    assert "ValueError: planted" in said
    assert "here is project" in said
    assert "language_host" not in said
    assert "run_in_stack" not in said


def test_an_engine_that_is_killed_leaves_no_process(program: Callable[[str], Desk], tmp_path: Path) -> None:
    told = tmp_path / "pid"
    desk = program(f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(100)\n")
    command = ["pulumi", "preview", "--non-interactive", "--policy-pack", str(PACK)]
    with subprocess.Popen(  # noqa: S603 - the CLI
        command, cwd=desk.project.folder, env=desk.project.environment, stdout=subprocess.DEVNULL
    ) as engine:
        assert within(60, lambda: told.exists() and told.read_text() != "")
        mine = psutil.Process(engine.pid).children(recursive=True)
        assert int(told.read_text()) in {process.pid for process in mine}
        assert any("pulumi.policy" in " ".join(process.cmdline()) for process in mine)
        engine.send_signal(signal.SIGKILL)
        engine.wait(10)
    assert within(20, lambda: not any(process.is_running() for process in mine))


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not (yes := happened()) and time.monotonic() < end:
        time.sleep(0.1)
    return yes


def test_the_command_passes_arguments_and_exit_codes_on(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cli.main(["-s", "nowhere"]) == 1
    assert "There is no stack nowhere" in capfd.readouterr().err
    before = {path: path.stat().st_mtime_ns for path in ROOT.glob("Pulumi*.yaml")}
    shell = tmp_path / "shell"
    shell.write_text("#!/bin/sh\npulumi config set polyglot:new value && pulumi stack ls && exit 3\n")
    shell.chmod(0o755)
    monkeypatch.setenv("SHELL", str(shell))
    assert cli.main(["-s", "prod"]) == 3
    shown = capfd.readouterr()
    assert "prod*" in shown.out
    assert "pulumi-language-python: a stand-in" in shown.err
    assert {path: path.stat().st_mtime_ns for path in ROOT.glob("Pulumi*.yaml")} == before
