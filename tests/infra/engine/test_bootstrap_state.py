"""The first run of bootstrap on the real engine: a local state, then the same state in S3, sealed by KMS."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from pulumi import automation

from infra.bootstrap.program import program
from infra.bootstrap.run import BootstrapError, Runner
from infra.bootstrap.settings import PROJECT, STACK, BootstrapSettings, parse
from offline.workspace import Engine

ACCOUNT = "123456789012"  # moto's account, so that it is the bucket's owner
STATE = f".pulumi/stacks/{PROJECT}/{STACK}.json"


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> BootstrapSettings:
    """Each test in a region, and so in a bucket, of its own."""
    region = getattr(request, "param", "us-east-1")
    return parse({"account": ACCOUNT, "region": region, "repository": "acme/polyglot"})


@pytest.fixture
def make(
    engine: Engine, settings: BootstrapSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[str]], Runner]:
    environment = {**engine.environment(), "AWS_REGION": settings.region}
    # A laptop on which nobody has installed Pulumi: the CLI that `make setup` built is found all the same.
    without = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "pulumi").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(without))
    del environment["PULUMI_CONFIG_PASSPHRASE"]
    kms = _client(engine, "kms", settings.region)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/polyglot-state", TargetKeyId=key)
    folder = tmp_path / "bootstrap"
    folder.mkdir()

    def made(said: list[str]) -> Runner:
        return Runner(
            settings,
            say=said.append,
            folder=folder,
            local=tmp_path / "local",
            backend=engine.backend.url.replace("polyglot-state", settings.bucket, 1),
            environment=environment,
            options={"pulumi_home": environment["PULUMI_HOME"]},
            declare=lambda: program(settings),
        )

    return made


def _client(engine: Engine, service: str, region: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=engine.backend.endpoint,
        region_name=region,
        aws_access_key_id="offline",
        aws_secret_access_key="offline",
    )


def test_the_state_moves_once_and_a_second_run_goes_on_from_there(
    engine: Engine, settings: BootstrapSettings, make: Callable[[list[str]], Runner], tmp_path: Path
) -> None:
    engine.backend.make_bucket(settings.bucket)  # the stand-in for AWS makes none
    first: list[str] = []
    outputs = make(first).run()
    assert any("First run" in line for line in first)
    assert outputs["state_bucket"] == settings.bucket
    assert not (tmp_path / "local").exists()

    stored = json.loads(
        _client(engine, "s3", settings.region).get_object(Bucket=settings.bucket, Key=STATE)["Body"].read()
    )
    checkpoint = stored["checkpoint"]["latest"]
    assert len(checkpoint["resources"]) > 30
    assert checkpoint["secrets_providers"]["type"] == "cloud"
    assert "awskms://alias/polyglot-state" in json.dumps(checkpoint["secrets_providers"])

    second: list[str] = []
    again = make(second).run()
    assert any("The state is in" in line for line in second)
    assert again == outputs
    assert any("unchanged" in line for line in second)
    assert not any("created" in line or "deleted" in line for line in second)


@pytest.mark.parametrize("settings", ["eu-west-1"], indirect=True)
def test_what_is_lost_on_the_way_is_noticed_and_the_local_state_is_kept(
    engine: Engine,
    settings: BootstrapSettings,
    make: Callable[[list[str]], Runner],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine.backend.make_bucket(settings.bucket)
    whole = automation.Stack.import_stack

    def lossy(stack: automation.Stack, state: automation.Deployment) -> None:
        content = dict(state.deployment or {})
        whole(stack, automation.Deployment(version=state.version, deployment={**content, "resources": []}))

    monkeypatch.setattr(automation.Stack, "import_stack", lossy)
    with pytest.raises(BootstrapError, match="is not the local one"):
        make([]).run()
    assert (tmp_path / "local" / ".pulumi").exists()
    monkeypatch.setattr(automation.Stack, "import_stack", whole)
    said: list[str] = []
    make(said).run()
    assert any("has moved" in line for line in said)
    assert not (tmp_path / "local").exists()
