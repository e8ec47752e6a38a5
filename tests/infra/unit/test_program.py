"""The stacks as wholes: who may reach what, who may read which secret, what runs how, and what survives."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import whole
from infra_mocks import KEY_ARN, Recorded, Registered
from pydantic import AliasChoices
from whole import SERVICES

from agent import budgets
from agent.settings import AgentSettings
from api.database.settings import PREFIX, DatabaseServer
from api.settings import Settings as ApiSettings
from contracts.fares import SOURCE_VARIABLES
from contracts.models import PROVIDER_VARIABLES
from contracts.names import AGENT_NAME, AGENT_NAME_VARIABLE
from infra.components.service.container import EXEC_FOLDERS
from infra.secrets_catalog import CATALOG

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(params=SERVICES)
def stack(request: pytest.FixtureRequest) -> Recorded:
    return whole.stack(request.param)


def containers(recorded: Recorded, service: str) -> dict[str, dict[str, Any]]:
    found = recorded.one("aws.ecs.TaskDefinition", service).json("containerDefinitions")
    return {container["name"]: container for container in found}


def main_container(recorded: Recorded, service: str) -> dict[str, Any]:
    return containers(recorded, service)[service]


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container["environment"]}


def statements(recorded: Recorded, role: str) -> list[dict[str, Any]]:
    policies = [p for p in recorded.all("aws.iam.RolePolicy") if p.name == role]
    return [statement for policy in policies for statement in policy.json("policy")["Statement"]]


def resources_of(action: str, recorded: Recorded, role: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(recorded, role):
        if action in statement["Action"]:
            resource = statement["Resource"]
            found |= {resource} if isinstance(resource, str) else set(resource)
    return found


def group_named(recorded: Recorded, identity: str) -> str:
    (found,) = [group for group in recorded.all("aws.ec2.SecurityGroup") if group.id == identity]
    return found.name


def group(recorded: Recorded, name: str) -> Registered:
    return recorded.one("aws.ec2.SecurityGroup", name)


def test_nothing_reaches_the_agent(stack: Recorded) -> None:
    agent = group(stack, "agent")
    assert [r for r in stack.all("aws.vpc.SecurityGroupIngressRule") if r.inputs["securityGroupId"] == agent.id] == []
    assert "loadBalancers" not in stack.one("aws.ecs.Service", "agent").inputs
    assert "portMappings" not in main_container(stack, "agent")


def test_the_api_is_reached_by_the_load_balancer_and_the_agent_on_one_port(stack: Recorded) -> None:
    api = group(stack, "api")
    rules = [r for r in stack.all("aws.vpc.SecurityGroupIngressRule") if r.inputs["securityGroupId"] == api.id]
    assert {(r.inputs["fromPort"], r.inputs["toPort"], r.inputs["ipProtocol"]) for r in rules} == {(8000, 8000, "tcp")}
    assert all("cidrIpv4" not in r.inputs for r in rules)
    peers = {group_named(stack, r.inputs["referencedSecurityGroupId"]) for r in rules}
    assert len(peers) == 2
    assert "agent" in peers


def test_only_the_edge_and_the_media_server_are_open_to_the_world(stack: Recorded) -> None:
    for rule in stack.all("aws.vpc.SecurityGroupIngressRule"):
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0" or rule.inputs.get("cidrIpv6") == "::/0":
            owner = group_named(stack, rule.inputs["securityGroupId"])
            ports = (rule.inputs.get("fromPort"), rule.inputs.get("toPort"))
            assert owner.startswith("edge"), (owner, ports)
            if owner.startswith("edge"):
                assert ports in {(80, 80), (443, 443)}


def test_media_leaves_by_udp(stack: Recorded) -> None:
    agent = group(stack, "agent")
    out = [r.inputs for r in stack.all("aws.vpc.SecurityGroupEgressRule") if r.inputs["securityGroupId"] == agent.id]
    assert any(r["ipProtocol"] == "udp" and r["fromPort"] <= 50_000 and r["toPort"] >= 60_000 for r in out)


def test_no_database_has_a_way_out(stack: Recorded) -> None:
    for kind in ("aws.rds.SubnetGroup", "aws.elasticache.ServerlessCache"):
        for made in stack.all(kind):
            assert all("isolated" in subnet for subnet in made.inputs["subnetIds"])


def test_the_agent_finds_the_api_by_a_private_name(stack: Recorded) -> None:
    url = environment(main_container(stack, "agent"))["API_SERVER_URL"]
    namespace = stack.one("aws.servicediscovery.PrivateDnsNamespace").inputs["name"]
    assert url == f"http://api.{namespace}:8000"
    assert "serviceRegistries" in stack.one("aws.ecs.Service", "api").inputs


def test_calls_say_which_image_served_them(stack: Recorded) -> None:
    agent = main_container(stack, "agent")
    revision = environment(agent)["POLYGLOT_REVISION"]
    assert agent["image"].partition("@sha256:")[2].startswith(revision)
    assert len(revision) == 12
    assert "POLYGLOT_REVISION" not in environment(main_container(stack, "api"))


def test_each_service_may_read_its_own_secrets_and_no_other(stack: Recorded) -> None:
    for service in ("api", "agent"):
        wanted = {
            f"arn:aws:ssm:{region_of(stack)}:111122223333:parameter/polyglot/{env}/{secret.name}"
            for secret in CATALOG
            if service in secret.services
            and not secret.on_request
            and (not secret.fare_source or secret.fare_source in fare_sources(stack))
            for env in [environment_of(stack)]
        }
        assert resources_of("ssm:GetParameters", stack, f"{service}-execution") == wanted
        injected = {e["valueFrom"] for e in main_container(stack, service)["secrets"] if ":ssm:" in e["valueFrom"]}
        assert injected == wanted
        assert resources_of("kms:Decrypt", stack, f"{service}-execution") == {KEY_ARN}


def fare_sources(recorded: Recorded) -> list[str]:
    return environment(main_container(recorded, "api")).get("POLYGLOT_FARE_SOURCES", "").split(",")


def environment_of(recorded: Recorded) -> str:
    return str(recorded.one("aws.ecs.Cluster").inputs["name"].removeprefix("polyglot-"))


def region_of(recorded: Recorded) -> str:
    return str(recorded.one("pulumi.providers.aws").inputs["region"])


def test_the_model_key_never_reaches_the_api(stack: Recorded) -> None:
    names = {entry["name"] for container in containers(stack, "api").values() for entry in container["secrets"]}
    assert "OPENAI_API_KEY" not in names
    assert not any("OPENAI" in arn for arn in resources_of("ssm:GetParameters", stack, "api-execution"))


def test_the_agent_never_sees_the_database(stack: Recorded) -> None:
    assert resources_of("secretsmanager:GetSecretValue", stack, "agent-execution") == set()
    assert not any("DATABASE" in entry["name"] for entry in main_container(stack, "agent")["secrets"])


def test_decryption_is_for_the_services_that_hold_secrets(stack: Recorded) -> None:
    for service in ("api", "agent"):
        for statement in statements(stack, f"{service}-execution"):
            if "kms:Decrypt" in statement["Action"]:
                via = statement["Condition"]["StringEquals"]["kms:ViaService"]
                assert set(via) <= {f"{name}.{region_of(stack)}.amazonaws.com" for name in ("ssm", "secretsmanager")}


def test_no_value_is_ever_decrypted(stack: Recorded) -> None:
    asked = [arguments for token, arguments in stack.calls if token == "aws:ssm/getParameter:getParameter"]
    assert asked
    for arguments in asked:
        assert arguments["withDecryption"] is False or arguments["name"].startswith("/aws/service/")


def test_containers_are_hardened(stack: Recorded) -> None:
    for service in ("api", "agent"):
        for container in containers(stack, service).values():
            assert container["readonlyRootFilesystem"] is True
            assert container["privileged"] is False
            assert container["user"].split(":")[0] not in {"0", "root", ""}
            assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
            assert "@sha256:" in container["image"]
            assert container["logConfiguration"]["options"]["awslogs-group"]


def test_writable_folders_are_what_the_images_declare(stack: Recorded) -> None:
    for service in ("api", "agent"):
        text = (ROOT / service / "Dockerfile").read_text(encoding="utf-8")
        declared = next(
            json.loads(line.removeprefix("VOLUME ")) for line in text.splitlines() if line.startswith("VOLUME")
        )
        mounts = {mount["containerPath"] for mount in main_container(stack, service)["mountPoints"]}
        assert mounts - set(EXEC_FOLDERS) == set(declared)
        assert f"USER {main_container(stack, service)['user']}" in text


def test_one_agent_name_everywhere(stack: Recorded) -> None:
    names = {environment(main_container(stack, service))[AGENT_NAME_VARIABLE] for service in ("api", "agent")}
    assert names == {AGENT_NAME}


def variables(model: type[Any]) -> set[str]:
    found: set[str] = set()
    for field in model.model_fields.values():
        alias = field.validation_alias
        found |= set(alias.choices) if isinstance(alias, AliasChoices) else {alias} if isinstance(alias, str) else set()
    return found


def test_services_are_told_only_what_they_know(stack: Recorded) -> None:
    database = {f"{PREFIX}{name.upper()}" for name in DatabaseServer.model_fields}
    known = {
        "api": variables(ApiSettings) | database | {*SOURCE_VARIABLES, AGENT_NAME_VARIABLE},
        # NUM_CPUS is read by the agents library itself.
        "agent": variables(AgentSettings) | PROVIDER_VARIABLES | {AGENT_NAME_VARIABLE, "NUM_CPUS"},
    }
    for service, names in known.items():
        for container in containers(stack, service).values():
            told = set(environment(container)) | {entry["name"] for entry in container["secrets"]}
            assert told - names == set()


def test_services_are_told_all_that_they_need(stack: Recorded) -> None:
    for service, model in (("api", ApiSettings), ("agent", AgentSettings)):
        container = main_container(stack, service)
        told = set(environment(container)) | {entry["name"] for entry in container["secrets"]}
        needed = set()
        for field in model.model_fields.values():
            alias = field.validation_alias
            if field.is_required():
                needed.add(alias.choices[0] if isinstance(alias, AliasChoices) else alias)
        assert needed - told == set()


def test_a_deploy_replaces_tasks_one_for_one_and_comes_back_by_itself(stack: Recorded) -> None:
    for name in ("api", "agent"):
        service = stack.one("aws.ecs.Service", name)
        assert service.inputs["deploymentMinimumHealthyPercent"] == 100
        assert service.inputs["deploymentMaximumPercent"] == 200
        assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert "desiredCount" in service.ignore_changes
    alarms = stack.one("aws.ecs.Service", "api").inputs["alarms"]
    assert alarms["enable"] is alarms["rollback"] is True
    made = {alarm.inputs["name"] for alarm in stack.all("aws.cloudwatch.MetricAlarm")}
    assert alarms["alarmNames"]
    assert set(alarms["alarmNames"]) <= made


def test_a_model_provider_that_fails_does_not_take_the_agents_new_version_back(stack: Recorded) -> None:
    assert "alarms" not in stack.one("aws.ecs.Service", "agent").inputs


def test_the_agent_drains_within_what_fargate_allows(stack: Recorded) -> None:
    container = main_container(stack, "agent")
    assert budgets.DRAIN < container["stopTimeout"] <= 120
    assert stack.one("aws.ecs.Service", "agent").inputs["waitForSteadyState"] is False
    assert stack.one("aws.ecs.Service", "api").inputs["waitForSteadyState"] is True


def test_calls_are_on_spare_capacity_in_staging_only() -> None:
    def provider(name: str, service: str) -> str:
        (strategy,) = whole.stack(name).one("aws.ecs.Service", service).inputs["capacityProviderStrategies"]
        return str(strategy["capacityProvider"])

    assert provider("staging", "agent") == "FARGATE_SPOT"
    assert {provider(name, service) for name in ("prod", "everything") for service in ("api", "agent")} == {"FARGATE"}
    assert provider("staging", "api") == "FARGATE"


def test_the_agent_may_protect_its_tasks_and_look_at_its_service(stack: Recorded) -> None:
    env = environment_of(stack)
    arn = f"arn:aws:ecs:{region_of(stack)}:111122223333:%s/polyglot-{env}/%s"
    assert resources_of("ecs:UpdateTaskProtection", stack, "agent-task") == {arn % ("task", "*")}
    assert resources_of("ecs:DescribeServices", stack, "agent-task") == {arn % ("service", "agent")}
    allowed = {action for statement in statements(stack, "agent-task") for action in statement["Action"]}
    own = {"ecs:GetTaskProtection", "ecs:UpdateTaskProtection", "ecs:DescribeServices"}
    # It speaks by Polly, unless another voice is configured.
    assert allowed - own <= {"polly:SynthesizeSpeech"}


def test_scaling_is_quick_out_and_slow_in(stack: Recorded) -> None:
    calls = stack.one("aws.appautoscaling.Policy", "agent-scaling-calls")
    target = calls.inputs["targetTrackingScalingPolicyConfiguration"]
    assert target["scaleOutCooldown"] <= 30
    assert target["scaleInCooldown"] >= 600
    metric = target["customizedMetricSpecification"]
    filters = {
        (f.inputs["metricTransformation"]["namespace"], f.inputs["metricTransformation"]["name"])
        for f in stack.all("aws.cloudwatch.LogMetricFilter")
    }
    assert (metric["namespace"], metric["metricName"]) in filters
    burst = stack.one("aws.cloudwatch.MetricAlarm", "agent-scaling-burst")
    assert (burst.inputs["namespace"], burst.inputs["metricName"]) in filters
    assert burst.inputs["alarmActions"] == [
        stack.one("aws.appautoscaling.Policy", "agent-scaling-burst").outputs["arn"]
    ]


def test_the_load_balancer_never_uses_a_connection_that_the_api_has_closed(stack: Recorded) -> None:
    keep_alive = int(environment(main_container(stack, "api"))["POLYGLOT_KEEP_ALIVE"])
    for balancer in stack.all("aws.lb.LoadBalancer"):
        if balancer.inputs.get("loadBalancerType") != "network":
            assert keep_alive > balancer.inputs["idleTimeout"] >= ApiSettings.model_fields["gateway_idle"].default


def test_without_a_database_nothing_migrates() -> None:
    def migrating(name: str) -> list[str]:
        found = whole.stack(name).resources
        return [r.name for r in found if "migrate" in r.name or r.type.startswith("aws:lambda/")]

    assert migrating("prod")
    assert migrating("staging") == migrating("built here") == []


def test_every_resource_goes_through_the_provider_that_refuses_another_account(stack: Recorded) -> None:
    provider = stack.one("pulumi.providers.aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == ["111122223333"]
    for resource in stack.resources:
        if resource.custom and resource.type.startswith("aws:"):
            assert provider.urn in resource.provider, resource.name


def test_every_role_is_bounded(stack: Recorded) -> None:
    env = environment_of(stack)
    for role in stack.all("aws.iam.Role"):
        bound = f"arn:aws:iam::111122223333:policy/polyglot/polyglot-{env}-boundary"
        assert role.inputs["permissionsBoundary"] == bound
        assert role.inputs["path"] == f"/polyglot/{env}/"


def test_prod_keeps_data_keys_and_logs_until_told_otherwise() -> None:
    kinds = ("aws.rds.Instance", "aws.lb.LoadBalancer")
    for name, kept in (("prod", True), ("prod to be destroyed", False)):
        for kind in kinds:
            for resource in whole.stack(name).all(kind):
                flag = "enableDeletionProtection" if kind.endswith("LoadBalancer") else "deletionProtection"
                assert resource.protect is kept
                assert resource.inputs[flag] is kept
        services = {"api", "agent", "migrate"}
        logs = [group for group in whole.stack(name).all("aws.cloudwatch.LogGroup") if group.name in services]
        assert {group.protect for group in logs} == {kept}
        tasks = [task for task in whole.stack(name).all("aws.ecs.TaskDefinition") if task.name in {"api", "agent"}]
        assert {task.inputs.get("skipDestroy", False) for task in tasks} == {kept}
    assert not any(
        resource.protect or resource.inputs.get("skipDestroy") for resource in whole.stack("staging").resources
    )


def test_every_output_is_documented() -> None:
    text = (ROOT / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    made = {*whole.stack("everything").component_outputs[""], *whole.stack("prod").component_outputs[""]}
    assert {"api_url", "health_url", "agent_name", "dashboard_url", "distribution_id", "database_host"} <= made
    assert [name for name in made if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", ["staging", "prod", "everything"])
def test_the_graph_is_the_one_that_was_reviewed(name: str) -> None:
    """`UPDATE_GOLDEN=1 pytest …` writes it again; the difference is what a reviewer should see."""
    path = GOLDEN / f"{name.replace(' ', '-')}.txt"
    lines = sorted(
        f"{r.parent.split('::')[-1] or '-'} > {r.kind} {r.name}{' protected' if r.protect else ''}"
        for r in whole.stack(name).resources
    )
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
