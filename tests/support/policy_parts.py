"""Resources as the program makes them, to be changed in one thing at a time."""

import json
from collections.abc import Mapping
from typing import Any

from infra.policies.core import Resource

DIGEST = "111122223333.dkr.ecr.us-east-1.amazonaws.com/polyglot/api@sha256:" + "a" * 64
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def a(kind: str, name: str = "x", *, protect: bool = False, inside: str = "", **props: Any) -> Resource:
    """A resource of type `aws:<kind>`; `ec2/vpc` stands for `ec2/vpc:Vpc`; `inside` is the component that made it."""
    head, _, tail = kind.partition("/")
    token = kind if kind.startswith("pulumi:") else f"aws:{head}/{tail}:{tail[0].upper()}{tail[1:]}"
    parent = f"polyglot:{inside}:Thing$" if inside else ""
    return Resource(f"urn:pulumi:prod::polyglot::{parent}{token}::{name}", token, name, props, protect)


def container(**changes: Any) -> dict[str, Any]:
    """A container as it should be."""
    return {
        "name": "api",
        "image": DIGEST,
        "user": "10001:10001",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
        "logConfiguration": {"logDriver": "awslogs"},
        "stopTimeout": 120,
        "environment": [
            {"name": "LIVEKIT_URL", "value": "wss://prod.livekit.example"},
            {"name": "LIVEKIT_AGENT_NAME", "value": "polyglot-flight-agent"},
        ],
        "secrets": [{"name": "LIVEKIT_API_KEY", "valueFrom": "arn:aws:ssm:us-east-1:111122223333:parameter/p/K"}],
    } | changes


def task(name: str = "api", /, **changes: Any) -> Resource:
    """A task definition of one container."""
    return a("ecs/taskDefinition", name, networkMode="awsvpc", containerDefinitions=json.dumps([container(**changes)]))


def variable(name: str, value: str) -> Resource:
    """A task definition whose container has one more variable."""
    return task(environment=[*container()["environment"], {"name": name, "value": value}])


def service(name: str = "api", **changes: Any) -> Resource:
    """A service as it should be."""
    props: dict[str, Any] = {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "networkConfiguration": {"assignPublicIp": False, "subnets": ["a", "b"]},
    }
    return a("ecs/service", name, **(props | changes))


def ingress(name: str = "x", inside: str = "", block: str = "0.0.0.0/0", **props: Any) -> Resource:
    """An inbound rule from `block`."""
    rule = {"cidrIpv4": block, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443} | props
    return a("vpc/securityGroupIngressRule", name, inside=inside, **rule)


def policy(*actions: str, resource: str | list[str] = "arn:aws:s3:::b/*", **more: Any) -> Resource:
    """A role's policy of one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource} | more
    return a("iam/rolePolicy", policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def role(principal: Any, condition: Mapping[str, Any] | None = None, **props: Any) -> Resource:
    """A role that `principal` may take."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition is not None:
        statement["Condition"] = condition
    return a("iam/role", assumeRolePolicy=json.dumps({"Statement": [statement]}), **props)


def github(**claims: Any) -> Resource:
    """A role for a workflow with these claims."""
    condition = {f"token.actions.githubusercontent.com:{claim}": value for claim, value in claims.items()}
    return role({"Federated": "arn:aws:iam::111122223333:oidc-provider/x"}, {"StringEquals": condition})


def bucket(*companions: str, name: str = "logs", protect: bool = True, **props: Any) -> list[Resource]:
    """A bucket with what configures it."""
    made = {
        "block": a(
            "s3/bucketPublicAccessBlock",
            f"{name}-block",
            blockPublicAcls=True,
            blockPublicPolicy=True,
            ignorePublicAcls=True,
            restrictPublicBuckets=True,
        ),
        "half": a("s3/bucketPublicAccessBlock", f"{name}-block", blockPublicAcls=True),
        "tls": a(
            "s3/bucketPolicy",
            f"{name}-policy",
            policy={
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ]
            },
        ),
        "open": a("s3/bucketPolicy", f"{name}-policy", policy={"Statement": [{"Effect": "Allow"}]}),
        "sse": a("s3/bucketServerSideEncryptionConfiguration", f"{name}-sse"),
        "life": a("s3/bucketLifecycleConfiguration", f"{name}-life"),
        "versions": a("s3/bucketVersioning", f"{name}-versions", versioningConfiguration={"status": "Enabled"}),
        "suspended": a("s3/bucketVersioning", f"{name}-versions", versioningConfiguration={"status": "Suspended"}),
    }
    return [a("s3/bucket", name, protect=protect, **props), *(made[part] for part in companions)]


def balancer(*, protect: bool = True, **changes: Any) -> Resource:
    """A load balancer as it should be in prod."""
    props: dict[str, Any] = {
        "dropInvalidHeaderFields": True,
        "accessLogs": {"enabled": True, "bucket": "b"},
        "subnets": ["a", "b"],
        "enableDeletionProtection": True,
        "idleTimeout": 400,
    }
    return a("lb/loadBalancer", "edge", protect=protect, **(props | changes))


def acl(*statements: str, metrics: bool = True) -> Resource:
    """A web ACL with such statements."""
    return a(
        "wafv2/webAcl",
        rules=[{"name": kind, "statement": {kind: {}}} for kind in statements],
        visibilityConfig={"cloudwatchMetricsEnabled": metrics},
    )


def acl_log(header: str) -> Resource:
    """A log of the web ACL that hides a header."""
    return a("wafv2/webAclLoggingConfiguration", redactedFields=[{"singleHeader": {"name": header}}])


def distribution(**changes: Any) -> Resource:
    """A CloudFront distribution as it should be."""
    props: dict[str, Any] = {
        "defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"},
        "origins": [{"vpcOriginConfig": {}}],
        "viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021", "sslSupportMethod": "sni-only"},
        "loggingConfig": {"bucket": "b"},
    }
    return a("cloudfront/distribution", **(props | changes))


def database(*, protect: bool = True, **changes: Any) -> Resource:
    """A database as it should be in prod."""
    props: dict[str, Any] = {
        "storageEncrypted": True,
        "kmsKeyId": KEY,
        "publiclyAccessible": False,
        "manageMasterUserPassword": True,
        "backupRetentionPeriod": 7,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "multiAz": True,
    }
    return a("rds/instance", protect=protect, **(props | changes))


def function(**changes: Any) -> Resource:
    """A Lambda function as it should be."""
    props: dict[str, Any] = {
        "runtime": "python3.14",
        "loggingConfig": {"logFormat": "JSON", "logGroup": "/polyglot/prod/migrate"},
        "environment": {"variables": {"MODE": "wait"}},
    }
    return a("lambda/function", **(props | changes))


def run_task(family: str = "polyglot-prod-migrate:*", cluster: str = "polyglot-prod", **more: Any) -> Resource:
    """A policy that starts tasks."""
    arn = "arn:aws:ecs:us-east-1:111122223333:"
    condition = {"Condition": {"ArnEquals": {"ecs:cluster": f"{arn}cluster/{cluster}"}}} | more
    return policy("ecs:RunTask", resource=f"{arn}task-definition/{family}", **condition)


def forced(value: str) -> Resource:
    """A parameter group that forces TLS, or does not."""
    return a("rds/parameterGroup", parameters=[{"name": "rds.force_ssl", "value": value}])


def repository(*, protect: bool = True, **changes: Any) -> Resource:
    """A repository of images as it should be."""
    props: dict[str, Any] = {
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filter": "cache-*", "filterType": "WILDCARD"}],
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
    }
    return a("ecr/repository", "api", protect=protect, **(props | changes))


def image_lifecycle(count: int) -> Resource:
    """A lifecycle that keeps `count` images."""
    rule = {"selection": {"countType": "imageCountMoreThan", "countNumber": count}}
    return a("ecr/lifecyclePolicy", "api-life", policy=json.dumps({"rules": [rule]}))


def provider(**changes: Any) -> Resource:
    """The AWS provider; its nested settings are JSON text on the wire."""
    props: dict[str, Any] = {
        "allowedAccountIds": '["111122223333"]',
        "defaultTags": '{"tags": {"project": "polyglot", "environment": "prod"}}',
    }
    return a("pulumi:providers:aws", "aws", **(props | changes))
