"""Migrations in the life of a stack with a database, on the real engine: when one runs, and what a failed one stops."""

from collections.abc import Callable

import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import Life

from infra.program import main
from offline.planned import Planned
from offline.preview import account
from offline.workspace import StackFile

SERVICE = "aws:ecs/service:Service"
RUN = "create lambda/invocation:Invocation::migrate"
FAULT = {
    "POLYGLOT_STANDIN_FUNCTION_FAULT": "The database was not migrated: exit code 1. Log: /polyglot/staging/migrate"
}


def digest(service: str, digit: str) -> str:
    return f"111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/{service}@sha256:{digit * 64}"


def put(life: Life, service: str, digit: str) -> None:
    key = f"polyglot:{service}"
    life.config[key] = {**life.config.get(key, {}), "image": digest(service, digit)}


def touched(items: list[Planned]) -> list[tuple[str, str, str]]:
    resources = [item for item in items if not item.type.startswith("pulumi:providers:")]
    return sorted((item.operation, item.type.rpartition(":")[2], item.name) for item in resources)


def names(life: Life, since: int) -> list[str]:
    """What the cloud has done since: verb, type and name, in order."""
    changes = life.changes()[since:]
    return [f"{item['change']} {item['urn'].rpartition('$')[2].partition(':')[2]}" for item in changes]


def revision(life: Life, service: str) -> str:
    """The task definition that a service runs."""
    (found,) = [thing for thing in life.things() if thing.type == SERVICE and thing.inputs["name"] == service]
    return str(found.inputs["taskDefinition"]).rpartition("/")[2]


@pytest.mark.timeout(400)
def test_each_version_of_the_api_is_migrated_to_before_its_service_moves(live: Callable[..., Life]) -> None:
    file = StackFile.read("staging")
    life = live(main, config=file.config, environment=account(file))
    life.config["polyglot:data"] = {"database": "postgres"}
    for service in ("api", "agent"):
        put(life, service, "1")
    life.with_program(main)

    planned = life.preview()
    assert [item.name for item in planned.resources if item.type.endswith(":Invocation")] == ["migrate"]
    assert life.changes() == []  # a preview runs nothing

    # The first `up` of all fails in its migration: there is no service yet, and the message is the function's own.
    life.with_program(main, **FAULT)
    with pytest.raises(CommandError, match=r"polyglot-staging-migrate\): The database was not migrated: exit code 1"):
        life.up()
    assert [thing for thing in life.things() if thing.type == SERVICE] == []
    life.with_program(main)
    life.up()
    assert (revision(life, "api"), revision(life, "agent")) == ("polyglot-staging-api:1", "polyglot-staging-agent:1")
    assert life.orphans() == []
    assert set(life.preview().counts) == {"same"}
    life.stack.refresh(expect_no_changes=True)

    # Another agent is no reason to migrate.
    put(life, "agent", "2")
    life.with_program(main)
    assert touched(life.up()) == [("replace", "TaskDefinition", "agent"), ("update", "Service", "agent")]

    # Another API is: once, and first.
    put(life, "api", "2")
    life.with_program(main)
    before = len(life.changes())
    assert touched(life.up()) == [
        ("replace", "Invocation", "migrate"),
        ("replace", "TaskDefinition", "api"),
        ("replace", "TaskDefinition", "migrate"),
        ("update", "Service", "api"),
    ]
    done = names(life, before)
    assert done.count(RUN) == 1
    assert done.index("create ecs/taskDefinition:TaskDefinition::migrate") < done.index(RUN)
    assert done.index(RUN) < done.index("update ecs/service:Service::api")

    # One that fails leaves the service on what it runs, and is run again by the next `up`.
    put(life, "api", "3")
    life.with_program(main, **FAULT)
    before = len(life.changes())
    with pytest.raises(CommandError, match="not migrated"):
        life.up()
    assert revision(life, "api") == "polyglot-staging-api:2"
    assert [line for line in names(life, before) if "service:Service" in line or "Invocation" in line] == []
    life.with_program(main)
    before = len(life.changes())
    life.up()
    assert names(life, before).count(RUN) == 1
    assert revision(life, "api") == "polyglot-staging-api:3"

    assert_runs_for_another_database(life)
    life.stack.destroy()
    assert life.things() == []


def assert_runs_for_another_database(life: Life) -> None:
    """One that was lost and made again, for example."""
    (lost,) = [thing for thing in life.things() if thing.type == "aws:rds/instance:Instance"]
    life.forget(lost)
    before = len(life.changes())
    life.up(refresh=True)
    done = names(life, before)
    assert done.index("create rds/instance:Instance::data-db") < done.index(RUN)
    assert done.index(RUN) < done.index("update ecs/service:Service::api")
