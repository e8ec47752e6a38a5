"""`make preview`: what it shows, what it hides, what it remembers, how it ends."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from offline import preview
from offline.planned import Planned
from offline.workspace import PLUGINS, StackFile, installed_plugins

FILE = StackFile("polyglot", {"polyglot:aws": {"account": "111122223333"}})
PLANTED = "planted-91d4"


pytestmark = pytest.mark.usefixtures("cli")


def program(count: int, *, names: Sequence[str] = ("main",)) -> Callable[[], None]:
    def run() -> None:
        group = pulumi.ComponentResource("polyglot:test:Group", "group")
        provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=["111122223333"])
        inside = pulumi.ResourceOptions(parent=group, provider=provider)
        for name in names:
            cluster = aws.ecs.Cluster(name, opts=inside)
            aws.ecs.Service(f"{name}-api", cluster=cluster.arn, desired_count=count, opts=inside)
        aws.ssm.Parameter("token", type="SecureString", value=pulumi.Output.secret(PLANTED), opts=inside)

    return run


class Desk:
    """Previews one after the other, as somebody at a desk would."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.kept = folder / "kept" / "dev.json"
        self.judged: list[str] = []
        self.refused = False

    def judge(self, resources: Sequence[Planned], config: Mapping[str, Any]) -> preview.Judgement:
        assert config == FILE.config
        self.judged = [item.type for item in resources]
        return preview.Judgement("the verdict", self.refused)

    def preview(self, run: Callable[[], None]) -> preview.Outcome:
        made = preview.Previewer(self.said.append, self.judge, lambda stack, _: f"the price of {stack}")
        return made.run("dev", run, FILE, self.kept)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_preview_shows_the_tree_the_difference_the_verdict_and_the_price(desk: Desk) -> None:
    first = desk.preview(program(1))
    text = preview.report(first)
    assert first.code == 0
    missing = [name for name in PLUGINS if name not in installed_plugins()]
    assert f"{', '.join(missing)}: stand-ins (the real plugin is not installed)" in desk.said[0]
    assert " +    polyglot:test:Group  group\n +       aws:ecs/cluster:Cluster  main\n" in text
    assert "6 resources: 6 to create" in text
    assert "There was no preview before this one." in text
    assert "the verdict" in text
    assert "the price of dev" in text
    assert "aws:ecs/service:Service" in desk.judged

    second = desk.preview(program(2, names=["main", "more"]))
    assert sorted(second.difference.lines) == [
        "      desiredCount: 1 -> 2",
        " + aws:ecs/cluster:Cluster  more",
        " + aws:ecs/service:Service  more-api",
        " ~ aws:ecs/service:Service  main-api",
    ]

    third = desk.preview(program(2))
    assert sorted(third.difference.lines) == [
        " - aws:ecs/cluster:Cluster  more",
        " - aws:ecs/service:Service  more-api",
    ]
    assert desk.preview(program(2)).difference.lines == ()

    shown = "".join([text, preview.as_json(first), preview.as_json(second), *desk.said, desk.kept.read_text()])
    assert PLANTED not in shown


def test_a_broken_mandatory_rule_is_an_exit_code_of_its_own(desk: Desk) -> None:
    desk.refused = True
    outcome = desk.preview(program(1))
    assert outcome.code == 2
    assert json.loads(preview.as_json(outcome))["policy"]["refused"] is True


def test_a_program_that_fails_says_why_and_forgets_nothing(desk: Desk) -> None:
    desk.preview(program(1))
    before = desk.kept.read_text()

    def broken() -> None:
        aws.ecs.Service("api", launch_type="MARS", opts=pulumi.ResourceOptions(protect=True))

    outcome = desk.preview(broken)
    text = preview.report(outcome)
    assert outcome.code == 1
    assert "'api' has a problem: launchType has a value that does not exist; allowed are: EC2, FARGATE" in text
    assert "Traceback" not in text
    assert desk.kept.read_text() == before


def test_an_unknown_stack_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert preview.main(["--stack", "nowhere"]) == 1
    assert "There is no stack nowhere" in capsys.readouterr().out
