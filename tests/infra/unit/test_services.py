"""The table of services: a worker is an entry, and everything else follows from it."""

from pathlib import Path

import pytest
from infra_mocks import STAGING, Recorded, run, settings

from infra import secrets_catalog, services
from infra.components.observability import logs, places
from infra.policies import compute
from infra.program import declare
from infra.services import TableError, read
from infra.settings import SettingsError, model, parse
from infra.stacks import cloud
from infra.stacks import services as wiring

TABLE = (Path(services.__file__).with_name("services.toml")).read_text(encoding="utf-8")
JOBS = """
[jobs]
image = "api"
sources = ["api", "contracts"]
health = { port = 9000, path = "/health" }
command = ["python", "-m", "api", "jobs"]
uses = ["database"]
secrets = ["DUFFEL_API_TOKEN"]
size = { cpu = 256, memory = 512, tasks_min = 1, tasks_max = 2 }
[jobs.egress]
"Fare sources and AWS" = { port = 443 }
[jobs.environment]
POLYGLOT_ENVIRONMENT = "{environment}"
"""


@pytest.fixture
def with_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    table = read(TABLE + JOBS)
    for module in (services, secrets_catalog, model, wiring, logs, places, cloud):
        monkeypatch.setattr(module, "SERVICES", table)


def stack(**changes: object) -> Recorded:
    values = settings(STAGING, data={"database": "postgres"}, api={"fare_sources": ["duffel"]}, **changes)
    return run(lambda: declare(values))


@pytest.mark.usefixtures("with_jobs")
def test_a_worker_is_one_entry_and_everything_follows() -> None:
    recorded = stack(workers={"jobs": {"memory": 1024}})
    task = recorded.one("aws.ecs.TaskDefinition", "jobs")
    (container,) = task.json("containerDefinitions")
    assert (task.inputs["cpu"], task.inputs["memory"]) == ("256", "1024")
    assert container["command"] == ["python", "-m", "api", "jobs"]
    assert {entry["name"] for entry in container["secrets"]} == {"DUFFEL_API_TOKEN", "POLYGLOT_DATABASE_PASSWORD"}
    assert container["environment"] == [{"name": "POLYGLOT_ENVIRONMENT", "value": "staging"}]
    service = recorded.one("aws.ecs.Service", "jobs")
    assert "loadBalancers" not in service.inputs
    assert recorded.one("aws.cloudwatch.LogGroup", "jobs")
    assert recorded.one("aws.appautoscaling.Policy", "jobs-scaling-cpu")
    assert {r.name for r in recorded.all("aws.cloudwatch.MetricAlarm") if r.name.startswith("jobs-")} == {
        "jobs-cpu",
        "jobs-memory",
    }
    assert [r for r in recorded.all("aws.vpc.SecurityGroupIngressRule") if r.name.startswith("jobs-in")] == []
    assert {r.name for r in recorded.all("aws.vpc.SecurityGroupIngressRule") if r.name.startswith("data-db")} == {
        "data-db-in-from-api",
        "data-db-in-from-jobs",
        "data-db-in-from-migrate",
    }
    assert '"jobs"' in recorded.one("aws.cloudwatch.Dashboard").inputs["dashboardBody"]
    migration = recorded.one("aws.lambda.Invocation", "migrate").urn
    assert migration in service.depends_on


@pytest.mark.usefixtures("with_jobs")
def test_a_workers_size_is_checked_like_any_other() -> None:
    with pytest.raises(SettingsError, match=r"workers\.jobs.*Fargate has 512, 1024, 2048 MiB, not 9999"):
        settings(STAGING, workers={"jobs": {"memory": 9999}})


def test_a_worker_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"infra/services\.toml lists no service beside api and agent"):
        parse({**STAGING, "workers": {"jobs": {}}})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('after = ["nobody"]', "there is no service nobody"),
        ('uses = ["queue"]', "uses queue"),
        ("stop_timeout = 300", "Fargate allows 120"),
        ('called_by = ["api"]', "called_by needs a port"),
        ("colour = 1", "unknown colour"),
        ('after = ["agent"]\ncalled = 1', "unknown called"),
    ],
)
def test_a_mistake_in_the_table_is_named(change: str, said: str) -> None:
    entry = JOBS.replace('uses = ["database"]\n', "").replace("[jobs.egress]", f"{change}\n[jobs.egress]")
    with pytest.raises(TableError, match=said):
        read(TABLE + entry)


def test_services_that_nothing_reaches_are_known_to_the_rules() -> None:
    assert {"api"} == compute.CALLED
    assert {"agent"} == compute.LONG_CALLS
