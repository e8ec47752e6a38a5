"""Who reaches the API, over what, past which rules, and what stays of it."""

import re
from pathlib import Path

import pytest
from infra_mocks import ACCOUNT, PROD, STAGING, Recorded, broken_rules, context, run, settings

from infra.components.edge import Edge, EdgeArgs

ROOT = Path(__file__).parents[3]
SUBNETS = {"public": ["subnet-public-a", "subnet-public-b"], "private": ["subnet-private-a", "subnet-private-b"]}


def edge(base: object = PROD, *, preview: bool = False, **changes: object) -> Recorded:
    def build() -> None:
        args = EdgeArgs(
            context=context(settings(base, **changes)),
            vpc_id="vpc-1",
            vpc_cidr="10.0.0.0/16",
            public_subnet_ids=SUBNETS["public"],
            private_subnet_ids=SUBNETS["private"],
        )
        Edge("edge", args)

    return run(build, preview=preview)


SHAPES = {
    "domain": (PROD, {}),
    "cloudfront": (PROD, {"edge": {"cloudfront": True}}),
    "no domain": (STAGING, {}),
    "elsewhere": (
        PROD,
        {
            "edge": {"cloudfront": True},
            "aws": {"account": ACCOUNT, "region": "eu-west-1", "zones": ["eu-west-1a", "eu-west-1b"]},
        },
    ),
}


@pytest.fixture(scope="module")
def shapes() -> dict[str, Recorded]:
    return {name: edge(base, **changes) for name, (base, changes) in SHAPES.items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_way_in_from_the_internet_is_https(shapes: dict[str, Recorded], shape: str) -> None:
    recorded = shapes[shape]
    for listener in recorded.all("aws.lb.Listener"):
        balancer = recorded.by_id(listener.inputs["loadBalancerArn"])
        (action,) = listener.inputs["defaultActions"]
        if listener.inputs["protocol"] == "HTTPS":
            assert listener.inputs["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-")
            header = "routingHttpResponseStrictTransportSecurityHeaderValue"
            assert int(re.findall(r"max-age=(\d+)", listener.inputs[header])[0]) >= 31_536_000
        elif not balancer.inputs["internal"]:
            assert action == {
                "type": "redirect",
                "redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"},
            }
    for distribution in recorded.all("aws.cloudfront.Distribution"):
        behaviors = [
            distribution.inputs["defaultCacheBehavior"],
            *distribution.inputs.get("orderedCacheBehaviors", []),
        ]
        assert {behavior["viewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_load_balancer_lets_in_only_whom_it_serves_and_reaches_only_the_api(
    shapes: dict[str, Recorded], shape: str
) -> None:
    recorded = shapes[shape]
    internal = recorded.one("aws.lb.LoadBalancer").inputs["internal"]
    ingress = [
        (rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs.get("cidrIpv4"), rule.inputs.get("prefixListId"))
        for rule in recorded.all("aws.vpc.SecurityGroupIngressRule")
    ]
    if internal:
        secure = recorded.one("aws.lb.Listener").inputs["protocol"] == "HTTPS"
        port = 443 if secure else 80
        assert ingress == [(port, port, None, "pl-rigin-facing")]
        assert recorded.one("aws.lb.LoadBalancer").inputs["subnets"] == SUBNETS["private"]
    else:
        assert sorted(ingress) == [(80, 80, "0.0.0.0/0", None), (443, 443, "0.0.0.0/0", None)]
        assert recorded.one("aws.lb.LoadBalancer").inputs["subnets"] == SUBNETS["public"]
    egress = recorded.one("aws.vpc.SecurityGroupEgressRule").inputs
    assert (egress["fromPort"], egress["toPort"], egress["cidrIpv4"]) == (8000, 8000, "10.0.0.0/16")
    # Rules inside the group would be fought over with the rules beside it.
    group = recorded.one("aws.ec2.SecurityGroup").inputs
    assert "ingress" not in group
    assert "egress" not in group


@pytest.mark.parametrize("shape", SHAPES)
def test_buckets_are_private_encrypted_and_refuse_plain_http(shapes: dict[str, Recorded], shape: str) -> None:
    recorded = shapes[shape]
    for bucket in recorded.all("aws.s3.Bucket"):
        name = bucket.outputs["bucket"]

        def of(kind: str, name: str = name) -> dict:
            (found,) = [r for r in recorded.all(f"aws.s3.{kind}") if r.inputs["bucket"] == name]
            return found.inputs

        block = of("BucketPublicAccessBlock")
        assert all(
            block[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        )
        assert of("BucketServerSideEncryptionConfiguration")["rules"]
        (policy,) = [r for r in recorded.all("aws.s3.BucketPolicy") if r.inputs["bucket"] == name]
        assert policy.json("policy")["Version"] == "2012-10-17"
        statements = policy.json("policy")["Statement"]
        deny = next(s for s in statements if s["Effect"] == "Deny")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert deny["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        for statement in statements:
            if statement["Effect"] == "Allow":
                assert list(statement["Principal"]) == ["Service"]
                assert set(statement["Action"]) <= {"s3:PutObject", "s3:GetObject"}
                conditions = str(statement["Condition"])
                assert ACCOUNT in conditions
                assert "aws:SourceArn" in conditions


@pytest.mark.parametrize("shape", SHAPES)
def test_certificates_are_proven_by_dns_before_anything_uses_them(shapes: dict[str, Recorded], shape: str) -> None:
    recorded = shapes[shape]
    valid = {r.outputs["certificateArn"]: r for r in recorded.all("aws.acm.CertificateValidation")}
    used = [r.inputs["certificateArn"] for r in recorded.all("aws.lb.Listener") if "certificateArn" in r.inputs]
    used += [
        r.inputs["viewerCertificate"]["acmCertificateArn"]
        for r in recorded.all("aws.cloudfront.Distribution")
        if "acmCertificateArn" in r.inputs["viewerCertificate"]
    ]
    assert set(used) == set(valid)
    for distribution in recorded.all("aws.cloudfront.Distribution"):
        arn = distribution.inputs["viewerCertificate"].get("acmCertificateArn", "arn:aws:acm:us-east-1:")
        assert arn.startswith("arn:aws:acm:us-east-1:")
    for validation in valid.values():
        proofs = {r.outputs["fqdn"] for r in recorded.all("aws.route53.Record") if r.inputs["type"] == "CNAME"}
        assert set(validation.inputs["validationRecordFqdns"]) <= proofs


@pytest.mark.parametrize("shape", SHAPES)
def test_no_rule_of_the_policy_pack_is_broken(shapes: dict[str, Recorded], shape: str) -> None:
    assert broken_rules(shapes[shape], "staging" if shape == "no domain" else "prod") == []


def test_cloudfronts_firewall_log_has_a_key_in_its_own_region(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["elsewhere"]
    key, group = recorded.one("aws.kms.Key"), recorded.one("aws.cloudwatch.LogGroup")
    assert key.inputs["region"] == group.inputs["region"] == "us-east-1"
    assert group.inputs["kmsKeyId"] == key.outputs["arn"]
    allowed = key.json("policy")["Statement"][1]
    assert allowed["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"].endswith(group.inputs["name"])
    assert shapes["cloudfront"].all("aws.kms.Key") == []


def test_one_name_in_two_regions_is_proven_by_one_record(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["elsewhere"]
    assert {r.inputs["region"] for r in recorded.all("aws.acm.Certificate")} == {"eu-west-1", "us-east-1"}
    assert len([r for r in recorded.all("aws.route53.Record") if r.inputs["type"] == "CNAME"]) == 1


def test_without_a_domain_cloudfront_alone_reaches_an_internal_load_balancer(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["no domain"]
    balancer = recorded.one("aws.lb.LoadBalancer")
    origin = recorded.one("aws.cloudfront.VpcOrigin")
    assert balancer.inputs["internal"]
    assert origin.inputs["vpcOriginEndpointConfig"]["arn"] == balancer.outputs["arn"]
    assert origin.inputs["vpcOriginEndpointConfig"]["originProtocolPolicy"] == "http-only"
    distribution = recorded.one("aws.cloudfront.Distribution")
    assert distribution.inputs["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert recorded.one("aws.lb.Listener").urn in origin.depends_on
    component = recorded.one("polyglot.edge.Edge")
    assert recorded.component_outputs[component.urn]["url"] == "https://d111111abcdef8.cloudfront.net"


def test_with_a_domain_through_cloudfront_both_hops_are_tls(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["cloudfront"]
    origin = recorded.one("aws.cloudfront.VpcOrigin").inputs["vpcOriginEndpointConfig"]
    assert origin["originProtocolPolicy"] == "https-only"
    distribution = recorded.one("aws.cloudfront.Distribution").inputs
    assert distribution["aliases"] == ["voice.example.com"]
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(("shape", "kinds"), [("domain", {"A"}), ("cloudfront", {"A", "AAAA"}), ("no domain", set())])
def test_the_domain_points_at_the_edge(shapes: dict[str, Recorded], shape: str, kinds: set[str]) -> None:
    aliases = [r for r in shapes[shape].all("aws.route53.Record") if "aliases" in r.inputs]
    assert {r.inputs["type"] for r in aliases} == kinds
    assert {r.inputs["name"] for r in aliases} <= {"voice.example.com"}


@pytest.mark.parametrize("shape", ["cloudfront", "no domain"])
def test_the_api_is_never_cached_and_gets_all_that_the_traveller_sent(shapes: dict[str, Recorded], shape: str) -> None:
    distribution = shapes[shape].one("aws.cloudfront.Distribution").inputs
    behaviors = [distribution["defaultCacheBehavior"], *distribution.get("orderedCacheBehaviors", [])]
    to_api = [b for b in behaviors if b["targetOriginId"] == "api"]
    assert to_api
    for behavior in to_api:
        assert behavior["cachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behavior["originRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"
        assert "POST" in behavior["allowedMethods"]


@pytest.mark.parametrize("shape", SHAPES)
def test_health_moves_traffic_within_ten_seconds(shapes: dict[str, Recorded], shape: str) -> None:
    for group in shapes[shape].all("aws.lb.TargetGroup"):
        check = group.inputs["healthCheck"]
        assert (check["path"], check["matcher"]) == ("/health", "200")
        assert check["interval"] * check["unhealthyThreshold"] <= 10
        assert check["timeout"] < check["interval"]
        assert group.inputs["deregistrationDelay"] <= 30


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_stays_with_the_task_that_watches_its_session(shapes: dict[str, Recorded], shape: str) -> None:
    for group in shapes[shape].all("aws.lb.TargetGroup"):
        stays = group.inputs["stickiness"]
        assert (stays["enabled"], stays["type"], stays["cookieDuration"]) == (True, "lb_cookie", 3600)


def test_a_delete_of_prod_is_refused_until_it_is_allowed() -> None:
    kept, allowed = edge(PROD), edge(PROD, guard={"allow_destroy": True})
    assert kept.one("aws.lb.LoadBalancer").protect
    assert kept.one("aws.lb.LoadBalancer").inputs["enableDeletionProtection"]
    assert kept.one("aws.s3.Bucket").protect
    assert kept.one("aws.s3.Bucket").retain_on_delete
    assert not allowed.one("aws.lb.LoadBalancer").protect
    assert not allowed.one("aws.lb.LoadBalancer").inputs["enableDeletionProtection"]
    assert allowed.one("aws.s3.Bucket").inputs["forceDestroy"]


@pytest.mark.parametrize("shape", SHAPES)
def test_who_asked_is_logged_and_forgotten_in_time(shapes: dict[str, Recorded], shape: str) -> None:
    recorded = shapes[shape]
    balancer = recorded.one("aws.lb.LoadBalancer")
    logs = recorded.one("aws.s3.Bucket", "edge-logs").outputs["bucket"]
    assert balancer.inputs["accessLogs"]["bucket"] == balancer.inputs["connectionLogs"]["bucket"] == logs
    assert recorded.one("aws.s3.BucketPolicy", "edge-logs").urn in balancer.depends_on
    (rule,) = recorded.one("aws.s3.BucketLifecycleConfiguration").inputs["rules"]
    assert rule["expiration"] == {"days": 90}
    for distribution in recorded.all("aws.cloudfront.Distribution"):
        assert recorded.one("aws.cloudwatch.LogDeliverySource").inputs["resourceArn"] == distribution.outputs["arn"]


def test_the_firewall_stands_where_traffic_comes_in(shapes: dict[str, Recorded]) -> None:
    at_balancer, at_cloudfront = shapes["domain"], shapes["elsewhere"]
    acl = at_balancer.one("aws.wafv2.WebAcl")
    association = at_balancer.one("aws.wafv2.WebAclAssociation").inputs
    assert acl.inputs["scope"] == "REGIONAL"
    assert association["resourceArn"] == at_balancer.one("aws.lb.LoadBalancer").outputs["arn"]
    acl = at_cloudfront.one("aws.wafv2.WebAcl")
    assert (acl.inputs["scope"], acl.inputs["region"]) == ("CLOUDFRONT", "us-east-1")
    assert at_cloudfront.one("aws.cloudfront.Distribution").inputs["webAclId"] == acl.outputs["arn"]
    assert at_cloudfront.all("aws.wafv2.WebAclAssociation") == []


def test_the_firewall_limits_rates_and_spares_the_apis_own_bodies(shapes: dict[str, Recorded]) -> None:
    acl = shapes["domain"].one("aws.wafv2.WebAcl").inputs
    rules = {rule["name"]: rule for rule in acl["rules"]}
    assert len({rule["priority"] for rule in acl["rules"]}) == len(rules)
    rate = rules["rate"]["statement"]["rateBasedStatement"]
    assert (rate["limit"], rate["aggregateKeyType"]) == (2000, "IP")
    assert rate["scopeDownStatement"]["notStatement"]["statement"]["byteMatchStatement"]["searchString"] == (
        "/v1/livekit/webhook"
    )
    common = rules["common"]["statement"]["managedRuleGroupStatement"]
    assert [override["name"] for override in common["ruleActionOverrides"]] == ["SizeRestrictions_BODY"]
    label, exception = rules["large-bodies"]["statement"]["andStatement"]["statements"]
    assert label["labelMatchStatement"]["key"].endswith("SizeRestrictions_Body")
    assert exception["notStatement"]["statement"]["byteMatchStatement"] == {
        "searchString": "/v1/",
        "positionalConstraint": "STARTS_WITH",
        "fieldToMatch": {"uriPath": {}},
        "textTransformations": [{"priority": 0, "type": "NONE"}],
    }


def test_the_firewalls_log_has_the_name_that_waf_demands_and_no_credentials(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["domain"]
    logging = recorded.one("aws.wafv2.WebAclLoggingConfiguration").inputs
    assert recorded.one("aws.cloudwatch.LogGroup").inputs["name"].startswith("aws-waf-logs-")
    assert {field["singleHeader"]["name"] for field in logging["redactedFields"]} == {"authorization", "cookie"}


def test_staging_may_go_without_a_firewall() -> None:
    assert edge(STAGING, edge={"waf": False}).all("aws.wafv2.WebAcl") == []


@pytest.mark.parametrize("shape", ["elsewhere", "domain"])
def test_a_first_preview_does_not_need_what_only_aws_knows(shape: str) -> None:
    base, changes = SHAPES[shape]
    assert edge(base, preview=True, **changes).one("aws.lb.LoadBalancer")


def test_only_listed_addresses_reach_an_internal_load_balancer() -> None:
    recorded = edge(PROD, edge={"internal": True, "allow": ["203.0.113.0/24", "198.51.100.7/32"]})
    rules = recorded.all("aws.vpc.SecurityGroupIngressRule")
    assert {rule.inputs.get("cidrIpv4") for rule in rules} == {"203.0.113.0/24", "198.51.100.7/32"}
