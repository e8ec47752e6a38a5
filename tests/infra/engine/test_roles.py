"""Staging and prod under the very roles that bootstrap makes: the stand-in for AWS refuses what IAM would."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import Life
from roles import place, statements

from infra.program import main
from offline.preview import account
from offline.standins.needs import ROLE
from offline.workspace import StackFile

Live = Callable[..., Life]


def as_role(folder: Path, env: str, kind: str, *, without: str = "") -> dict[str, str]:
    kept: list[dict[str, Any]] = [one for one in statements(env, kind) if without not in one["Action"]]
    path = folder / f"{env}-{kind}.json"
    path.write_text(json.dumps({"statements": kept, "place": place(env)}), encoding="utf-8")
    return {ROLE: str(path)}


def begin(live: Live, stack: str, **environment: str) -> Life:
    file = StackFile.read(stack)
    config = dict(file.config)
    for service in ("api", "agent"):
        image = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/{service}@sha256:{'1' * 64}"
        config[f"polyglot:{service}"] = {**config.get(f"polyglot:{service}", {}), "image": image}
    return live(main, name=stack, config=config, environment={**account(file), **environment})


def test_a_media_server_lives_and_dies_by_its_deploy_role(live: Live, tmp_path: Path) -> None:
    file = StackFile.read("media")
    environment = {**account(file), **as_role(tmp_path, "media", "deploy")}
    life = live(main, name="media", config=file.config, environment=environment)
    life.up()
    assert len(life.things()) > 50
    with pytest.raises(CommandError, match="protected"):
        life.command("destroy", "--yes")
    life.config["polyglot:guard"] = {"allow_destroy": True}
    life.with_program(main)
    life.up(refresh=True)
    life.stack.destroy()
    assert life.state().get("resources", []) == []


def test_staging_lives_and_dies_by_its_deploy_role(live: Live, tmp_path: Path) -> None:
    life = begin(live, "staging", **as_role(tmp_path, "staging", "deploy"))
    life.up()
    life.up(refresh=True)
    life.stack.destroy()
    assert life.state().get("resources", []) == []
    # A service that drains still needs its way out, its capacity, its permissions and its rules.
    gone = {one["urn"].partition("aws:")[2]: at for at, one in enumerate(life.changes()) if one["change"] == "delete"}
    services = [at for urn, at in gone.items() if urn.startswith("ecs/service:Service::")]
    stands_on = ("ecs/clusterCapacityProviders", "autoscaling/group", "ec2/route:", "iam/rolePolicy", "ec2/natGateway",
                 "vpc/securityGroupEgressRule", "lb/listener:", "ecs/taskDefinition")  # fmt: skip
    later = {kind: [at for urn, at in gone.items() if urn.startswith(kind)] for kind in stands_on}
    assert len(services) == 2
    own = {kind: times for kind, times in later.items() if times}
    assert {"ecs/clusterCapacityProviders", "autoscaling/group", "ec2/route:", "iam/rolePolicy"} <= set(own)
    assert {kind: min(times) for kind, times in own.items() if min(times) < max(services)} == {}


def test_prod_comes_up_by_its_deploy_role_and_is_refreshed_by_its_preview_role(live: Live, tmp_path: Path) -> None:
    life = begin(live, "prod", **as_role(tmp_path, "prod", "deploy"))
    life.up()
    life.with_program(main, **as_role(tmp_path, "prod", "preview"))
    life.stack.preview(refresh=True, expect_no_changes=True)


def test_a_role_that_lacks_one_permission_is_refused_by_name(live: Live, tmp_path: Path) -> None:
    life = begin(live, "staging", **as_role(tmp_path, "staging", "deploy", without="ecs:ListServiceDeployments"))
    with pytest.raises(CommandError, match="AccessDenied: not authorized to perform ecs:"):
        life.up()
