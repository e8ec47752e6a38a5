"""Data sources of AWS that programs like ours read."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from offline.standins.cloud import RefusedError
from offline.standins.values import Plain, Properties, text
from offline.standins.world import World, hexadecimal

PARAMETERS = "POLYGLOT_STANDIN_PARAMETERS"
"""JSON object of the parameters that an operator has set, name to version; unset: whatever is asked for is there."""
VALUE = "POLYGLOT_STANDIN_PARAMETER_VALUE"
"""The value of each of them, which whoever asks for decryption gets, as from AWS."""

ZONES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class _Query:
    arguments: Properties
    account: str
    region: str
    world: World


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _caller(query: _Query) -> Properties:
    arn = f"arn:aws:iam::{query.account}:user/stand-in"
    return {"accountId": query.account, "arn": arn, "id": query.account, "userId": "AIDASTANDIN"}


def _region(query: _Query) -> Properties:
    name = text(query.arguments, "region", query.region)
    endpoint = f"ec2.{name}.amazonaws.com"
    return {"id": name, "name": name, "region": name, "endpoint": endpoint, "description": name}


def _zones(query: _Query) -> Properties:
    names: list[Plain] = [query.region + letter for letter in ZONES]
    ids: list[Plain] = [f"{query.region}-az{number}" for number in range(1, len(ZONES) + 1)]
    return {"id": query.region, "names": names, "zoneIds": ids, "groupNames": [query.region], "region": query.region}


SHORT = {"us-east-1": "use1", "us-west-1": "usw1", "ap-northeast-1": "apne1", "ca-central-1": "cac1"}
NUMBERS = {"a": 6, "b": 1, "c": 2, "d": 4, "e": 3, "f": 5}
"""AWS gives each account an order of its own; this is one."""


def _availability_zone(query: _Query) -> Properties:
    name = text(query.arguments, "name")
    zone = f"{SHORT.get(query.region, query.region)}-az{NUMBERS.get(name[-1], 1)}"
    return {"id": name, "name": name, "zoneId": zone, "region": query.region, "state": "available"}


def _partition(query: _Query) -> Properties:
    del query
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _one_or_many(values: list[Plain]) -> Plain:
    return values[0] if len(values) == 1 else values


def _principals(blocks: Plain) -> Plain:
    found: dict[str, list[Plain]] = {}
    for block in cast("list[Properties]", _list(blocks)):
        found.setdefault(text(block, "type"), []).extend(_list(block.get("identifiers")))
    if found == {"*": ["*"]}:
        return "*"
    return {kind: _one_or_many(values) for kind, values in found.items()}


def _conditions(blocks: Plain) -> Plain:
    found: dict[str, Plain] = {}
    for block in cast("list[Properties]", _list(blocks)):
        operator = cast("dict[str, Plain]", found.setdefault(text(block, "test"), {}))
        operator[text(block, "variable")] = _one_or_many(_list(block.get("values")))
    return found


def _statement(block: Properties) -> Properties:
    statement: Properties = {"Sid": block.get("sid"), "Effect": block.get("effect") or "Allow"}
    for name in ("actions", "notActions", "resources", "notResources"):
        if block.get(name):
            key = name[0].upper() + name[1:-1]
            statement[key] = _one_or_many(_list(block[name]))
    for name in ("principals", "notPrincipals"):
        if block.get(name):
            statement[name[0].upper() + name[1:-1]] = _principals(block[name])
    if block.get("conditions"):
        statement["Condition"] = _conditions(block["conditions"])
    return {key: value for key, value in statement.items() if value is not None}


def _policy_document(query: _Query) -> Properties:
    sources = _list(query.arguments.get("sourcePolicyDocuments"))
    statements: list[Plain] = []
    for source in sources:
        statements.extend(_list(json.loads(str(source)).get("Statement")))
    blocks = cast("list[Properties]", _list(query.arguments.get("statements")))
    statements.extend(_statement(block) for block in blocks)
    document = {
        "Version": text(query.arguments, "version", "2012-10-17"),
        "Id": query.arguments.get("policyId"),
        "Statement": statements,
    }
    rendered = json.dumps({key: value for key, value in document.items() if value is not None}, indent=2)
    return {**query.arguments, "id": hexadecimal(rendered, 10), "json": rendered, "minifiedJson": rendered}


def _ecr_token(query: _Query) -> Properties:
    endpoint = f"https://{query.account}.dkr.ecr.{query.region}.amazonaws.com"
    return {
        "id": query.region,
        "authorizationToken": "QVdTOnN0YW5kLWlu",
        "expiresAt": "2030-01-01T00:00:00Z",
        "password": "stand-in",
        "proxyEndpoint": endpoint,
        "userName": "AWS",
        "region": query.region,
    }


def _ami(query: _Query) -> Properties:
    identifier = f"ami-{hexadecimal(json.dumps(query.arguments, sort_keys=True), 17)}"
    arn = f"arn:aws:ec2:{query.region}::image/{identifier}"
    known: Properties = {"architecture": "arm64", "state": "available", "virtualizationType": "hvm"}
    return {**query.arguments, **known, "id": identifier, "imageId": identifier, "arn": arn, "name": "stand-in"}


def _ssm_parameter(query: _Query) -> Properties:
    name = text(query.arguments, "name")
    if name.startswith("/aws/service/"):  # the public ones that name images
        value = f"ami-{hexadecimal(name, 17)}"
        arn = f"arn:aws:ssm:{query.region}::parameter{name}"
        return {**query.arguments, "id": name, "arn": arn, "type": "String", "value": value, "version": 1}
    for thing in query.world.everything():
        if thing.type == "aws:ssm/parameter:Parameter" and thing.inputs.get("name") == name:
            return {**thing.outputs, "id": name}
    version = _set_by_operator(name)
    if version is not None:
        arn = f"arn:aws:ssm:{query.region}:{query.account}:parameter{name}"
        # Decryption is the default of this data source, though not of the service.
        value = "encrypted" if query.arguments.get("withDecryption") is False else os.environ.get(VALUE, "decrypted")
        known: Properties = {"id": name, "arn": arn, "type": "SecureString", "value": value, "version": version}
        return {**query.arguments, **known}
    raise RefusedError(f"ssm.getParameter: ParameterNotFound: there is no parameter {name!r}")


def _set_by_operator(name: str) -> int | None:
    """The version of a parameter that belongs to no program; None when it is not set."""
    told = os.environ.get(PARAMETERS)
    if told is None:
        return 1
    version = json.loads(told).get(name)
    return None if version is None else int(version)


def _alias(query: _Query) -> Properties:
    name = text(query.arguments, "name")
    digits = hexadecimal(f"{query.account}{query.region}{name}", 32)
    key = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    prefix = f"arn:aws:kms:{query.region}:{query.account}"
    return {
        "id": f"{prefix}:{name}",
        "arn": f"{prefix}:{name}",
        "name": name,
        "targetKeyId": key,
        "targetKeyArn": f"{prefix}:key/{key}",
        "region": query.region,
    }


def _vpc(query: _Query) -> Properties:
    identifier = text(query.arguments, "id")
    for thing in query.world.everything():
        if thing.type == "aws:ec2/vpc:Vpc" and thing.outputs.get("id", thing.id) == identifier:
            block = f"2600:1f18:{hexadecimal(identifier, 4)}:{hexadecimal(identifier, 6)[4:]}00::/56"
            return {**thing.outputs, "id": identifier, "ipv6CidrBlock": block}
    raise RefusedError(f"ec2.getVpc: there is no VPC {identifier!r}")


def _prefix_list(query: _Query) -> Properties:
    name = text(query.arguments, "name")
    if not name:
        filters = cast("list[Properties]", _list(query.arguments.get("filters")))
        wanted = [item for item in filters if item.get("name") == "prefix-list-name"]
        name = str(_list(wanted[0].get("values"))[0]) if wanted else ""
    identifier = f"pl-{hexadecimal(f'{query.region}{name}', 8)}"
    arn = f"arn:aws:ec2:{query.region}:aws:prefix-list/{identifier}"
    entries: list[Plain] = [{"cidr": "192.0.2.0/24", "description": ""}]
    return {
        "id": identifier,
        "arn": arn,
        "name": name,
        "prefixListId": identifier,
        "cidrBlocks": ["192.0.2.0/24"],
        "entries": entries,
        "ownerId": "AWS",
        "addressFamily": "IPv4",
        "maxEntries": 10,
        "version": 1,
        "tags": {},
        "region": query.region,
    }


LOAD_BALANCER_ACCOUNTS = {"us-east-1": "127311923021", "us-west-2": "797873946194", "eu-west-1": "156460612806"}
"""Accounts that write access logs; "Enable access logs for your Application Load Alb", AWS documentation."""


def _load_balancer_account(query: _Query) -> Properties:
    region = text(query.arguments, "region", query.region)
    account = LOAD_BALANCER_ACCOUNTS.get(region)
    if account is None:
        raise RefusedError(f"elb.getServiceAccount: the stand-in knows no account for {region}")
    return {"id": account, "arn": f"arn:aws:iam::{account}:root", "region": region}


def _zone(query: _Query) -> Properties:
    name = text(query.arguments, "name").rstrip(".")
    identifier = text(query.arguments, "zoneId") or f"Z{hexadecimal(name, 20).upper()}"
    arn = f"arn:aws:route53:::hostedzone/{identifier}"
    servers: list[Plain] = [f"ns-{number}.awsdns-0{number}.com" for number in range(1, 5)]
    return {**query.arguments, "id": identifier, "zoneId": identifier, "arn": arn, "name": name, "nameServers": servers}


def _cloudfront_policy(query: _Query) -> Properties:
    name = text(query.arguments, "name")
    return {**query.arguments, "id": text(query.arguments, "id") or hexadecimal(name, 32), "name": name}


def _images(query: _Query) -> Properties:
    """What was built and pushed: an entry for each tag."""
    repository, found = text(query.arguments, "repositoryName"), list[Plain]()
    for thing in query.world.everything():
        for tag in _list(thing.inputs.get("tags")) if thing.type == "docker-build:index:Image" else ():
            name, _, label = str(tag).rpartition(":")
            if name.partition("/")[2] == repository:
                found.append({"imageDigest": thing.id, "imageTag": label})
    return {**query.arguments, "id": repository, "imageIds": found}


_ANSWERS: dict[str, Callable[[_Query], Properties]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _availability_zone,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getPartition:getPartition": _partition,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _ecr_token,
    "aws:ecr/getImages:getImages": _images,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ssm/getParameter:getParameter": _ssm_parameter,
    "aws:kms/getAlias:getAlias": _alias,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:elb/getServiceAccount:getServiceAccount": _load_balancer_account,
    "aws:route53/getZone:getZone": _zone,
    "aws:cloudfront/getCachePolicy:getCachePolicy": _cloudfront_policy,
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": _cloudfront_policy,
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": _cloudfront_policy,
}


def answer(token: str, arguments: Properties, account: str, region: str, world: World) -> Properties | None:
    """A data source's answer; None for one that is not known here.

    Raises:
        RefusedError: there is no such thing.

    """
    found = _ANSWERS.get(token)
    return found(_Query(arguments, account, region, world)) if found else None
