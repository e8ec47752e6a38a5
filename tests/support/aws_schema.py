"""What AWS's own models say of a resource's arguments: CloudFormation's schemas (in cfn-lint) and botocore's shapes.

Properties are found by their names without case and punctuation; what has no counterpart is not judged. So this finds texts,
numbers and words that AWS would refuse, not arguments that are missing (the stand-ins check those by the SDK).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session

from offline.standins.data import cfnlint_data

CLOUDFORMATION = {
    "aws.acm.Certificate": "AWS::CertificateManager::Certificate",
    "aws.appautoscaling.Policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "aws.appautoscaling.Target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "aws.autoscaling.Group": "AWS::AutoScaling::AutoScalingGroup",
    "aws.budgets.Budget": "AWS::Budgets::Budget",
    "aws.cloudfront.Distribution": "AWS::CloudFront::Distribution",
    "aws.cloudfront.ResponseHeadersPolicy": "AWS::CloudFront::ResponseHeadersPolicy",
    "aws.cloudfront.VpcOrigin": "AWS::CloudFront::VpcOrigin",
    "aws.cloudwatch.Dashboard": "AWS::CloudWatch::Dashboard",
    "aws.cloudwatch.LogDelivery": "AWS::Logs::Delivery",
    "aws.cloudwatch.LogDeliveryDestination": "AWS::Logs::DeliveryDestination",
    "aws.cloudwatch.LogDeliverySource": "AWS::Logs::DeliverySource",
    "aws.cloudwatch.LogGroup": "AWS::Logs::LogGroup",
    "aws.cloudwatch.LogMetricFilter": "AWS::Logs::MetricFilter",
    "aws.cloudwatch.MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws.ec2.FlowLog": "AWS::EC2::FlowLog",
    "aws.ec2.LaunchTemplate": "AWS::EC2::LaunchTemplate",
    "aws.ec2.NetworkInterface": "AWS::EC2::NetworkInterface",
    "aws.ec2.Route": "AWS::EC2::Route",
    "aws.ec2.SecurityGroup": "AWS::EC2::SecurityGroup",
    "aws.ec2.VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws.ecr.Repository": "AWS::ECR::Repository",
    "aws.ecs.Cluster": "AWS::ECS::Cluster",
    "aws.ecs.Service": "AWS::ECS::Service",
    "aws.ecs.TaskDefinition": "AWS::ECS::TaskDefinition",
    "aws.elasticache.ServerlessCache": "AWS::ElastiCache::ServerlessCache",
    "aws.iam.InstanceProfile": "AWS::IAM::InstanceProfile",
    "aws.iam.OpenIdConnectProvider": "AWS::IAM::OIDCProvider",
    "aws.iam.Policy": "AWS::IAM::ManagedPolicy",
    "aws.iam.Role": "AWS::IAM::Role",
    "aws.kms.Alias": "AWS::KMS::Alias",
    "aws.kms.Key": "AWS::KMS::Key",
    "aws.lambda.Function": "AWS::Lambda::Function",
    "aws.lb.Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws.lb.LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws.lb.TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws.rds.Cluster": "AWS::RDS::DBCluster",
    "aws.rds.ClusterInstance": "AWS::RDS::DBInstance",
    "aws.rds.ClusterParameterGroup": "AWS::RDS::DBClusterParameterGroup",
    "aws.rds.Instance": "AWS::RDS::DBInstance",
    "aws.rds.ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws.rds.SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws.route53.Record": "AWS::Route53::RecordSet",
    "aws.s3.Bucket": "AWS::S3::Bucket",
    "aws.servicediscovery.PrivateDnsNamespace": "AWS::ServiceDiscovery::PrivateDnsNamespace",
    "aws.servicediscovery.Service": "AWS::ServiceDiscovery::Service",
    "aws.sns.Topic": "AWS::SNS::Topic",
    "aws.sns.TopicSubscription": "AWS::SNS::Subscription",
    "aws.vpc.SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws.vpc.SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
    "aws.wafv2.WebAcl": "AWS::WAFv2::WebACL",
}
OPERATIONS = {
    "aws.acm.Certificate": ("acm", "RequestCertificate"),
    "aws.appautoscaling.Policy": ("application-autoscaling", "PutScalingPolicy"),
    "aws.appautoscaling.ScheduledAction": ("application-autoscaling", "PutScheduledAction"),
    "aws.appautoscaling.Target": ("application-autoscaling", "RegisterScalableTarget"),
    "aws.autoscaling.Group": ("autoscaling", "CreateAutoScalingGroup"),
    "aws.cloudwatch.LogDeliverySource": ("logs", "PutDeliverySource"),
    "aws.cloudwatch.LogDeliveryDestination": ("logs", "PutDeliveryDestination"),
    "aws.cloudwatch.LogGroup": ("logs", "CreateLogGroup"),
    "aws.cloudwatch.LogMetricFilter": ("logs", "PutMetricFilter"),
    "aws.cloudwatch.MetricAlarm": ("cloudwatch", "PutMetricAlarm"),
    "aws.ecr.Repository": ("ecr", "CreateRepository"),
    "aws.ecs.Service": ("ecs", "CreateService"),
    "aws.ecs.TaskDefinition": ("ecs", "RegisterTaskDefinition"),
    "aws.elasticache.ServerlessCache": ("elasticache", "CreateServerlessCache"),
    "aws.iam.InstanceProfile": ("iam", "CreateInstanceProfile"),
    "aws.iam.Policy": ("iam", "CreatePolicy"),
    "aws.iam.Role": ("iam", "CreateRole"),
    "aws.iam.RolePolicy": ("iam", "PutRolePolicy"),
    "aws.kms.Alias": ("kms", "CreateAlias"),
    "aws.kms.Key": ("kms", "CreateKey"),
    "aws.lambda.Function": ("lambda", "CreateFunction"),
    "aws.lb.Listener": ("elbv2", "CreateListener"),
    "aws.lb.LoadBalancer": ("elbv2", "CreateLoadBalancer"),
    "aws.lb.TargetGroup": ("elbv2", "CreateTargetGroup"),
    "aws.servicediscovery.PrivateDnsNamespace": ("servicediscovery", "CreatePrivateDnsNamespace"),
    "aws.servicediscovery.Service": ("servicediscovery", "CreateService"),
    "aws.sns.Topic": ("sns", "CreateTopic"),
    "aws.wafv2.WebAcl": ("wafv2", "CreateWebACL"),
}
ALIASES = {
    "containerdefinitions": "containerdefinitions",
    "description": "groupdescription",
    "policy": "policydocument",
    "assumerolepolicy": "assumerolepolicydocument",
}
"""The provider's names where they differ in more than spelling; `name` is tried with each kind's own prefix."""
DOCUMENTED = {
    # EC2 API reference: CreateSecurityGroup (GroupDescription), IpRange (Description). In neither model.
    "aws.ec2.SecurityGroup": {"description": r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"},
    "aws.vpc.SecurityGroupIngressRule": {"description": r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"},
    "aws.vpc.SecurityGroupEgressRule": {"description": r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"},
}


@dataclass
class Judged:
    """What was compared with a model, and what it refuses."""

    compared: int = 0
    wrong: list[str] | None = None


def judge(kind: str, inputs: Mapping[str, Any], region: str = "us-east-1") -> tuple[int, list[str]]:
    """How many of a resource's arguments AWS's models know, and what they say against them."""
    found: list[tuple[bool, str]] = []
    if kind in CLOUDFORMATION:
        schema = cloudformation(CLOUDFORMATION[kind], region)
        found += _cloudformation(_text_of(inputs), schema, schema, kind)
    if kind in OPERATIONS:
        service, operation = OPERATIONS[kind]
        found += _botocore(_text_of(inputs), _shape(service, operation), kind)
    for name, pattern in DOCUMENTED.get(kind, {}).items():
        text = str(inputs.get(name, ""))
        found.append((True, "" if re.fullmatch(pattern, text) else f"{kind}.{name}: {text!r} does not match {pattern}"))
    return sum(known for known, _ in found), [text for _, text in found if text]


def _text_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """JSON texts that AWS takes as objects, opened."""
    opened = dict(inputs)
    if "containerDefinitions" in opened:
        opened["containerDefinitions"] = json.loads(opened["containerDefinitions"])
    return opened


@cache
def cloudformation(name: str, region: str) -> dict[str, Any]:
    folder = cfnlint_data() / "schemas"
    index = json.loads((folder / "providers" / f"{region}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads((folder / "resources" / f"{index[name]}.json").read_text(encoding="utf-8"))
    return found


@cache
def _shape(service: str, operation: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape


@cache
def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_SPELLED: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}


def _spelled(known: Mapping[str, Any]) -> dict[str, Any]:
    """A model's properties by their plain names; a model is asked for each resource of its kind."""
    if id(known) not in _SPELLED:
        _SPELLED[id(known)] = known, {plain(one): value for one, value in known.items()}
    return _SPELLED[id(known)][1]


def _pick(name: str, known: Mapping[str, Any], kind: str) -> Any:
    spelled = _spelled(known)
    last = plain(kind.rpartition(".")[2])
    own = {"metricalarm": "alarm", "webacl": "webacl", "targetgroup": "", "function": "function"}.get(last, last)
    tries = [plain(name), plain(name).removesuffix("s"), f"{plain(name)}s", ALIASES.get(plain(name), "")]
    if name == "name":
        tries += [f"{own}name", f"{last}name", f"db{last}identifier", "identifier"]
    return next((spelled[one] for one in tries if one in spelled), None)


def _resolved(schema: Any, root: Mapping[str, Any]) -> Any:
    while isinstance(schema, Mapping) and "$ref" in schema:
        node: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def _cloudformation(value: Any, schema: Any, root: Mapping[str, Any], where: str) -> Iterator[tuple[bool, str]]:
    schema = _resolved(schema, root)
    if not isinstance(schema, Mapping) or value is None:
        return
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        for name, item in value.items():
            inner = _pick(name, known, where.split("[", maxsplit=1)[0] if "." in where else where)
            if inner is not None:
                yield from _cloudformation(item, inner, root, f"{where}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _cloudformation(item, schema.get("items"), root, f"{where}[{index}]")
    else:
        rules = {
            key: schema[key]
            for key in ("enum", "pattern", "minLength", "maxLength", "minimum", "maximum")
            if key in schema
        }
        yield from _leaf(value, rules, where)


def _botocore(value: Any, shape: Any, where: str) -> Iterator[tuple[bool, str]]:
    if shape is None or value is None:
        return
    if isinstance(value, Mapping) and shape.type_name == "structure":
        for name, item in value.items():
            inner = _pick(name, shape.members, where.split("[", maxsplit=1)[0])
            if inner is not None:
                yield from _botocore(item, inner, f"{where}.{name}")
    elif isinstance(value, list) and shape.type_name == "list":
        for index, item in enumerate(value):
            yield from _botocore(item, shape.member, f"{where}[{index}]")
    elif not isinstance(value, Mapping | list) and shape.type_name not in {"structure", "list", "map"}:
        meta = shape.metadata
        text = shape.type_name == "string"
        names = {
            "min": "minLength" if text else "minimum",
            "max": "maxLength" if text else "maximum",
            "pattern": "pattern",
            "enum": "enum",
        }
        yield from _leaf(value, {names[key]: meta[key] for key in names if key in meta}, where)


def _leaf(value: Any, rules: Mapping[str, Any], where: str) -> Iterator[tuple[bool, str]]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    problems = {
        "enum": lambda rule: text not in {str(one) for one in rule} and value not in rule,
        "pattern": lambda rule: not _matches(rule, text),
        "minLength": lambda rule: len(text) < rule,
        "maxLength": lambda rule: len(text) > rule,
        "minimum": lambda rule: _number(value) is not None and (_number(value) or 0) < rule,
        "maximum": lambda rule: _number(value) is not None and (_number(value) or 0) > rule,
    }
    for name, rule in rules.items():
        yield True, f"{where}: {text[:80]!r} breaks {name} {str(rule)[:120]}" if problems[name](rule) else ""


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _matches(pattern: str, text: str) -> bool:
    if pattern == r"\S":  # something that is no white space, somewhere
        return bool(text.strip())
    # Java's classes, and sets of them, in Python's words.
    told = (
        pattern.replace("\\p{IsAlphabetic}", "a-zA-Z")
        .replace("\\p{Punct}", "!-/:-@\\[-`{-~")
        .replace("\\p{L}", "a-zA-Z")
        .replace("\\p{Z}", " ")
        .replace("\\p{N}", "0-9")
        .replace("\\p{S}", "+<=>|~^$")
        .replace("\\p{P}", "!-#%-*,-/:;?@\\[-\\]_{}")
        .replace("\\p{M}", "")
        .replace("\\p{C}", "")
    )
    try:
        return re.search(told if told.startswith("^") else f"^(?:{told})$", text) is not None
    except re.error:
        return True
