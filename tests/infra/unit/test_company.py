"""A company's own VPC, certificate, DNS, addresses, names, topic and rules, by settings alone."""

from typing import Any

import pulumi
import pytest
from infra_mocks import PROD, REGION, STAGING, Recorded, broken_rules, declared, settings
from whole import DIGEST, stack

from infra.bootstrap import permissions
from infra.bootstrap.settings import parse as account
from infra.components.network.network import VpcError
from infra.costs import estimate
from infra.settings import SettingsError

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
TOPIC = "arn:aws:sns:us-east-1:111122223333:oncall"
VPC = {
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "cidr": "10.0.0.0/16",
    "subnets": {
        "public": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "private": ["subnet-0a1b2c3d4e5f60713", "subnet-0a1b2c3d4e5f60714"],
        "isolated": ["subnet-0a1b2c3d4e5f60715", "subnet-0a1b2c3d4e5f60716"],
    },
}
MADE_HERE: dict[str, Any] = {key: value for key, value in STAGING.items() if key != "network"}


def images(prefix: str = "polyglot", region: str = REGION) -> dict[str, dict[str, Any]]:
    where = DIGEST.replace("/polyglot/", f"/{prefix}/").replace(REGION, region)
    return {name: {"image": where % name} for name in ("api", "agent")}


def made(base: Any, **changes: Any) -> Recorded:
    return declared(settings(base, **{**images(), **changes}))


BEHIND_CLOUDFRONT: dict[str, Any] = {
    "aws": {"prefix": "acme-voice"},
    "data": {"multi_az": True, "valkey": True},
    "edge": {"cloudfront": True, "certificate_arn": CERTIFICATE, "cloudfront_certificate_arn": CERTIFICATE},
    **images("acme-voice"),
}


def peers(recorded: Recorded, group: str) -> set[str]:
    rules = recorded.all("aws.vpc.SecurityGroupIngressRule")
    return {str(rule.inputs.get("cidrIpv4")) for rule in rules if rule.name.startswith(f"{group}-in-")}


def test_an_existing_vpc_is_used_and_nothing_is_made_in_it() -> None:
    found = made(MADE_HERE, network=VPC, data={"database": "postgres"})
    kinds = {resource.kind for resource in found.resources}
    assert not kinds & {
        "awsx.ec2.Vpc", "aws.ec2.Vpc", "aws.ec2.Subnet", "aws.ec2.NatGateway", "aws.ec2.DefaultSecurityGroup",
        "aws.ec2.VpcEndpoint", "aws.ec2.FlowLog", "aws.autoscaling.Group", "aws.ec2.Route",
    }  # fmt: skip
    groups = found.all("aws.ec2.SecurityGroup")
    assert groups
    assert {group.inputs["vpcId"] for group in groups} == {VPC["vpc_id"]}
    services = found.all("aws.ecs.Service")
    assert {tuple(s.inputs["networkConfiguration"]["subnets"]) for s in services} == {tuple(VPC["subnets"]["private"])}
    assert not any(service.inputs["networkConfiguration"]["assignPublicIp"] for service in services)
    assert found.one("aws.rds.SubnetGroup").inputs["subnetIds"] == VPC["subnets"]["isolated"]
    assert found.one("aws.lb.LoadBalancer").inputs["subnets"] == VPC["subnets"]["private"]  # behind CloudFront
    assert not any(alarm.name.startswith("nat-") for alarm in found.all("aws.cloudwatch.MetricAlarm"))
    assert broken_rules(found, "staging") == []


def test_prod_lives_in_an_existing_vpc_and_tells_the_company_s_own_topic_under_every_rule() -> None:
    found = made(PROD, network=VPC, data={"multi_az": True}, observability={"alarm_topic": TOPIC})
    assert found.one("aws.lb.LoadBalancer").inputs["subnets"] == VPC["subnets"]["public"]
    assert found.all("aws.sns.Topic") == []
    alarms = [alarm for alarm in found.all("aws.cloudwatch.MetricAlarm") if "burst" not in alarm.name]
    assert {tuple(alarm.inputs["alarmActions"]) for alarm in alarms} == {(TOPIC,)}
    for notice in found.one("aws.budgets.Budget").inputs["notifications"]:
        assert notice["subscriberSnsTopicArns"] == [TOPIC]
    assert broken_rules(found, "prod") == []


def test_a_vpc_with_other_addresses_is_refused_with_its_own() -> None:
    with pytest.raises(VpcError, match=r"vpc-0a1b2c3d4e5f60718 has 10\.0\.0\.0/16; `pulumi config set .*cidr 10\.0\."):
        made(MADE_HERE, network={**VPC, "cidr": "10.20.0.0/16"})


def test_a_certificate_and_a_zone_from_elsewhere_for_addresses_that_are_listed() -> None:
    allowed = ["203.0.113.0/24", "198.51.100.7/32"]
    found = made(PROD, edge={"certificate_arn": CERTIFICATE, "dns": "manual", "allow": allowed})
    assert found.all("aws.acm.Certificate") == []
    assert found.all("aws.route53.Record") == []
    assert not any("getZone" in token for token, _ in found.calls)
    (listener,) = [one for one in found.all("aws.lb.Listener") if one.inputs["port"] == 443]
    assert listener.inputs["certificateArn"] == CERTIFICATE
    assert {"dns_target", "api_url"} <= set(found.component_outputs[""])
    assert peers(found, "edge") == set(allowed)
    assert broken_rules(found, "prod") == []


def test_a_certificate_from_elsewhere_and_records_of_our_own() -> None:
    found = made(PROD, **BEHIND_CLOUDFRONT)
    assert found.all("aws.acm.Certificate") == []
    assert {record.inputs["type"] for record in found.all("aws.route53.Record")} == {"A", "AAAA"}
    viewer = found.one("aws.cloudfront.Distribution").inputs["viewerCertificate"]
    assert viewer["acmCertificateArn"] == CERTIFICATE


def test_names_roles_and_paths_begin_with_the_company_s_prefix() -> None:
    found = made(PROD, **BEHIND_CLOUDFRONT)
    named = {
        str(value)
        for resource in found.resources
        for key, value in resource.inputs.items()
        if resource.kind.startswith("aws.")
        and (key in {"name", "namePrefix", "path", "family", "identifier", "dashboardName"})
    }
    ours = {value for value in named if "polyglot" in value}
    assert ours == set()
    assert {role.inputs["namePrefix"] for role in found.all("aws.iam.Role")} == {"acme-voice-prod-"}
    assert {role.inputs["path"] for role in found.all("aws.iam.Role")} == {"/acme-voice/prod/"}
    assert {role.inputs["permissionsBoundary"].rpartition(":")[2] for role in found.all("aws.iam.Role")} == {
        "policy/acme-voice/acme-voice-prod-boundary"
    }
    asked = {
        str(arguments.get("name")) for token, arguments in found.calls if "getAlias" in token or "getParameter" in token
    }
    assert all(name.startswith(("alias/acme-voice-prod", "/acme-voice/prod/")) for name in asked)
    assert broken_rules(found, "prod") == []


def test_the_pipeline_s_roles_have_the_same_prefix() -> None:
    s = account({"account": "111122223333", "repository": "acme/voice", "prefix": "acme-voice"})
    everything = [
        *permissions.reading(s, "prod"), *permissions.writing(s, "prod", "k", "b"), *permissions.refusing(s, "prod"),
        *permissions.publishing(s), *permissions.bounding(s, "prod", "k"),
    ]  # fmt: skip
    text = str([statement["Resource"] for statement in everything])
    assert "polyglot" not in text
    assert "role/acme-voice/prod/*" in text
    assert s.bucket == "acme-voice-state-111122223333-us-east-1"


def test_a_stack_that_sleeps_at_night_rings_nobody_up_for_it() -> None:
    found = stack("staging")
    hours = {action.name: action.inputs["schedule"] for action in found.all("aws.appautoscaling.ScheduledAction")}
    assert hours["agent-scaling-asleep"] == "cron(0 20 ? * * *)"
    assert hours["agent-scaling-awake"] == "cron(0 6 ? * MON-FRI *)"
    assert found.one("aws.cloudwatch.MetricAlarm", "no-worker").inputs["treatMissingData"] == "notBreaching"


def internal_in_another_partition() -> Recorded:
    where = {"region": "us-gov-west-1", "zones": ["us-gov-west-1a", "us-gov-west-1b"]}
    return made(PROD, aws=where, edge={"internal": True}, data={"multi_az": True}, **images(region="us-gov-west-1"))


def test_an_internal_load_balancer_has_no_public_address_and_lets_the_vpc_in() -> None:
    found = internal_in_another_partition()
    balancer = found.one("aws.lb.LoadBalancer")
    assert balancer.inputs["internal"] is True
    assert found.all("aws.cloudfront.Distribution") == []
    assert peers(found, "edge") == {"10.0.0.0/16"}
    assert {one.inputs["port"] for one in found.all("aws.lb.Listener")} == {80, 443}
    assert broken_rules(found, "prod") == []


def test_nothing_here_says_which_partition_it_is_in() -> None:
    """What AWS gives back is the mock's and says `aws`; what this program writes itself is the region's own."""
    found = internal_in_another_partition()
    theirs = {str(resource.outputs.get("arn")) for resource in found.resources}
    words = str([resource.inputs for resource in found.resources]).replace("'", " ").replace('"', " ").split()
    ours = {word.strip(",]}\\") for word in words if word.startswith("arn:aws:")}
    assert {arn for arn in ours if not any(arn.startswith(one) for one in theirs)} == set()
    assert any(word.startswith("arn:aws-us-gov:") for word in words)


@pytest.mark.parametrize("name", ["nowhere.at_all:change", "infra.program:nothing"])
def test_a_transform_that_is_not_there_is_told_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=r"polyglot:transform: .* is wrong: "):
        made(STAGING, transform=name)
    assert issubclass(SettingsError, pulumi.RunError)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"network": {"vpc_id": VPC["vpc_id"]}}, "network.vpc_id, subnets: an existing VPC needs both"),
        ({"network": {"vpc_id": VPC["vpc_id"], "subnets": VPC["subnets"]}}, "network.cidr: must be the existing VPC's own"),
        ({"network": {**VPC, "nat": "single"}}, "network.nat: an existing VPC has its own; leave it out"),
        ({"network": {**VPC, "vpc_id": "vpc-1"}}, "must be a VPC's id; for example `pulumi config set --path polyglot:network.vpc_id vpc-"),
        ({"network": {**VPC, "subnets": {"private": ["subnet-0a1b2c3d4e5f60713"]}}}, "network.subnets.private: 1 subnet;"),
        ({"network": {**VPC, "subnets": {"private": VPC["subnets"]["private"]}}}, "network.subnets.public: a load balancer"),
        ({"network": {**VPC, "subnets": {**VPC["subnets"], "isolated": []}}}, "network.subnets.isolated: database and cache"),
        ({"network": {"cidr": "10.0.0.0/24"}}, "network.cidr: 10.0.0.0/24: must be from /16 to /20"),
        ({"edge": {"certificate_arn": "mine"}}, "must be the ARN of a certificate in ACM"),
        ({"edge": {"certificate_arn": CERTIFICATE.replace("us-east-1", "eu-west-1")}}, "takes certificates of us-east-1 only"),
        ({"edge": {"dns": "manual"}}, "edge.certificate_arn: must be set with dns 'manual'"),
        ({"edge": {"dns": "manual", "certificate_arn": CERTIFICATE, "zone": "example.com"}}, "edge.zone: is not looked up"),
        ({"edge": {"internal": True, "cloudfront": True}}, "edge.cloudfront: is reached from everywhere"),
        ({"edge": {"cloudfront": True, "allow": ["203.0.113.0/24"]}}, "edge.allow: the load balancer sees CloudFront's"),
        ({"edge": {"allow": ["203.0.113.5/24"]}}, "not a network in CIDR notation"),
        ({"edge": {"cloudfront": True, "certificate_arn": CERTIFICATE}}, "edge.cloudfront_certificate_arn: must be set"),
        ({"edge": {"cloudfront_certificate_arn": CERTIFICATE}}, "edge.cloudfront_certificate_arn: one of us-east-1"),
        ({"aws": {"prefix": "Acme_Voice"}}, "must be 3 to 20 lower case letters"),
        ({"observability": {"alarm_topic": TOPIC.replace("us-east-1", "eu-west-1")}}, "tell topics of that region only"),
        ({"observability": {"alarm_topic": "oncall"}}, "must be the ARN of an SNS topic"),
        ({"transform": "no function"}, "must be module:function"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_before_anything_starts(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(PROD, **changes)
    assert told in str(error.value)


def test_the_price_leaves_out_what_the_company_has() -> None:
    raw = {
        **PROD,
        "network": VPC,
        "edge": {"domain": "voice.example.com", "internal": True, "dns": "manual", "certificate_arn": CERTIFICATE},
    }
    found = {line.service: line.usd for line in estimate(raw).lines}
    assert found["NAT"] == 0
    assert not {"NAT gateways", "Public IPv4 of the load balancer", "Route 53"} & set(found)
