"""Stacks side by side in one bucket, with keys of their own; and who may run when."""

import threading
import time
from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest
from infra_mocks import KEY_ARN, PROD, STAGING, settings
from infra_outputs import ACCOUNT, REGION
from pulumi.automation.errors import CommandError
from pulumi_life import Life, leaks, stored

from infra.components.images import image
from infra.context import Context
from offline.standins.docker import IMAGE
from offline.workspace import Engine

Live = Callable[..., Life]


def secretive(value: str) -> Callable[[], None]:
    def program() -> None:
        secret = pulumi.Output.secret(value)
        aws.ssm.Parameter("token", type="SecureString", value=secret)
        aws.ecs.TaskDefinition(
            "api",
            family="api",
            container_definitions=pulumi.Output.json_dumps([{"name": "a", "image": "b", "environment": [secret]}]),
        )
        pulumi.export("token", secret)

    return program


def test_a_planted_secret_is_nowhere_but_in_the_cloud(live: Live) -> None:
    planted = "planted-3f9a1c"
    life = live(secretive(planted))
    shown = str([(item.props, item.changed) for item in life.preview().resources])
    shown += life.stack.preview(diff=True).stdout + life.stack.up(show_secrets=False, diff=True).stdout
    shown += life.command("stack", "export") + life.command("stack", "--show-urns")

    assert planted not in shown
    assert leaks(life, planted) == []
    assert planted in life.log.read_text()  # the cloud was told, and so the search is one that can find something


def test_a_mistake_next_to_a_secret_does_not_show_it(live: Live) -> None:
    planted = "planted-77b0e2"

    def program() -> None:
        aws.ssm.Parameter("token", type=pulumi.Output.secret(planted), value="x")

    life = live(program)
    with pytest.raises(CommandError) as caught:
        life.up()
    assert "type" in str(caught.value)
    assert planted not in str(caught.value)


def test_two_stacks_share_a_bucket_and_no_key(live: Live, engine: Engine) -> None:
    staging = live(secretive("of-staging"), passphrase="one")
    prod = live(secretive("of-prod"), passphrase="two")
    staging.up()
    prod.up()
    assert staging.stack.outputs()["token"].value == "of-staging"
    assert prod.stack.outputs()["token"].value == "of-prod"

    before = prod.state()
    staging.stack.destroy()
    assert staging.things() == []
    assert prod.state() == before
    assert len(prod.things()) == 2

    names = [key for key in stored(engine) if key.endswith(f"{prod.name}.json") and "/stacks/" in key]
    assert len(names) == 1

    with pytest.raises(CommandError, match="passphrase"):
        prod.engine.stack(prod.name, secretive("x"), passphrase="one", folder=prod.settings_folder).up()
    assert prod.state() == before


def test_two_stacks_from_one_laptop_share_an_image_by_its_content(live: Live) -> None:
    def ours(env: str) -> Callable[[], None]:
        values = settings(STAGING if env == "staging" else PROD)

        def program() -> None:
            provider = aws.Provider("aws", region=REGION, allowed_account_ids=[ACCOUNT])
            stack = Context(values, provider, KEY_ARN)
            pulumi.export("image", image("api", stack, pulumi.ComponentResource("polyglot:x:Y", "y")))

        return program

    account = {"POLYGLOT_STANDIN_ACCOUNT": ACCOUNT}
    staging = live(ours("staging"), environment=account)
    staging.up()
    prod = live(ours("prod"), environment={**account, "POLYGLOT_STANDIN_WORLD": str(staging.world)})
    assert prod.up()
    named = [life.stack.outputs()["image"].value for life in (staging, prod)]
    assert named[0] == named[1]
    assert "@sha256:" in named[0]
    assert len([thing for thing in staging.things() if thing.type == IMAGE]) == 1  # nothing was pushed over it
    # It stays in the registry when its stack is gone, and is found there by the next one.
    staging.stack.destroy()
    staging.up()
    assert staging.stack.outputs()["image"].value == named[0]


def test_a_second_run_is_refused_and_told_who_holds_the_lock(live: Live, engine: Engine) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        started.set()
        assert go_on.wait(60)
        aws.ecs.Cluster("main")

    def quick() -> None:
        aws.ecs.Cluster("main")

    first = live(slow)
    second = live(quick, name=first.name)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            first.up()
        except CommandError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(60)
        with pytest.raises(CommandError, match=r"locked by 1 lock.*\n.*created by \S+@\S+ \(pid \d+\)"):
            second.up()
    finally:
        go_on.set()
        thread.join(60)
    assert failures == []
    assert len(first.things()) == 1
    assert not [key for key in stored(engine) if "/locks/" in key and f"/{first.name}/" in key]


def test_cancel_frees_the_lock_of_a_run_that_died(live: Live) -> None:
    def program() -> None:
        aws.ecs.Cluster("main")

    life = live(program)
    assert life.interrupt(1)
    with pytest.raises(CommandError, match="locked"):
        life.up()
    begun = time.monotonic()
    life.stack.cancel()
    assert time.monotonic() - begun < 10
    life.up()
