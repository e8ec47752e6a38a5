"""What is measured, who is told, and that every number on the dashboard is really made."""

import json
import re
from typing import Any

import pytest
from infra_mocks import ACCOUNT, KEY_ARN, PROD, STAGING, Recorded, broken_rules, context, run, settings
from whole import stack

from infra.components.data import Data, StoreArgs
from infra.components.observability import MEASURES, Alarms, Dashboard, Logs, Metrics, Watched
from infra.costs.estimate import USAGE
from infra.settings.base import Environment

OWN = set(MEASURES)
BALANCER, TARGETS = "app/edge/50dc6c495c0c9188", "targetgroup/edge/73e2d6bc24d8a067"


def observability(base: object, *, preview: bool = False, **changes: object) -> tuple[Recorded, dict[str, list[Any]]]:
    names: dict[str, list[Any]] = {}

    def build() -> None:
        here = context(settings(base, **changes))
        logs = Logs("logs", here)
        Metrics("metrics", here, logs)
        data = Data("data", StoreArgs(here, "vpc-1", ["subnet-1"], {"api": "sg-api"}))
        watched = Watched(here, BALANCER, TARGETS, data.database, ["nat-1", "nat-2"])
        alarms = Alarms("alarms", watched)
        for service, outputs in alarms.deployment_alarm_names.items():
            names[service] = []
            for output in outputs:
                output.apply(names[service].append)
        alarms.watch([])
        Dashboard("dashboard", watched, list(alarms.arns.values()))

    return run(build, preview=preview), names


@pytest.fixture(scope="module")
def prod() -> tuple[Recorded, dict[str, list[Any]]]:
    return observability(PROD)


@pytest.fixture(scope="module")
def recorded(prod: tuple[Recorded, dict[str, list[Any]]]) -> Recorded:
    return prod[0]


@pytest.fixture(scope="module")
def staging() -> Recorded:
    return observability(STAGING)[0]


@pytest.fixture(scope="module")
def board(recorded: Recorded) -> list[dict[str, Any]]:
    return recorded.one("aws.cloudwatch.Dashboard").json("dashboardBody")["widgets"]


def test_logs_are_encrypted_forgotten_in_time_and_survive_a_delete_of_prod(
    recorded: Recorded, staging: Recorded
) -> None:
    for service in ("api", "agent"):
        group = recorded.one("aws.cloudwatch.LogGroup", service)
        assert group.inputs["name"] == f"/polyglot/prod/{service}"
        assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == (KEY_ARN, 30)
        assert group.protect
        assert group.retain_on_delete
    assert not any(group.protect for group in staging.all("aws.cloudwatch.LogGroup"))


def test_no_rule_of_the_policy_pack_is_broken(recorded: Recorded) -> None:
    assert broken_rules(recorded, "prod") == []


def test_every_measure_reads_its_own_services_log(recorded: Recorded) -> None:
    filters = {f.name: f.inputs for f in recorded.all("aws.cloudwatch.LogMetricFilter")}
    assert set(filters) == OWN
    for metric, row in MEASURES.items():
        made, (service, event) = filters[metric], row["of"].split()
        assert made["logGroupName"] == f"/polyglot/prod/{service}"
        assert made["pattern"].startswith(f'{{ $.event = "{event}"')
        assert ("!=" in made["pattern"]) is ("but_not" in row)
        transformation = made["metricTransformation"]
        assert transformation["namespace"] == "Polyglot/prod"
        # CloudWatch refuses a default together with dimensions; a default of 0 seconds would be a lie.
        if "dimensions" in transformation or "field" in row:
            assert "defaultValue" not in transformation


def test_two_stacks_of_one_account_do_not_count_for_each_other(recorded: Recorded, staging: Recorded) -> None:
    spaces = [
        {f.inputs["metricTransformation"]["namespace"] for f in r.all("aws.cloudwatch.LogMetricFilter")}
        for r in (recorded, staging)
    ]
    assert spaces == [{"Polyglot/prod"}, {"Polyglot/staging"}]


def test_every_alarm_tells_somebody_and_links_the_runbook(recorded: Recorded) -> None:
    topic = recorded.one("aws.sns.Topic").outputs["arn"]
    alarms = recorded.all("aws.cloudwatch.MetricAlarm")
    assert len(alarms) >= 15
    for alarm in alarms:
        assert alarm.inputs["alarmActions"] == [topic]
        assert alarm.inputs["okActions"] == [topic]
        assert re.search(r" https://\S+/runbook\.md#[a-z-]+$", alarm.inputs["alarmDescription"])
        assert alarm.inputs["datapointsToAlarm"] <= alarm.inputs["evaluationPeriods"]


def test_alarms_watch_metrics_that_exist(recorded: Recorded) -> None:
    for alarm in recorded.all("aws.cloudwatch.MetricAlarm"):
        queries = [q["metric"] for q in alarm.inputs.get("metricQueries", []) if "metric" in q]
        for metric in queries or [alarm.inputs]:
            if metric["namespace"].startswith("Polyglot/"):
                assert metric["metricName"] in OWN
                assert not metric.get("dimensions")
            else:
                assert metric["dimensions"]


def test_silence_of_all_workers_is_an_alarm_and_silence_elsewhere_is_not(recorded: Recorded) -> None:
    missing = {a.name: a.inputs["treatMissingData"] for a in recorded.all("aws.cloudwatch.MetricAlarm")}
    assert [name for name, how in missing.items() if how == "breaching"] == ["no-worker"]


def test_a_deployment_is_undone_by_alarms_that_exist_before_the_service(
    prod: tuple[Recorded, dict[str, list[Any]]],
) -> None:
    recorded, names = prod
    made = {alarm.outputs["name"] for alarm in recorded.all("aws.cloudwatch.MetricAlarm")}
    assert {service: len(of) for service, of in names.items()} == {"api": 2}
    assert {name for of in names.values() for name in of} <= made


def test_a_part_of_few_requests_is_no_alarm(recorded: Recorded) -> None:
    queries = {q["id"]: q for q in recorded.one("aws.cloudwatch.MetricAlarm", "api-errors").inputs["metricQueries"]}
    assert [key for key, query in queries.items() if query["returnData"]] == ["result"]
    assert "requests, 0) >= 20" in queries["result"]["expression"]


@pytest.mark.parametrize(
    ("kind", "watched"),
    [
        ("postgres", {"database-storage", "database-cpu", "database-connections"}),
        ("aurora", {"database-cpu", "database-connections"}),
        ("none", set()),
    ],
)
def test_the_database_is_watched_where_there_is_one(kind: str, watched: set[str]) -> None:
    found, _ = observability(STAGING, data={"database": kind})
    alarms = {a.name: a for a in found.all("aws.cloudwatch.MetricAlarm") if a.name.startswith("database")}
    assert set(alarms) == watched
    dimension = {"postgres": "DBInstanceIdentifier", "aurora": "DBClusterIdentifier"}.get(kind)
    assert {tuple(alarm.inputs["dimensions"]) for alarm in alarms.values()} <= {(dimension,)}


def test_each_nat_gateway_is_watched(recorded: Recorded) -> None:
    ids = {
        a.inputs["dimensions"]["NatGatewayId"]
        for a in recorded.all("aws.cloudwatch.MetricAlarm")
        if a.name.startswith("nat")
    }
    assert ids == {"nat-1", "nat-2"}


def test_the_topic_is_encrypted_and_only_this_accounts_alarms_and_budgets_publish(recorded: Recorded) -> None:
    assert recorded.one("aws.sns.Topic").inputs["kmsMasterKeyId"] == KEY_ARN
    policy = recorded.one("aws.sns.TopicPolicy").json("policy")
    assert policy["Version"] == "2012-10-17"
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    assert {s["Principal"]["Service"] for s in allowed} == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert all(s["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT} for s in allowed)
    (deny,) = [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert recorded.one("aws.sns.TopicSubscription").inputs["endpoint"] == "oncall@example.com"


def test_without_an_address_nobody_is_subscribed(staging: Recorded) -> None:
    assert staging.all("aws.sns.TopicSubscription") == []


def test_every_number_on_the_dashboard_is_made_by_the_catalogue(board: list[dict[str, Any]]) -> None:
    own = set()
    for widget in board:
        for series in widget["properties"].get("metrics", []):
            if isinstance(series[0], str) and series[0].startswith("Polyglot/"):
                own.add(series[1])
            elif isinstance(series[0], dict):
                own.update(re.findall(r'MetricName="(\w+)"', series[0]["expression"]))
    assert own <= OWN
    # What an operator must see: calls, joins, first audio, interruptions, errors, fare sources.
    assert {"LiveCalls", "CallsStarted", "JoinFailures", "FirstAudio", "Interruptions", "ModelFailures"} <= own
    assert {"FareAnswers", "FareSeconds", "FareFailuresBySource"} <= own


def test_the_dashboards_expressions_name_series_of_their_widget(board: list[dict[str, Any]]) -> None:
    functions = {"IF", "SEARCH"}
    for widget in board:
        metrics = widget["properties"].get("metrics", [])
        ids = {series[-1]["id"] for series in metrics if isinstance(series[-1], dict) and "id" in series[-1]}
        for series in metrics:
            if isinstance(series[0], dict) and "SEARCH" not in series[0]["expression"]:
                used = set(re.findall(r"[A-Za-z]\w*", series[0]["expression"])) - functions
                assert used
                assert used <= ids


def test_searches_keep_to_the_dimension_that_the_filter_makes(board: list[dict[str, Any]]) -> None:
    dimensions = {metric: row.get("by") for metric, row in MEASURES.items()}
    searches = re.findall(
        r'\{\\*"Polyglot/prod\\*",(\w+)\} MetricName=\\*"(\w+)', "".join(map(json.dumps, board)).replace("\\", "")
    )
    assert len(searches) >= 4
    assert all(dimensions[metric] == dimension for dimension, metric in searches)


def test_widgets_do_not_lie_on_each_other(board: list[dict[str, Any]]) -> None:
    cells = [
        (x, y)
        for widget in board
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_a_first_preview_does_not_need_what_only_aws_knows() -> None:
    found, names = observability(PROD, preview=True)
    assert found.one("aws.cloudwatch.Dashboard")
    assert set(names) == {"api"}


@pytest.mark.parametrize(("name", "environment"), [("built here", "staging"), ("prod", "prod")])
def test_the_price_counts_the_alarms_that_there_are(name: str, environment: str) -> None:
    """Target tracking makes two of its own, and an alarm over several metrics is billed for each."""
    made = stack(name)
    alarms = made.all("aws.cloudwatch.MetricAlarm")
    more = sum(len(a.inputs["metricQueries"]) - 2 for a in alarms if "metricQueries" in a.inputs)
    kinds = [policy.inputs["policyType"] for policy in made.all("aws.appautoscaling.Policy")]
    counted = len(alarms) + more + 2 * kinds.count("TargetTrackingScaling")
    assert USAGE[Environment(environment)].alarms == counted
