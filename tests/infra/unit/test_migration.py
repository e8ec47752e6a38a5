"""The migration of a stack: when it runs, as whom, what it reaches, and what waits for it."""

import json
from pathlib import Path
from typing import Any

import pytest
import whole
from infra_mocks import ACCOUNT, KEY_ARN, REGION, Recorded, broken_rules
from whole import DIGEST

from api.database.settings import MIGRATE_SECONDS, PREFIX, DatabaseServer, DatabaseSettings
from infra.bootstrap.permissions import bounding, reading, writing
from infra.bootstrap.settings import parse
from infra.components.migration.handler import Order
from infra.components.service.container import USER

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:"
KINDS = {"postgres": "aws.rds.Instance", "aurora": "aws.rds.Cluster"}


def stack(kind: str = "postgres") -> Recorded:
    """Prod; with Aurora a staging without NAT, for its way out."""
    return whole.stack("prod" if kind == "postgres" else "no nat")


def container(recorded: Recorded) -> dict[str, Any]:
    (found,) = recorded.one("aws.ecs.TaskDefinition", "migrate").json("containerDefinitions")
    return dict(found)


def statements(role: str) -> dict[str, dict[str, Any]]:
    """By action; each action stands in one statement only."""
    found = stack().one("aws.iam.RolePolicy", role).json("policy")["Statement"]
    actions = {action: statement for statement in found for action in statement["Action"]}
    assert len(actions) == sum(len(statement["Action"]) for statement in found)
    return actions


@pytest.mark.parametrize("kind", KINDS)
def test_the_api_moves_after_the_migration_and_the_agent_after_the_api(kind: str) -> None:
    recorded = stack(kind)
    done = recorded.one("aws.lambda.Invocation")
    api = recorded.one("aws.ecs.Service", "api")
    assert done.urn in api.depends_on
    assert api.urn in recorded.one("aws.ecs.Service", "agent").depends_on
    assert done.urn not in recorded.one("aws.ecs.TaskDefinition", "api").depends_on


@pytest.mark.parametrize("kind", KINDS)
def test_it_runs_again_for_another_image_and_for_another_database_only(kind: str) -> None:
    recorded = stack(kind)
    done = recorded.one("aws.lambda.Invocation").inputs
    task = recorded.one("aws.ecs.TaskDefinition", "migrate").outputs["arn"]
    name = "resourceId" if kind == "postgres" else "clusterResourceId"
    assert done["triggers"] == {"taskDefinition": task, "database": recorded.one(KINDS[kind]).outputs[name]}
    assert done["lifecycleScope"] == "CREATE_ONLY"  # a delete runs nothing


def test_it_runs_the_very_image_of_the_api_with_the_command_of_the_api() -> None:
    mine, (api,) = container(stack()), stack().one("aws.ecs.TaskDefinition", "api").json("containerDefinitions")
    assert mine["image"] == api["image"] == DIGEST % "api"
    assert mine["command"] == ["python", "-m", "api", "migrate"]
    assert "dependsOn" not in api
    assert "command" not in api


def test_the_order_is_what_the_function_reads() -> None:
    recorded = stack()
    order = recorded.one("aws.lambda.Invocation").json("input")
    assert set(order) == set(Order.__annotations__)
    assert order["cluster"] == recorded.one("aws.ecs.Cluster").inputs["name"]
    assert order["taskDefinition"] == recorded.one("aws.ecs.TaskDefinition", "migrate").outputs["arn"]
    assert order["container"] == container(recorded)["name"]
    api = recorded.one("aws.ecs.Service", "api").inputs["networkConfiguration"]
    assert order["subnets"] == api["subnets"]
    assert order["securityGroups"] == [recorded.one("aws.ec2.SecurityGroup", "migrate").id]
    assert order["publicAddress"] is False
    assert order["logGroup"] == recorded.one("aws.cloudwatch.LogGroup", "migrate").inputs["name"]


def test_without_nat_the_task_has_a_public_address_as_the_api_has() -> None:
    recorded = stack("aurora")
    assert recorded.one("aws.lambda.Invocation").json("input")["publicAddress"] is True
    assert recorded.one("aws.ecs.Service", "api").inputs["networkConfiguration"]["assignPublicIp"] is True


def test_it_is_not_started_before_it_can_reach_what_it_needs() -> None:
    for kind in KINDS:
        recorded = stack(kind)
        waits = set(recorded.one("aws.lambda.Invocation").depends_on)
        needed = [
            *(r for r in recorded.all("aws.iam.RolePolicy") if r.name.startswith("migrate")),
            *(r for r in recorded.all("aws.vpc.SecurityGroupEgressRule") if r.name.startswith("migrate")),
            *recorded.all("aws.rds.Instance"),
            *recorded.all("aws.rds.ClusterInstance"),
            recorded.one("aws.ecs.Cluster"),
            recorded.one("aws.lambda.Function"),
            recorded.one("awsx.ec2.Vpc"),
        ]
        assert len(needed) >= 7
        assert {r.name for r in needed if r.urn not in waits} == set()


def test_nothing_reaches_it_and_it_reaches_the_database_alone() -> None:
    recorded = stack()
    group = recorded.one("aws.ec2.SecurityGroup", "migrate").id
    assert [r for r in recorded.all("aws.vpc.SecurityGroupIngressRule") if r.inputs["securityGroupId"] == group] == []
    out = {
        r.inputs["fromPort"]: r.inputs
        for r in recorded.all("aws.vpc.SecurityGroupEgressRule")
        if r.inputs["securityGroupId"] == group
    }
    assert set(out) == {443, 5432}  # the first: image, log and secret, on their way to AWS
    database = recorded.one("aws.ec2.SecurityGroup", "data-db").id
    assert out[5432]["cidrIpv4"] == "10.0.0.0/16"
    let_in = [
        r.inputs["securityGroupId"]
        for r in recorded.all("aws.vpc.SecurityGroupIngressRule")
        if r.inputs.get("referencedSecurityGroupId") == group
    ]
    assert let_in == [database]


def test_it_is_told_of_the_database_and_of_no_other_secret() -> None:
    made = container(stack())
    secret = stack().one("aws.rds.Instance").outputs["masterUserSecrets"][0]["secretArn"]
    assert made["secrets"] == [{"name": f"{PREFIX}PASSWORD", "valueFrom": f"{secret}:password::"}]
    told = {entry["name"]: entry["value"] for entry in made["environment"]}
    known = {f"{PREFIX}{name.upper()}" for name in DatabaseServer.model_fields}
    known |= {str(field.validation_alias) for field in DatabaseSettings.model_fields.values()}
    assert set(told) <= known
    assert told[f"{PREFIX}TLS"] == "verify-full"  # as the operator has set it for the API
    server = {name.removeprefix(PREFIX).lower(): value for name, value in told.items() if name.startswith(PREFIX)}
    assert DatabaseServer(**server, password="x").url  # all that is needed is told


def test_its_execution_role_reads_one_secret_and_its_task_role_may_do_nothing() -> None:
    starts = statements("migrate-execution")
    secret = stack().one("aws.rds.Instance").outputs["masterUserSecrets"][0]["secretArn"]
    assert starts["secretsmanager:GetSecretValue"]["Resource"] == [secret]
    assert starts["kms:Decrypt"]["Resource"] == KEY_ARN
    assert starts["kms:Decrypt"]["Condition"]["StringEquals"] == {
        "kms:ViaService": [f"secretsmanager.{REGION}.amazonaws.com"]
    }
    assert "ssm:GetParameters" not in starts
    assert starts["ecr:BatchGetImage"]["Resource"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/polyglot/api"
    group = stack().one("aws.cloudwatch.LogGroup", "migrate").outputs["arn"]
    assert starts["logs:PutLogEvents"]["Resource"] == f"{group}:*"
    assert [p for p in stack().all("aws.iam.RolePolicy") if p.name == "migrate-task"] == []
    task = stack().one("aws.ecs.TaskDefinition", "migrate").inputs
    assert task["taskRoleArn"] == stack().one("aws.iam.Role", "migrate-task").outputs["arn"]
    assert task["executionRoleArn"] == stack().one("aws.iam.Role", "migrate-execution").outputs["arn"]


def test_it_is_hardened_as_the_services_are() -> None:
    made = container(stack())
    assert made["user"] == USER
    assert made["readonlyRootFilesystem"] is True
    assert made["privileged"] is False
    assert made["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert "portMappings" not in made
    group = stack().one("aws.cloudwatch.LogGroup", "migrate")
    assert made["logConfiguration"]["options"]["awslogs-group"] == group.inputs["name"]
    assert group.inputs["kmsKeyId"] == KEY_ARN
    assert group.inputs["retentionInDays"] == 30
    assert group.protect  # what a migration of prod did stays to be read


def test_the_function_may_start_this_family_on_this_cluster_with_these_two_roles() -> None:
    may = statements("migrate-runner")
    here = {"ArnEquals": {"ecs:cluster": f"{ARN}cluster/polyglot-prod"}}
    assert set(may) == {
        "ecs:RunTask",
        "ecs:DescribeTasks",
        "ecs:StopTask",
        "ecs:TagResource",
        "iam:PassRole",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert may["ecs:RunTask"]["Resource"] == f"{ARN}task-definition/polyglot-prod-migrate:*"
    assert may["ecs:RunTask"]["Condition"] == may["ecs:DescribeTasks"]["Condition"] == here
    roles = {stack().one("aws.iam.Role", f"migrate-{kind}").outputs["arn"] for kind in ("execution", "task")}
    assert set(may["iam:PassRole"]["Resource"]) == roles
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert may["iam:PassRole"]["Condition"] == passed
    family = stack().one("aws.ecs.TaskDefinition", "migrate").inputs["family"]
    assert may["ecs:RunTask"]["Resource"].endswith(f"/{family}:*")


def test_the_function_cannot_stop_a_task_with_a_call() -> None:
    stop = statements("migrate-runner")["ecs:StopTask"]["Condition"]["StringEquals"]
    tags = stack().one("aws.ecs.TaskDefinition", "migrate").inputs["tags"]
    assert stop == {"aws:ResourceTag/polyglot:purpose": tags["polyglot:purpose"]}
    for service in ("api", "agent"):
        assert "polyglot:purpose" not in (stack().one("aws.ecs.TaskDefinition", service).inputs.get("tags") or {})
    tag = statements("migrate-runner")["ecs:TagResource"]
    assert tag["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}  # it can give the tag to no other


def test_the_function_is_this_code_and_outlasts_the_migration() -> None:
    made = stack().one("aws.lambda.Function").inputs
    assert MIGRATE_SECONDS + 120 < made["timeout"] <= 900
    assert made["architectures"] == ["arm64"]
    module, _, entry = made["handler"].partition(".")
    source = Path(__file__).parents[3] / "infra" / "components" / "migration" / f"{module}.py"
    assert f"def {entry}(event" in source.read_text(encoding="utf-8")
    assert made["loggingConfig"]["logGroup"] == stack().one("aws.cloudwatch.LogGroup", "migrate").inputs["name"]
    assert "environment" not in made
    assert made["role"] == stack().one("aws.iam.Role", "migrate-runner").outputs["arn"]


def test_no_rule_of_the_policy_pack_is_broken() -> None:
    assert [line for line in broken_rules(stack(), "prod") if "migrate" in line] == []


BOOTSTRAP = parse({"account": ACCOUNT, "repository": "acme/polyglot"})


def actions_on(found: list[dict[str, Any]], service: str) -> dict[str, set[str]]:
    """Actions of a service by the resource that they are allowed on."""
    by_target: dict[str, set[str]] = {}
    for statement in found:
        for action in statement["Action"]:
            if action.startswith(f"{service}:"):
                by_target.setdefault(json.dumps(statement["Resource"]).strip('"'), set()).add(action)
    return by_target


@pytest.mark.parametrize("env", ["staging", "prod"])
def test_the_pipeline_makes_and_calls_this_function_and_starts_no_task_itself(env: str) -> None:
    deploy = writing(BOOTSTRAP, env, "key", "boundary")
    functions = actions_on(deploy, "lambda")
    mine = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:polyglot-{env}-*"
    assert {target for target, actions in functions.items() if "lambda:InvokeFunction" in actions} == {mine}
    assert {"lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:DeleteFunction"} <= functions[mine]
    assert stack().one("aws.lambda.Function").inputs["name"].startswith("polyglot-prod-")
    assert not any("ecs:RunTask" in actions for actions in actions_on(deploy, "ecs").values())
    assert "lambda:GetFunction" in actions_on(reading(BOOTSTRAP, env), "lambda")[mine]


def test_the_boundary_lets_the_function_do_its_work() -> None:
    bound = {action for statement in bounding(BOOTSTRAP, "prod", KEY_ARN) for action in statement["Action"]}
    assert set(statements("migrate-runner")) - bound == set()
    assert set(statements("migrate-execution")) - bound == set()
