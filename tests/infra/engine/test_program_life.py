"""The whole life of our own stacks on the real engine, with their state in S3: the program, interrupted or not."""

import os
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import TASK_DEFINITION, Life, leaks
from stack_rules import assert_obeys_the_rules

from infra.components import local
from infra.program import main
from infra.secrets_catalog import CATALOG
from offline.planned import Planned
from offline.preview import account
from offline.standins.docker import IMAGE
from offline.workspace import StackFile

Live = Callable[..., Life]
INTERRUPTIONS = 12
OPERATORS = "planted-by-the-operator-5d1c"
SHELLS = "sk-planted-in-the-shell-9e02"


CARRIES_NOTHING = frozenset(
    f"aws:{name}"
    for name in (
        "appautoscaling/policy:Policy",
        "appautoscaling/target:Target",
        "budgets/budget:Budget",
        "cloudwatch/dashboard:Dashboard",
        "cloudwatch/logMetricFilter:LogMetricFilter",
        "cloudwatch/metricAlarm:MetricAlarm",
        "lambda/function:Function",
        "lambda/invocation:Invocation",
        "iam/rolePolicy:RolePolicy",
        "sns/topic:Topic",
        "sns/topicPolicy:TopicPolicy",
        "sns/topicSubscription:TopicSubscription",
    )
)
"""What a call does not pass: it tells of the stack, scales it, or migrated its database. (Of role policies, the migration's.)"""


@pytest.fixture
def begin(live: Live, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Life]:
    """A stack as its file in the repository describes it, with planted secrets around it."""
    monkeypatch.setenv("OPENAI_API_KEY", SHELLS)

    def make(stack: str, **environment: str) -> Life:
        file = StackFile.read(stack)
        told = {**account(file), "POLYGLOT_STANDIN_PARAMETER_VALUE": OPERATORS, **environment}
        return live(main, config=file.config, environment=told)

    return make


def put(life: Life, section: str, **values: Any) -> None:
    """Change settings of the stack, as `pulumi config set` does."""
    key = f"polyglot:{section}"
    life.config[key] = {**life.config.get(key, {}), **values}


def digest(service: str, digit: str) -> str:
    return f"111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/{service}@sha256:{digit * 64}"


def parameters(environment: str, version: int) -> dict[str, str]:
    """What the stand-in is told when the operator has set every secret so many times."""
    names = ", ".join(f'"/polyglot/{environment}/{secret.name}": {version}' for secret in CATALOG)
    return {"POLYGLOT_STANDIN_PARAMETERS": f"{{{names}}}"}


def touched(items: list[Planned]) -> list[tuple[str, str, str]]:
    resources = [item for item in items if not item.type.startswith("pulumi:providers:")]
    return sorted((item.operation, item.type.rpartition(":")[2], item.name) for item in resources)


def after(life: Life, section: str, **values: Any) -> list[tuple[str, str, str]]:
    """Change settings and deploy; what that touched."""
    put(life, section, **values)
    life.with_program(main)
    return touched(life.up())


def assert_nothing_leaked(life: Life) -> None:
    life.said += life.command("stack", "export") + life.command("stack", "output")
    for planted in (OPERATORS, SHELLS):
        assert planted not in life.said
        assert leaks(life, planted, life.world.parent) == []
    assert "polyglot" in life.said
    assert leaks(life, "polyglot", life.world.parent)  # the search is one that can find something


def assert_all_gone(life: Life, revisions: AbstractSet[str], images: AbstractSet[str] = frozenset()) -> None:
    """Nothing exists but these old revisions of task definitions, and these images in the bootstrap's repositories."""
    assert life.state().get("resources", []) == []
    left = life.things()
    assert {thing.id.rpartition("/")[2] for thing in left if thing.type == TASK_DEFINITION} == revisions
    assert {thing.urn.rpartition("::")[2] for thing in left if thing.type == IMAGE} == images
    assert len(left) == len(revisions) + len(images)


@pytest.mark.timeout(500)
def test_staging_comes_up_through_a_dozen_interruptions_and_lives_until_destroyed(begin: Callable[..., Life]) -> None:
    life = begin("staging")
    for service in ("api", "agent"):
        put(life, service, image=digest(service, "1"))
    life.with_program(main)
    planned = life.preview()
    assert set(planned.counts) == {"create"}
    assert life.things() == []  # a preview makes nothing

    step = planned.counts["create"] // (INTERRUPTIONS + 6)  # components are not changes to the cloud
    for number in range(INTERRUPTIONS):
        assert life.interrupt(step, refresh=number > 0), f"the stack was complete at interruption {number}"
        life.recover()
        assert life.orphans() == []
    life.up(refresh=True)
    assert {item["urn"] for item in life.state()["resources"]} == {item.urn for item in planned.resources}
    assert life.orphans() == []
    urns = [thing.urn for thing in life.things()]
    assert len(urns) == len(set(urns))  # nothing was made twice
    assert_obeys_the_rules(life.state(), "staging")

    assert set(life.preview().counts) == {"same"}
    life.stack.refresh(expect_no_changes=True)

    assert after(life, "agent", image=digest("agent", "2")) == [
        ("replace", "TaskDefinition", "agent"),
        ("update", "Service", "agent"),
    ]
    assert after(life, "api", log_days=60) == [("update", "LogGroup", "api")]

    life.with_program(main, **parameters("staging", 2))
    assert touched(life.up()) == [
        ("replace", "TaskDefinition", "agent"),
        ("replace", "TaskDefinition", "api"),
        ("update", "Service", "agent"),
        ("update", "Service", "api"),
    ]
    assert_nothing_leaked(life)

    life.stack.destroy()
    assert_all_gone(life, set())


@pytest.mark.timeout(300)
def test_prod_is_destroyed_only_after_it_was_told_so(begin: Callable[..., Life]) -> None:
    life = begin("prod")
    life.up()
    assert life.orphans() == []
    assert_obeys_the_rules(life.state(), "prod")
    assert_nothing_leaked(life)

    # From images built on a laptop to the pipeline's, and a setting with them.
    for service in ("api", "agent"):
        put(life, service, image=digest(service, "1"))
    assert after(life, "edge", rate_limit=500) == [
        ("delete", "Image", "agent-image"),
        ("delete", "Image", "api-image"),
        ("replace", "Invocation", "migrate"),
        ("replace", "TaskDefinition", "agent"),
        ("replace", "TaskDefinition", "api"),
        ("replace", "TaskDefinition", "migrate"),
        ("update", "Service", "agent"),
        ("update", "Service", "api"),
        ("update", "WebAcl", "edge-waf"),
    ]

    before = life.things()
    with pytest.raises(CommandError, match="protected"):
        life.command("destroy", "--yes")
    assert life.things() == before
    # The CLI stops at the preview; without one, what is not protected goes before the engine comes to what is.
    for command in (
        ("destroy", "--yes", "--skip-preview"),
        ("destroy", "--yes", "--skip-preview", "--target", "**:Service::api"),
    ):
        with pytest.raises(CommandError, match=r"protected|--target list"):
            life.command(*command)
    with pytest.raises(CommandError, match="protected"):
        life.stack.destroy()
    gone = {thing.type for thing in before} - {thing.type for thing in life.things()}
    assert gone <= CARRIES_NOTHING, "traffic went through it"
    kept = [thing for thing in before if thing.type not in CARRIES_NOTHING]
    assert [thing.urn for thing in life.things() if thing.type not in CARRIES_NOTHING] == [thing.urn for thing in kept]
    life.up(refresh=True)  # what told of the stack is made again
    before = life.things()
    put(life, "guard", allow_destroy=True)
    life.with_program(main)
    with pytest.raises(CommandError, match="protected"):
        life.command("destroy", "--yes")  # the setting alone does nothing before `up` took the protection off
    assert life.things() == before

    life.up()
    life.stack.destroy()
    assert_all_gone(life, {"polyglot-prod-api:1", "polyglot-prod-agent:1"}, {"api-image", "agent-image"})


def test_missing_secrets_are_all_told_with_their_commands_before_anything_is_planned(
    begin: Callable[..., Life],
) -> None:
    life = begin("staging", POLYGLOT_STANDIN_PARAMETERS='{"/polyglot/staging/LIVEKIT_API_KEY": 1}')
    with pytest.raises(CommandError) as caught:
        life.preview()
    for secret in (secret for secret in CATALOG if not (secret.fare_source or secret.on_request)):
        command = f"polyglot secrets set staging {secret.name}"
        assert (command in str(caught.value)) == (secret.name != "LIVEKIT_API_KEY")
    assert "Traceback" not in str(caught.value)
    assert OPERATORS not in str(caught.value)


def test_another_account_is_refused_before_anything_is_created(begin: Callable[..., Life]) -> None:
    life = begin("staging", POLYGLOT_STANDIN_ACCOUNT="999999999999")
    with pytest.raises(CommandError, match="AWS account ID not allowed: 999999999999") as caught:
        life.up()
    assert "polyglot:aws.account is 111122223333. Sign in to that one" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert life.things() == []


def test_a_local_stack_keeps_its_generated_secrets_out_of_sight(
    begin: Callable[..., Life], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SECRETS", tmp_path / "generated")
    life = begin("local")
    life.preview()
    life.up()
    life.said += life.command("stack", "export")
    generated = [path.read_text(encoding="ascii") for path in (tmp_path / "generated").iterdir()]
    assert len(generated) == 2
    for planted in (*generated, os.environ["OPENAI_API_KEY"]):
        assert planted not in life.said
        assert leaks(life, planted) == []
        assert planted in life.log.read_text(encoding="utf-8")  # the Docker engine was told
    life.stack.destroy()
    assert life.things() == []


def test_the_search_would_find_a_secret_that_a_program_reads(live: Live) -> None:
    def careless() -> None:
        pulumi.export("key", aws.ssm.get_parameter(name="/polyglot/staging/OPENAI_API_KEY").name)
        pulumi.export("value", pulumi.Output.unsecret(aws.ssm.get_parameter_output(name="/polyglot/x").value))

    life = live(careless, environment={"POLYGLOT_STANDIN_PARAMETER_VALUE": OPERATORS})
    life.up()
    assert OPERATORS in life.said
    assert leaks(life, OPERATORS)
