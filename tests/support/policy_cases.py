"""For each rule resources that pass and resources that fail, all otherwise as the program makes them."""

import json
from dataclasses import dataclass
from typing import Any

from policy_parts import (
    KEY,
    a,
    acl,
    balancer,
    bucket,
    database,
    github,
    ingress,
    policy,
    provider,
    repository,
    role,
    service,
    task,
    variable,
)

from infra.policies.core import Resource


@dataclass(frozen=True)
class Case:
    """Passes and failures of one rule, each a list of resources."""

    good: tuple[list[Resource], ...]
    bad: tuple[list[Resource], ...]
    environment: str = "prod"


def case(good: Any, *bad: Any, environment: str = "prod") -> Case:
    """`good` passes, each of `bad` fails; a resource alone stands for a list of it."""
    lists = [item if isinstance(item, list) else [item] for item in (good, *bad)]
    return Case((lists[0],), tuple(lists[1:]), environment)


PUBLIC_LAUNCH = a("ec2/launchTemplate", metadataOptions={"httpTokens": "optional"})
NAT = [a("ec2/natGateway", "nat-a"), a("ec2/natGateway", "nat-b")]

CASES: dict[str, Case] = {
    # network
    "public-ingress-only-at-the-edge": case(
        [
            ingress(inside="edge"),
            ingress(block="10.0.0.0/16", fromPort=5432, toPort=5432),
        ],
        ingress(inside="edge", fromPort=8000, toPort=8000),
        ingress(),
        ingress(inside="edge", ipProtocol="-1"),
        a(
            "ec2/securityGroup",
            ingress=[{"cidrBlocks": ["0.0.0.0/0"], "protocol": "tcp", "fromPort": 80, "toPort": 80}],
        ),
        a("ec2/securityGroupRule", type="ingress", ipv6CidrBlocks=["::/0"], protocol="tcp", fromPort=443, toPort=443),
    ),
    "no-remote-administration": case(
        [ingress(), ingress("nat", block="10.0.0.0/16", ipProtocol="-1")],
        ingress(block="10.0.0.0/16", fromPort=0, toPort=1024),
        ingress(fromPort=3389, toPort=3389),
        ingress(ipProtocol="-1"),
    ),
    "agent-has-no-ingress": case(
        [a("ec2/securityGroup", "agent"), ingress("api-in-from-agent")],
        ingress("agent-health", block="10.0.0.0/16"),
        a("ec2/securityGroup", "agent", ingress=[{"protocol": "tcp"}]),
    ),
    "vpc-flow-logs": case([a("ec2/vpc"), a("ec2/flowLog")], a("ec2/vpc")),
    # edge
    "firewall-stands-before-prod": case(
        [service(), acl(), a("wafv2/webAclAssociation")], service(), [service(), acl()]
    ),
    # compute
    "images-by-digest": case(task(), task(image="repo/api:latest"), task(image="repo/api@sha256:abc")),
    "no-secrets-in-environment": case(
        variable("POLYGLOT_MODE", "cascade"),
        variable("DUFFEL_API_TOKEN", "x"),
        variable("DATABASE_URL", "postgresql://db"),
        variable("PLAIN", "sk-abcdefghijklmnopqrstuv"),
        variable("CACHE", "redis://user:word@host:6379"),
    ),
    "secrets-by-arn": case(task(), task(secrets=[{"name": "K", "valueFrom": "/polyglot/prod/K"}])),
    "agent-has-time-to-end-calls": case(
        [task("agent"), task(stopTimeout=30)], task("agent", stopTimeout=30), task("x", name="agent", stopTimeout=None)
    ),
    "tasks-have-no-public-address": case(
        [service(), *NAT],
        [service(networkConfiguration={"assignPublicIp": True}), *NAT],
        service(networkConfiguration={"assignPublicIp": True}),
    ),
    "no-shell-in-prod": case(service(), service(enableExecuteCommand=True)),
    "no-spare-capacity-in-prod": case(
        service(capacityProviderStrategies=[{"capacityProvider": "FARGATE"}]),
        service(capacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT"}]),
    ),
    "one-agent-name": case(
        [task(), task("agent")],
        [task(), task("agent", environment=[{"name": "LIVEKIT_AGENT_NAME", "value": "agent"}])],
        [task(), task("web", environment=[{"name": "VITE_AGENT_NAME", "value": "polyglot_flight_agent"}])],
        task(environment=[{"name": "LIVEKIT_URL", "value": "wss://x"}]),
    ),
    # identity
    "no-star-actions": case(
        policy("s3:GetObject", "ecs:Describe*"),
        policy("*"),
        policy("s3:*"),
        policy("iam:Put*"),
        a("iam/role", inlinePolicies=[{"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": "ecs:*"}})}]),
        a("iam/policy", policy={"Statement": [{"Effect": "Allow", "NotAction": "iam:*"}]}),
    ),
    "no-star-resources": case(
        [policy("ecr:GetAuthorizationToken", resource="*"), policy("s3:PutObject")],
        policy("s3:PutObject", resource="*"),
        policy("ecr:GetAuthorizationToken", "ssm:GetParameter", resource="*"),
        a("iam/policy", policy={"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "x"}]}),
    ),
    "roles-are-passed-to-named-services": case(
        policy("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
        policy("iam:PassRole"),
    ),
    "no-managed-administrators": case(
        a("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
        a("iam/rolePolicyAttachment", policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        a("iam/role", managedPolicyArns=["arn:aws:iam::aws:policy/PowerUserAccess"]),
    ),
    "trust-is-conditioned": case(
        [
            role({"Service": "ecs-tasks.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": "111122223333"}}),
            github(sub="repo:o/r:environment:prod", aud="sts.amazonaws.com"),
            role({"Service": "ec2.amazonaws.com"}),
        ],
        role({"Service": "ecs-tasks.amazonaws.com"}),
        role({"AWS": "*"}),
        role("*"),
        github(aud="sts.amazonaws.com"),
        github(sub="repo:o/*", aud="sts.amazonaws.com"),
        github(sub="repo:o/r:environment:prod"),
    ),
    "keys-decrypt-for-somebody": case(
        policy("kms:Decrypt", resource=KEY),
        policy("kms:Decrypt", resource="*"),
        policy("kms:Decrypt", resource="arn:aws:kms:us-east-1:111122223333:key/*"),
    ),
    "keys-are-not-public": case(
        a("kms/key", policy={"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}}}),
        a("kms/key", policy={"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}}}),
        a("kms/keyPolicy", policy={"Statement": {"Effect": "Allow", "Principal": "*"}}),
    ),
    # functions
    # storage
    "buckets-are-not-public": case(bucket("block"), bucket(), bucket("half")),
    "logs-end-and-are-encrypted": case(
        a("cloudwatch/logGroup", retentionInDays=30, kmsKeyId=KEY),
        a("cloudwatch/logGroup", kmsKeyId=KEY),
        a("cloudwatch/logGroup", retentionInDays=0, kmsKeyId=KEY),
        a("cloudwatch/logGroup", retentionInDays=30),
    ),
    "parameters-are-secret": case(
        [
            a("ssm/parameter", name="/p/revision", type="String", value="3"),
            a("ssm/parameter", name="/p/API_KEY", type="SecureString", keyId=KEY, valueWo="…"),
        ],
        a("ssm/parameter", name="/p/API_KEY", type="String"),
        a("ssm/parameter", name="/p/API_KEY", type="SecureString", valueWo="…"),
        a("ssm/parameter", name="/p/API_KEY", type="SecureString", keyId=KEY, value="…"),
    ),
    "databases-survive": case(
        database(),
        database(backupRetentionPeriod=0),
        database(deletionProtection=False),
        database(protect=False),
        database(skipFinalSnapshot=True),
    ),
    "prod-cannot-be-deleted": case(balancer(), balancer(enableDeletionProtection=False), balancer(protect=False)),
    "evidence-cannot-be-deleted": case(
        [*bucket(), repository()], bucket(protect=False), repository(protect=False), bucket(forceDestroy=True)
    ),
    # stack
    "only-the-named-account": case(
        provider(), provider(allowedAccountIds=None), provider(allowedAccountIds='["111122223333", "444455556666"]')
    ),
    "no-default-provider": case(provider(), a("pulumi:providers:aws", "default_7_51_1")),
    "alarms-tell-somebody": case(
        a("cloudwatch/metricAlarm", alarmActions=["arn"]),
        a("cloudwatch/metricAlarm"),
        a("cloudwatch/metricAlarm", alarmActions=["arn"], actionsEnabled=False),
    ),
    "prod-outlives-a-zone": case(
        [service(), *NAT],
        [service(), NAT[0]],
        [service(), a("ec2/vpc")],
        [service(networkConfiguration={"subnets": ["a"]}), *NAT],
    ),
    "prod-has-two-of-each": case(
        a("appautoscaling/target", serviceNamespace="ecs", minCapacity=2),
        a("appautoscaling/target", serviceNamespace="ecs", minCapacity=1),
    ),
    "prod-database-has-a-standby": case(database(), database(multiAz=False)),
}
