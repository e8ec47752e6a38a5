"""The stand-in for AWS.

Environment variables, for tests: `POLYGLOT_STANDIN_ACCOUNT`, the account that answers (default 123456789012);
`POLYGLOT_STANDIN_FUNCTION_FAULT`, what every Lambda function fails with.
"""

import os
from typing import cast

from offline.standins import invokes
from offline.standins.cloud import Birth, Cloud, RefusedError
from offline.standins.schema import Schema
from offline.standins.values import Plain, Properties, has_unknown, text
from offline.standins.world import World, hexadecimal

ACCOUNT = "123456789012"
REGION = "us-east-1"
REPEATABLE_NAMES = frozenset(
    {
        "aws:apigatewayv2/api:Api",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:route53/zone:Zone",
        "aws:wafv2/ipSet:IpSet",
    }
)
"""Types of which AWS takes several with one name (or that collide only within something else)."""


class Aws(Cloud):
    """AWS as far as this program uses it."""

    plugin = "aws"
    package = "pulumi_aws"

    @property
    def account(self) -> str:
        """The account that the credentials belong to."""
        return os.environ.get("POLYGLOT_STANDIN_ACCOUNT") or ACCOUNT

    @property
    def region(self) -> str:
        """The provider's region."""
        return text(self.config, "region", os.environ.get("AWS_REGION") or REGION)

    def configure(self, config: Properties) -> None:
        """Take the settings; the real provider compares the accounts at the same moment."""
        super().configure(config)
        allowed, forbidden = config.get("allowedAccountIds"), config.get("forbiddenAccountIds")
        if has_unknown(allowed) or has_unknown(forbidden):
            return
        wrong = isinstance(allowed, list) and allowed and self.account not in allowed
        if wrong or (isinstance(forbidden, list) and self.account in forbidden):
            raise RefusedError(f"AWS account ID not allowed: {self.account}")

    def _default_tags(self) -> Properties:
        block = self.config.get("defaultTags")
        tags = block.get("tags") if isinstance(block, dict) else None
        return tags if isinstance(tags, dict) else {}

    def prepare(self, schema: Schema, inputs: Properties) -> Properties:
        """The provider's default tags are added to every resource that takes tags."""
        shape = schema.inputs.properties.get("tags")
        own = inputs.get("tags")
        if shape is None or shape.kind != "map" or isinstance(own, str):
            return inputs
        merged = {**self._default_tags(), **(own if isinstance(own, dict) else {})}
        return {**inputs, "tags": merged} if merged else inputs

    def fields(self) -> dict[str, str]:
        """Account, region and partition."""
        return {"account": self.account, "region": self.region, "partition": "aws"}

    def tags(self, schema: Schema, inputs: Properties) -> Properties:
        """`tagsAll`, and the region that every resource tells since version 7."""
        made: Properties = {}
        if "tagsAll" in schema.outputs:
            made["tagsAll"] = inputs.get("tags") or {}
        if "region" in schema.outputs and "region" not in inputs:
            made["region"] = self.region
        return made

    def create(self, birth: Birth, schema: Schema, world: World) -> tuple[str, Properties]:
        """What templates cannot say: revisions, the records that validate a certificate, a function that fails."""
        fault = os.environ.get("POLYGLOT_STANDIN_FUNCTION_FAULT")
        if fault and birth.type_ == "aws:lambda/invocation:Invocation":
            raise RefusedError(f"invoking Lambda Function ({text(birth.inputs, 'functionName')}): {fault}")
        identifier, outputs = super().create(birth, schema, world)
        if birth.type_ == "aws:ecs/taskDefinition:TaskDefinition":
            revision = world.next_revision(text(birth.inputs, "family"))
            bare = text(outputs, "arnWithoutRevision")
            outputs.update(revision=revision, arn=f"{bare}:{revision}")
        if birth.type_ == "aws:acm/certificate:Certificate":
            outputs["domainValidationOptions"] = _validation(birth.inputs)
        outputs.update(_store(birth, self.account, self.region))
        return identifier, outputs

    def unique(self, type_: str) -> bool:
        """Most named things of AWS are unique by name."""
        return type_ not in REPEATABLE_NAMES

    def address(self, type_: str, identifier: str, properties: Properties) -> str:
        """The id of a task definition is its family, which all its revisions share."""
        return text(properties, "arn") if type_ == "aws:ecs/taskDefinition:TaskDefinition" else identifier

    def may_delete(self, type_: str, properties: Properties) -> None:
        """Deletion protection is the cloud's own."""
        key = "enableDeletionProtection" if type_ == "aws:lb/loadBalancer:LoadBalancer" else "deletionProtection"
        if properties.get(key) in (True, "true"):
            raise RefusedError(f"{type_.rpartition(':')[2]} cannot be deleted: {key} is on")

    def invoke(self, type_: str, arguments: Properties, world: World) -> Properties:
        """One of the data sources in `invokes`."""
        answer = invokes.answer(type_, arguments, self.account, self.region, world)
        return answer if answer is not None else super().invoke(type_, arguments, world)


def _store(birth: Birth, account: str, region: str) -> Properties:
    """Where a store's credentials are kept, and where a serverless cache answers."""
    digits = hexadecimal(birth.seed, 6)
    if birth.inputs.get("manageMasterUserPassword") in (True, "true"):
        arn = f"arn:aws:secretsmanager:{region}:{account}:secret:rds!{birth.logical}-{digits}"
        key = text(birth.inputs, "masterUserSecretKmsKeyId")
        return {"masterUserSecrets": [{"secretArn": arn, "secretStatus": "active", "kmsKeyId": key}]}
    if birth.type_ == "aws:elasticache/serverlessCache:ServerlessCache":
        host = f"{text(birth.inputs, 'name')}-{digits}.serverless.{region}.cache.amazonaws.com"
        return {
            "endpoints": [{"address": host, "port": 6379}],
            "readerEndpoints": [{"address": host, "port": 6380}],
        }
    return {}


def _validation(inputs: Properties) -> Plain:
    """One CNAME for each name of a certificate; a wildcard shares its parent's."""
    others = cast("list[Plain]", inputs.get("subjectAlternativeNames") or [])
    names = dict.fromkeys([text(inputs, "domainName"), *(str(name) for name in others)])
    options: list[Plain] = []
    for name in names:
        bare = name.removeprefix("*.")
        options.append(
            {
                "domainName": name,
                "resourceRecordName": f"_{hexadecimal(bare, 32)}.{bare}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{hexadecimal(f'{bare}#', 32)}.acm-validations.aws.",
            }
        )
    return options
