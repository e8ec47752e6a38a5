"""The table of what the provider asks for, held against what AWS itself wrote of actions and of types of resource."""

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, cast

import pytest
from aws_schema import CLOUDFORMATION
from roles import place, statements

from offline.standins import data, needs
from offline.standins.check import table

TYPES = [name for name in table("actions") if name.startswith("aws:")]
MISPRINTED = {"logs:DeleteDeliverySource"}
"""AWS's data names another kind of resource than its documents and its other actions on delivery sources do."""
NOT_USED = {
    "a certificate of a private authority": "acm-pca:*",
    "load balancers and hooks of an Auto Scaling group": """
        autoscaling:Attach* autoscaling:Detach* autoscaling:*LifecycleHook autoscaling:*NotificationConfiguration
        autoscaling:*MetricsCollection autoscaling:*Processes managed-fleets:* vpc-lattice:* ssm:Get* ec2:Get*""",
    "CloudFront for several tenants, and its staging": "cloudfront:CreateConnectionGroup cloudfront:*StagingConfig",
    "predictive scaling, and of Lambda": "cloudwatch:GetMetricData lambda:*ProvisionedConcurrencyConfig",
    "an alias of AWS's own for CreateDistribution": "cloudfront:CreateDistributionWithTags",
    "other services whose logs can be delivered": "*:AllowVendedLogDeliveryForResource",
    "addresses of an interface beside its first": "ec2:*ssign* ec2:ModifyPublicIpDnsNameOptions",
    "ModifySecurityGroupRules does it": "ec2:UpdateSecurityGroupRuleDescriptions*",
    "UpdateCluster does it": "ecs:UpdateClusterSettings ecs:PutAccountSetting*",
    "users that a listener signs in": "cognito-idp:*",
    "targets that are not ECS's own, capacity and pools of addresses": """
        elasticloadbalancing:*egisterTargets elasticloadbalancing:ModifyCapacityReservation elasticloadbalancing:ModifyIpPools""",
    "no managed policy is attached, and the boundary stays": "iam:*tachRolePolicy iam:*RolePermissionsBoundary iam:ListRoles",
    "keys are made by the bootstrap project, in another region by the role there": "kms:*",
    "parts of a function that ours has not": """
        lambda:*CodeSigningConfig lambda:*Concurrency lambda:*Recursion* lambda:*ScalingConfig lambda:*RuntimeManagementConfig
        lambda:AssociateRuntimeAlias lambda:GetLayerVersion lambda:PassCapacityProvider lambda:PublishVersion s3:GetObjectVersion
        elasticfilesystem:* s3files:*""",
    "policies and indexes of log groups": """
        logs:*DataProtectionPolicy logs:*IndexPolic* logs:*DeliveryDestinationPolicy logs:DeleteResourcePolicy
        logs:PutBearerTokenAuthentication logs:PutLogGroupDeletionProtection logs:DescribeDeliveries firehose:* s3:REST*""",
    "roles, replicas and restores of databases": """
        rds:*RoleToDB* rds:*RoleFromDB* rds:*ReadReplica rds:*HttpEndpoint rds:Restore* rds:*BackupsReplication
        rds:RemoveFromGlobalCluster rds:RebootDBInstance""",
    "sides of a bucket that ours have not": """
        s3:*Bucket* s3:*Configuration s3:PutObjectAcl s3:PutReplication* s3tables:*""",
    "what others see of a service or a topic": "servicediscovery:*Attributes sns:*DataProtectionPolicy sns:ListSubscriptionsByTopic",
    "another account's view of the bill, and of what it pays for": "billing:* payments:*",
    "CloudFront takes its own role for it": "sts:AssumeRole",
    "endpoints across regions": "vpce:*",
}
"""What CloudFormation asks for and our program never does, by the reason. All else the deploy role must be allowed."""


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("operation", ["create", "read", "update", "delete"])
def test_each_action_of_the_table_exists_and_acts_on_such_a_resource(name: str, operation: needs.Operation) -> None:
    for request in needs.requests(name, operation, place("prod")):
        forms = data.arns(request.action)
        if request.resource != "*" and request.action not in MISPRINTED:
            assert any(re.fullmatch(form, request.resource) for form in forms), (request, forms)


def test_an_action_on_another_kind_of_resource_would_be_found() -> None:
    listener = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/x/1/2"
    assert not any(re.fullmatch(form, listener) for form in data.arns("elasticloadbalancing:CreateListener"))
    with pytest.raises(data.UnknownActionError):
        data.arns("ecs:MakeService")


@cache
def handlers() -> dict[str, dict[str, Any]]:
    """By CloudFormation's type: for each operation what it asks of IAM."""
    folder = data.cfnlint_data() / "schemas" / "resources"
    wanted, found = set(CLOUDFORMATION.values()), {}
    for path in folder.iterdir():
        if path.name.endswith(".json"):
            schema = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
            if schema.get("typeName") in wanted:
                found[str(schema["typeName"])] = schema.get("handlers", {})
    return found


def test_the_deploy_role_may_what_cloudformation_asks_for_the_same_types() -> None:
    granted = [a.lower() for s in statements("prod", "deploy") if s["Effect"] == "Allow" for a in s["Action"]]
    unused = {pattern.lower() for words in NOT_USED.values() for pattern in words.split()}
    seen, lacking, used = set(), set(), set()
    for name in TYPES:
        module, kind = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", name).groups()  # type: ignore[union-attr]
        asked = handlers().get(CLOUDFORMATION.get(f"aws.{module}.{kind}", ""), {})
        parts = [part for operation, part in asked.items() if operation != "list"]
        for action in {a.lower() for part in parts for a in part.get("permissions", ())}:
            seen.add(action)
            reasons = {pattern for pattern in unused if fnmatchcase(action, pattern)}
            if not any(fnmatchcase(action, pattern) for pattern in granted):
                used |= reasons
                lacking |= set() if reasons else {f"{action} ({name})"}
    assert len(seen) > 300
    assert lacking == set()
    assert unused - used == set()  # a reason that excuses nothing any more goes
