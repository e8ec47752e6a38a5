"""What AWS would compute: outputs of resources and answers of functions, in AWS's own shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

ACCOUNT = "111122223333"
REGION = "us-east-1"
ZONES = ("us-east-1a", "us-east-1b")

Values = dict[str, Any]

_ARN_SERVICE = {
    "lb": "elasticloadbalancing",
    "cloudwatch": "logs",
    "appautoscaling": "application-autoscaling",
    "vpc": "ec2",
}
_CONTENT_DELIVERY = {"cloudfront", "iam", "route53", "s3", "budgets"}
"""Services whose ARNs name no region."""


def computed(kind: str, name: str, inputs: Mapping[str, Any], identity: str | None = None) -> tuple[str, Values]:
    """Id and outputs of a resource of this kind, the inputs among them; `identity` is the id of one that is read."""
    special = _SPECIAL.get(kind)
    physical = inputs.get("name") or inputs.get("namePrefix") or name
    own = special(physical, inputs) if special else {}
    id_ = identity or own.pop("id", None) or f"{physical}-id"
    return id_, {"arn": _arn(kind, str(physical)), "name": physical, **inputs, **own}


def answer(token: str, args: Mapping[str, Any]) -> Values:
    """What the function returns. Raises AssertionError for one that nobody has described yet."""
    known = _ANSWERS.get(token.rpartition(":")[2])
    assert known is not None, f"no answer is known for {token}"
    return known(args)


def _arn(kind: str, name: str) -> str:
    package, service, resource = kind.split(".")
    if package != "aws":
        return ""
    region = "" if service in _CONTENT_DELIVERY else REGION
    account = "" if service == "s3" else ACCOUNT
    path = name if service == "s3" else f"{resource.lower()}/{name}"
    return f"arn:aws:{_ARN_SERVICE.get(service, service)}:{region}:{account}:{path}"


@dataclass(frozen=True)
class Reference:
    """A resource that a remote component made, as one of its outputs."""

    type: str
    name: str
    id: str
    state: Values


def _load_balancer(name: str, inputs: Mapping[str, Any]) -> Values:
    sort = "net" if inputs.get("loadBalancerType") == "network" else "app"
    suffix = f"{sort}/{name}/50dc6c495c0c9188"
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{suffix}"
    return {
        "id": arn,
        "arn": arn,
        "arnSuffix": suffix,
        "dnsName": f"{'internal-' if inputs.get('internal') else ''}{name}-1234567890.{REGION}.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
    }


def _target_group(name: str, _: Mapping[str, Any]) -> Values:
    suffix = f"targetgroup/{name}/73e2d6bc24d8a067"
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{suffix}"
    return {"id": arn, "arn": arn, "arnSuffix": suffix}


def _certificate(name: str, inputs: Mapping[str, Any]) -> Values:
    domains = [inputs["domainName"], *inputs.get("subjectAlternativeNames", [])]
    region = inputs.get("region", REGION)
    arn = f"arn:aws:acm:{region}:{ACCOUNT}:certificate/{name}"
    options = [
        {
            "domainName": domain,
            "resourceRecordName": f"_{crc32(domain.encode()):08x}.{domain}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{index}.acm-validations.aws.",
        }
        for index, domain in enumerate(domains)
    ]
    return {"id": arn, "arn": arn, "domainValidationOptions": options}


def _distribution(name: str, _: Mapping[str, Any]) -> Values:
    return {
        "id": f"E{name.upper()}",
        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E{name.upper()}",
        "domainName": "d111111abcdef8.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    }


def _bucket(name: str, inputs: Mapping[str, Any]) -> Values:
    bucket = inputs.get("bucket", f"{name}-0a1b2c3")
    return {
        "id": bucket,
        "bucket": bucket,
        "arn": f"arn:aws:s3:::{bucket}",
        "bucketDomainName": f"{bucket}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
    }


def _database(name: str, inputs: Mapping[str, Any]) -> Values:
    host = f"{name}.abcdefghijkl.{REGION}.rds.amazonaws.com"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!{name}-AbCdEf"
    return {
        "id": name,
        "identifier": name,
        "clusterIdentifier": name,
        "arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
        "address": host,
        "endpoint": host if "serverlessv2ScalingConfiguration" in inputs else f"{host}:5432",
        "port": 5432,
        "resourceId": f"db-{name.upper()}",
        "clusterResourceId": f"cluster-{name.upper()}",
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active", "kmsKeyId": ""}],
    }


def _cache(name: str, _: Mapping[str, Any]) -> Values:
    host = f"{name}-abc123.serverless.use1.cache.amazonaws.com"
    return {
        "id": name,
        "endpoints": [{"address": host, "port": 6379}],
        "readerEndpoints": [{"address": host, "port": 6380}],
    }


def _vpc(name: str, inputs: Mapping[str, Any]) -> Values:
    zones = inputs.get("availabilityZoneNames", ZONES)
    values: Values = {"vpcId": f"vpc-{name}", "eips": [], "vpcEndpoints": [], "routes": []}
    gateways = {"None": 0, "Single": 1, "OnePerAz": len(zones)}[
        inputs.get("natGateways", {}).get("strategy", "OnePerAz")
    ]
    values["natGateways"] = [
        Reference("aws:ec2/natGateway:NatGateway", f"{name}-{index + 1}", f"nat-{index + 1}", {})
        for index in range(gateways)
    ]
    for tier in ("public", "private", "isolated"):
        values[f"{tier}SubnetIds"] = [f"subnet-{tier}-{zone}" for zone in zones]
    values["subnets"] = [
        Reference("aws:ec2/subnet:Subnet", f"{name}-{tier}-{index + 1}", identity, {"vpcId": f"vpc-{name}"})
        for tier in ("public", "private", "isolated")
        for index, identity in enumerate(values[f"{tier}SubnetIds"])
    ]
    values["routeTables"] = [
        Reference(
            "aws:ec2/routeTable:RouteTable",
            f"{name}-{tier}-{index + 1}",
            f"rtb-{tier}-{zone}",
            {"vpcId": f"vpc-{name}", "tags": {"Name": f"{name}-{tier}-{index + 1}", "SubnetType": tier.title()}},
        )
        for tier in ("public", "private", "isolated")
        for index, zone in enumerate(zones)
    ]
    return values


_SPECIAL = {
    "aws.lb.LoadBalancer": _load_balancer,
    "aws.lb.TargetGroup": _target_group,
    "aws.acm.Certificate": _certificate,
    "aws.cloudfront.Distribution": _distribution,
    "aws.s3.Bucket": _bucket,
    "aws.rds.Instance": _database,
    "aws.rds.Cluster": _database,
    "aws.elasticache.ServerlessCache": _cache,
    "aws.cloudwatch.LogGroup": lambda name, _: {
        "id": name,
        "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}",
    },
    "aws.cloudwatch.MetricAlarm": lambda name, _: {
        "id": name,
        "arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
    },
    "aws.sns.Topic": lambda name, _: {
        "id": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}",
        "arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}",
    },
    "aws.iam.Role": lambda name, inputs: {
        "id": name,
        "arn": f"arn:aws:iam::{ACCOUNT}:role{inputs.get('path', '/')}{name}",
    },
    "aws.iam.Policy": lambda name, _: {"arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"},
    "aws.ecs.TaskDefinition": lambda _, inputs: {
        "arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{inputs['family']}:1",
        "revision": 1,
    },
    "aws.lambda.Invocation": lambda _, inputs: {
        "id": f"{inputs['functionName']},$LATEST,0",
        "result": '{"task": "0", "exitCode": 0, "seconds": 1}',
    },
    "aws.route53.Record": lambda _, inputs: {"fqdn": inputs["name"]},
    "aws.acm.CertificateValidation": lambda name, inputs: {
        "id": f"{name}-validated",
        "certificateArn": inputs["certificateArn"],
    },
    "aws.ec2.LaunchTemplate": lambda name, _: {"id": f"lt-{name}", "latestVersion": 1},
    "aws.ec2.Instance": lambda name, _: {"primaryNetworkInterfaceId": f"eni-{name}", "privateIp": "10.0.0.10"},
    "aws.ec2.Eip": lambda name, _: {"allocationId": f"eipalloc-{name}", "publicIp": "203.0.113.10"},
    "aws.ec2.Vpc": lambda _, __: {"defaultSecurityGroupId": "sg-default", "mainRouteTableId": "rtb-main"},
    "aws.autoscaling.Group": lambda name, _: {
        "id": name,
        "arn": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:group/{name}",
    },
    "aws.ecr.Repository": lambda name, _: {
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}",
        "registryId": ACCOUNT,
    },
    "aws.cloudfront.OriginAccessControl": lambda name, _: {"etag": "E1", "id": f"oac-{name}"},
    "awsx.ec2.Vpc": _vpc,
    "docker-build.index.Image": lambda _, __: {
        "digest": f"sha256:{'d' * 64}",
        "contextHash": "c" * 64,
        "ref": f"image@sha256:{'d' * 64}",
    },
}


def _identity(_: Mapping[str, Any]) -> Values:
    return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/test", "userId": "AIDATEST", "id": ACCOUNT}


def _parameter(args: Mapping[str, Any]) -> Values:
    name = args["name"]
    value = '{"image_id": "ami-0123456789abcdef0"}' if name.startswith("/aws/service/ecs") else "ami-0123456789abcdef0"
    return {
        "name": name,
        "arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.removeprefix('/')}",
        "type": "String" if name.startswith("/aws/service/") else "SecureString",
        "value": value if name.startswith("/aws/service/") else "",
        "insecureValue": value if name.startswith("/aws/service/") else "",
        "version": 1,
        "id": name,
        "withDecryption": bool(args.get("withDecryption")),
    }


def _alias(args: Mapping[str, Any]) -> Values:
    key = "00000000-0000-4000-8000-000000000001"
    return {
        "name": args["name"],
        "targetKeyId": key,
        "targetKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}",
        "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:{args['name']}",
        "id": key,
    }


_ANSWERS = {
    "getCallerIdentity": _identity,
    "getRegion": lambda _: {"name": REGION, "region": REGION, "description": "US East", "id": REGION, "endpoint": ""},
    "getPartition": lambda _: {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws"},
    "getAvailabilityZones": lambda _: {"names": list(ZONES), "zoneIds": ["use1-az1", "use1-az2"], "id": REGION},
    "getAlias": _alias,
    "getParameter": _parameter,
    "getAmi": lambda _: {
        "id": "ami-0123456789abcdef0",
        "imageId": "ami-0123456789abcdef0",
        "architecture": "arm64",
        "rootDeviceName": "/dev/xvda",
    },
    "getAvailabilityZone": lambda args: {
        "id": args["name"],
        "zoneId": f"use1-az{1 + 'abcdef'.index(args['name'][-1])}",
        "region": args["name"][:-1],
    },
    "getManagedPrefixList": lambda args: {"id": f"pl-{args.get('name', 'x')[-12:]}", "name": args.get("name", "")},
    "getPrefixList": lambda args: {"id": "pl-63a5400a", "name": args.get("name", ""), "cidrBlocks": []},
    "getZone": lambda args: {
        "id": "Z0123456789ABCDEFGHIJ",
        "zoneId": "Z0123456789ABCDEFGHIJ",
        "name": args.get("name", ""),
        "arn": "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
    },
    "getServiceAccount": lambda _: {"arn": "arn:aws:iam::127311923021:root", "id": "127311923021"},
    "getCanonicalUserId": lambda _: {"id": "0" * 64},
    "getRepository": lambda args: {
        "name": args["name"],
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{args['name']}",
        "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{args['name']}",
        "registryId": ACCOUNT,
        "id": args["name"],
    },
    "getImages": lambda args: {"id": args["repositoryName"], "imageIds": []},
    "getAuthorizationToken": lambda _: {
        "authorizationToken": "QVdTOnRva2Vu",
        "userName": "AWS",
        "password": "token",
        "proxyEndpoint": f"https://{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com",
        "expiresAt": "2026-11-22T00:00:00Z",
        "id": REGION,
    },
    "getPolicyDocument": lambda args: {"json": "{}", "minifiedJson": "{}", "id": "1", **args},
    "getVpc": lambda args: {
        "id": args.get("id", "vpc-1"),
        "cidrBlock": "10.0.0.0/16",
        "ipv6CidrBlock": "2600:1f18:1234:5600::/56",
    },
    "getSubnet": lambda args: {"id": args.get("id", "subnet-1"), "cidrBlock": "10.0.0.0/24"},
    "getNetworkInterfaces": lambda _: {"ids": ["eni-1"], "id": REGION},
}
