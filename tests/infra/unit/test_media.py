"""Our own media server: who reaches it, who may read its keys, and how a node leaves."""

import base64
import json
import re
import subprocess
from typing import Any

import pytest
from infra_mocks import ACCOUNT, KEY_ARN, PROD, REGION, STAGING, Recorded, broken_rules, context, run, settings

from infra.components.data import Data, DataArgs
from infra.components.media import MediaServer, MediaServerArgs
from infra.components.media.nodes import architecture
from infra.settings import SettingsError

IMAGE = f"livekit/livekit-server@sha256:{'a' * 64}"
OWN = {"url": None, "self_hosted": True, "domain": "media.example.com", "image": IMAGE}


def media(base: object = PROD, *, preview: bool = False, nodes: int = 1, **changes: object) -> Recorded:
    def build() -> None:
        here = context(settings(base, livekit={**OWN, "nodes": nodes}, **changes))
        data = Data("data", DataArgs(here, "vpc-1", ["subnet-isolated"], {"api": "sg-api"}))
        webhook = "https://voice.example.com/v1/livekit/webhook"
        MediaServer("media", MediaServerArgs(here, "vpc-1", ["subnet-a", "subnet-b"], webhook, data.cache))

    return run(build, preview=preview)


@pytest.fixture(scope="module")
def one() -> Recorded:
    return media()


@pytest.fixture(scope="module")
def three() -> Recorded:
    return media(nodes=3, data={"valkey": True})


def script(recorded: Recorded) -> str:
    return base64.b64decode(recorded.one("aws.ec2.LaunchTemplate").inputs["userData"]).decode()


def configuration(recorded: Recorded) -> dict[str, Any]:
    text = re.findall(r"<<'CONFIG'\n(.*?)\nCONFIG\n", script(recorded), re.DOTALL)[0]
    return json.loads(base64.b64decode(text))


def test_travellers_reach_media_ports_and_nothing_else_of_a_node(one: Recorded) -> None:
    rules = [r.inputs for r in one.all("aws.vpc.SecurityGroupIngressRule") if r.inputs["securityGroupId"] == "media-id"]
    open_to_all = sorted(
        (r["ipProtocol"], r["fromPort"], r["toPort"]) for r in rules if r.get("cidrIpv4") == "0.0.0.0/0"
    )
    assert open_to_all == [("tcp", 7881, 7881), ("udp", 50000, 60000)]
    behind = {(r["referencedSecurityGroupId"], r["fromPort"], r["toPort"]) for r in rules if "cidrIpv4" not in r}
    assert behind == {
        ("media-signal-id", 7880, 7880),
        ("media-turn-id", 443, 443),
        ("media-turn-id", 7880, 7880),
    }


def test_load_balancers_take_443_only_and_end_tls_with_a_proven_certificate(one: Recorded) -> None:
    certificate = one.one("aws.acm.CertificateValidation").outputs["certificateArn"]
    names = one.one("aws.acm.Certificate").inputs
    assert [names["domainName"], *names["subjectAlternativeNames"]] == ["media.example.com", "turn.media.example.com"]
    assert len([r for r in one.all("aws.route53.Record") if r.inputs["type"] == "CNAME"]) == 2
    listeners = {listener.inputs["protocol"]: listener.inputs for listener in one.all("aws.lb.Listener")}
    assert set(listeners) == {"HTTPS", "TLS"}
    for listener in listeners.values():
        assert listener["port"] == 443
        assert listener["certificateArn"] == certificate
        assert listener["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-")
    for balancer in one.all("aws.lb.LoadBalancer"):
        (group,) = balancer.inputs["securityGroups"]
        doors = [r.inputs for r in one.all("aws.vpc.SecurityGroupIngressRule") if r.inputs["securityGroupId"] == group]
        assert [(door["fromPort"], door["toPort"]) for door in doors] == [(443, 443)]
        assert balancer.inputs["accessLogs"]["enabled"]
        assert balancer.protect


def test_names_point_at_their_load_balancers(one: Recorded) -> None:
    aliases = {
        r.inputs["name"]: r.inputs["aliases"][0]["name"] for r in one.all("aws.route53.Record") if "aliases" in r.inputs
    }
    dns = {balancer.name: balancer.outputs["dnsName"] for balancer in one.all("aws.lb.LoadBalancer")}
    assert aliases == {"media.example.com": dns["media-signal"], "turn.media.example.com": dns["media-turn"]}


def test_a_node_reads_its_two_keys_and_nothing_else_of_the_stack(one: Recorded) -> None:
    statements = one.one("aws.iam.RolePolicy", "media").json("policy")["Statement"]
    by_action = {statement["Action"][0]: statement for statement in statements}
    parameters = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/polyglot/prod"
    assert by_action["ssm:GetParameter"]["Resource"] == [
        f"{parameters}/LIVEKIT_API_KEY",
        f"{parameters}/LIVEKIT_API_SECRET",
    ]
    assert by_action["kms:Decrypt"]["Resource"] == KEY_ARN
    assert by_action["kms:Decrypt"]["Condition"] == {"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}}
    for statement in statements:
        assert statement["Resource"] != "*"
        assert not any("*" in action for action in statement["Action"])
    group = one.one("aws.autoscaling.Group").inputs["name"]
    assert by_action["autoscaling:CompleteLifecycleAction"]["Resource"].endswith(f"autoScalingGroupName/{group}")


def test_no_rule_of_the_policy_pack_is_broken(one: Recorded, three: Recorded) -> None:
    assert broken_rules(one, "prod") == broken_rules(three, "prod") == []


def test_nobody_logs_in_and_metadata_needs_a_token(one: Recorded) -> None:
    template = one.one("aws.ec2.LaunchTemplate").inputs
    assert "keyName" not in template
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    ports = {r.inputs["fromPort"] for r in one.all("aws.vpc.SecurityGroupIngressRule")}
    assert not ports & {22, 3389}


def test_the_start_script_holds_no_key_and_is_valid(one: Recorded) -> None:
    text = script(one)
    assert len(text) < 16_384
    assert subprocess.run(["bash", "-n"], input=text, text=True, timeout=10, check=False).returncode == 0  # noqa: S607
    for name in ("KEYS", "LEAVE"):
        inner = re.findall(rf"<<'{name}'\n(.*?)\n{name}\n", text, re.DOTALL)[0]
        assert subprocess.run(["bash", "-n"], input=inner, text=True, timeout=10, check=False).returncode == 0  # noqa: S607
    compile(re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", text, re.DOTALL)[0], "keys", "exec")
    assert "LIVEKIT_API_SECRET" in text
    assert "secret:" not in json.dumps(configuration(one))
    assert "keys" not in configuration(one)
    assert f"  {IMAGE} --config" in text
    for flag in ("--read-only", "--user 65532:65532", "--cap-drop ALL", "no-new-privileges"):
        assert flag in text


def test_the_server_is_told_the_ports_that_the_security_groups_open(one: Recorded) -> None:
    told = configuration(one)
    assert (told["port"], told["rtc"]["tcp_port"]) == (7880, 7881)
    assert (told["rtc"]["port_range_start"], told["rtc"]["port_range_end"]) == (50000, 60000)
    # LiveKit tells clients the port on which it listens, so behind the load balancer's 443 it must be 443 too.
    assert told["turn"] == {"enabled": True, "domain": "turn.media.example.com", "tls_port": 443, "external_tls": True}
    assert told["webhook"]["urls"] == ["https://voice.example.com/v1/livekit/webhook"]
    assert "redis" not in told


def test_several_nodes_share_the_cache_over_tls(three: Recorded) -> None:
    redis = configuration(three)["redis"]
    host = three.one("aws.elasticache.ServerlessCache").outputs["endpoints"][0]["address"]
    assert redis["cluster_addresses"] == [f"{host}:6379"]
    assert redis["tls"] == {"enabled": True, "insecure": False, "server_name": host}
    door = three.one("aws.vpc.SecurityGroupIngressRule", "media-cache").inputs
    assert (door["securityGroupId"], door["referencedSecurityGroupId"]) == ("data-cache-id", "media-id")
    group = three.one("aws.autoscaling.Group").inputs
    assert (group["minSize"], group["desiredCapacity"]) == (3, 3)


def test_a_node_drains_before_it_goes_and_a_new_one_stands_first(one: Recorded) -> None:
    group = one.one("aws.autoscaling.Group").inputs
    (hook,) = group["initialLifecycleHooks"]
    assert hook["lifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert f"--lifecycle-hook-name {hook['name']}" in script(one)
    assert f"docker stop -t {hook['heartbeatTimeout']}" in script(one)
    assert group["instanceRefresh"]["preferences"] == {"minHealthyPercentage": 100, "maxHealthyPercentage": 200}
    assert group["healthCheckType"] == "ELB"


def test_the_firewall_lets_tokens_in_the_query_pass(one: Recorded) -> None:
    rules = {rule["name"]: rule for rule in one.one("aws.wafv2.WebAcl").inputs["rules"]}
    overrides = rules["common"]["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
    assert {override["name"] for override in overrides} == {"SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING"}


def test_buckets_for_logs_refuse_plain_http(one: Recorded) -> None:
    statements = one.one("aws.s3.BucketPolicy").json("policy")["Statement"]
    assert statements[0]["Effect"] == "Deny"
    assert all("aws:SourceAccount" in str(s["Condition"]) for s in statements if s["Effect"] == "Allow")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"livekit": {**OWN, "nodes": 2}}, r"data\.valkey: must be true"),
        ({"livekit": {**OWN, "image": None}}, r"livekit\.image: our own media server needs its image by digest"),
    ],
)
def test_what_cannot_work_is_refused_by_the_settings(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings(STAGING, **change)


@pytest.mark.parametrize(
    ("size", "processor"),
    [("c7g.large", "arm64"), ("m8gd.xlarge", "arm64"), ("c6i.large", "x86_64"), ("g4dn.xlarge", "x86_64")],
)
def test_the_image_fits_the_processor(size: str, processor: str) -> None:
    assert architecture(size) == processor


def test_a_first_preview_does_not_need_what_only_aws_knows() -> None:
    assert media(preview=True, nodes=2, data={"valkey": True}).one("aws.autoscaling.Group")
