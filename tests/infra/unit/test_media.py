"""A media server of one's own: what stands where, what its nodes do when they start, and whether LiveKit's own server takes it."""

import base64
import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from infra_mocks import MEDIA, Recorded, broken_rules, declared, settings
from unprivileged import may_make_namespaces

from cli.stack.media import find_server
from cli.stack.processes import StartError
from infra.components.media.nodes import config
from infra.settings import SettingsError


@pytest.fixture(scope="module")
def stack() -> Recorded:
    return declared(settings(MEDIA, media={"nodes": 2}, data={"valkey": True}))


def test_it_obeys_every_rule(stack: Recorded) -> None:
    assert broken_rules(stack, "media") == []
    assert broken_rules(stack, "prod") == []  # as a stack is judged whose environment is not known


def test_travellers_reach_what_they_must_and_nothing_else(stack: Recorded) -> None:
    groups = {group.id: group.name for group in stack.all("aws.ec2.SecurityGroup")}
    opened = {
        (
            groups[rule.inputs["securityGroupId"]],
            rule.inputs["ipProtocol"],
            rule.inputs["fromPort"],
            rule.inputs["toPort"],
        )
        for rule in stack.all("aws.vpc.SecurityGroupIngressRule")
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0"
    }
    assert opened == {
        ("media-entrance", "tcp", 443, 443),
        ("media-entrance", "tcp", 5349, 5349),
        ("media-nodes", "udp", 50000, 60000),
        ("media-nodes", "tcp", 7881, 7881),
        ("media-nodes", "udp", 3478, 3478),
    }
    listeners = {listener.inputs["port"]: listener.inputs for listener in stack.all("aws.lb.Listener")}
    assert set(listeners) == {443, 5349}
    assert all(one["protocol"] == "TLS" and one["certificateArn"] for one in listeners.values())


def test_what_carries_calls_is_protected(stack: Recorded) -> None:
    for kind in ("aws.lb.LoadBalancer", "aws.autoscaling.Group", "aws.lb.Listener", "aws.elasticache.ServerlessCache"):
        assert all(made.protect for made in stack.all(kind)), kind
    assert stack.one("aws.lb.LoadBalancer").inputs["enableDeletionProtection"] is True


def test_a_node_may_read_its_two_keys_and_write_its_log(stack: Recorded) -> None:
    (policy,) = [one for one in stack.all("aws.iam.RolePolicy") if one.name == "media"]
    actions = {action for statement in policy.json("policy")["Statement"] for action in statement["Action"]}
    assert actions == {"ssm:GetParameter", "kms:Decrypt", "logs:CreateLogStream", "logs:PutLogEvents"}


def user_data(stack: Recorded) -> str:
    return base64.b64decode(stack.one("aws.ec2.LaunchTemplate").inputs["userData"]).decode()


def test_no_secret_is_in_what_a_node_is_started_with(stack: Recorded) -> None:
    text = user_data(stack)
    assert len(text) < 16_384  # what EC2 takes
    assert MEDIA["media"]["image"] in text
    assert "@" not in text.replace("@sha256", "").replace("@key@", "")  # every mark is filled in


STUBS = {
    "aws": 'case "$*" in *LIVEKIT_API_KEY*) echo APIkey;; *LIVEKIT_API_SECRET*) echo s3cr3t;; esac',
    "curl": "echo Terminated",
    "install": 'while [ $# -gt 0 ]; do case "$1" in -o|-g) shift;; *) kept="$kept $1";; esac; shift; done; /usr/bin/install $kept',
    **dict.fromkeys(("dnf", "sysctl", "systemctl", "chown", "sleep", "shutdown", "docker"), ":"),
}
SANDBOX = """
set -e
for place in /etc /run /usr/local; do mount -t tmpfs none $place; done
mkdir -p /etc/sysctl.d /etc/systemd/system /usr/local/bin
bash "$1" > /dev/null
/usr/local/bin/media-keys
stat -c '%a' /run/media/keys.yaml /run/media/config.yaml
cat /run/media/keys.yaml
/usr/local/bin/media-leave
cat /run/media/config.yaml
"""


def test_a_node_reads_its_keys_starts_the_server_and_leaves_when_it_is_taken_away(
    stack: Recorded, tmp_path: Path
) -> None:
    may_make_namespaces()
    script, stubs = tmp_path / "node.sh", tmp_path / "bin"
    script.write_text(user_data(stack), encoding="utf-8")
    stubs.mkdir()
    for name, body in STUBS.items():
        (stubs / name).write_text(f'#!/bin/bash\necho "{name} $*" >> {tmp_path}/called\n{body}\n', encoding="utf-8")
        (stubs / name).chmod(0o755)
    command = ["unshare", "-rnmp", "--fork", "--kill-child", "--propagation", "private", "bash", "-c", SANDBOX, "x"]
    path = {"PATH": f"{stubs}:/usr/bin:/bin:/usr/sbin:/sbin"}
    done = subprocess.run(  # noqa: S603 - our own words
        [*command, str(script)], capture_output=True, text=True, check=False, timeout=25, env=path
    )
    assert done.returncode == 0, done.stderr
    modes, keys, text = done.stdout.split("\n", 3)[:2], done.stdout.split("\n")[2], done.stdout.split("\n", 3)[3]
    assert modes == ["600", "600"]
    assert keys == "APIkey: s3cr3t"
    assert json.loads(text)["webhook"]["api_key"] == "APIkey"
    assert "s3cr3t" not in text
    called = (tmp_path / "called").read_text().splitlines()
    assert "systemctl enable --now media.service media-leave.service" in called
    assert called[-1] == "systemctl stop media"  # it drains: no new room comes


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_livekit_s_own_server_takes_the_configuration(tmp_path: Path) -> None:
    try:
        server = find_server()
    except StartError as error:
        pytest.skip(str(error))
    own = settings(MEDIA).media
    assert own is not None
    made = config(own, None)
    made["port"], made["rtc"]["tcp_port"] = free(), free()
    made["turn"] |= {"udp_port": free(), "tls_port": free(), "bind_addresses": ["127.0.0.1"]}
    made["rtc"] |= {"use_external_ip": False, "node_ip": "127.0.0.1"}
    made["webhook"] = {"urls": [], "api_key": "APIkey"}
    made["bind_addresses"] = ["127.0.0.1"]
    (tmp_path / "config.yaml").write_text(json.dumps(made))
    (tmp_path / "keys.yaml").write_text(f"APIkey: {'s' * 32}\n")
    (tmp_path / "keys.yaml").chmod(0o600)
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(  # noqa: S603 - the media server
        [server, "--config", tmp_path / "config.yaml", "--key-file", tmp_path / "keys.yaml"], stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                assert httpx2.get(f"http://127.0.0.1:{made['port']}/", timeout=2).status_code == 200
                break
            except httpx2.HTTPError:
                assert time.monotonic() < until
                time.sleep(0.1)
        socket.create_connection(
            ("127.0.0.1", made["turn"]["tls_port"]), timeout=2
        ).close()  # in plain: TLS ends before it
    finally:
        process.kill()  # nobody is in a room
        process.wait(15)
        log.close()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"network": {"nat": "per_az"}}, "network.nat: media nodes have addresses of their own"),
        ({"data": {"database": "postgres"}}, "data.database: a media server has none"),
        ({"media": {"nodes": 2}}, "data.valkey: several media nodes find each other in it"),
        ({"environment": "staging"}, "media: is the section of the stack media"),
        ({"media": {"image": "livekit/livekit-server:latest"}}, "polyglot:media.image"),
        ({"media": {"webhooks": ["http://plain.example.com/x"]}}, "polyglot:media.webhooks"),
    ],
)
def test_what_cannot_be_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told.replace(".", r"\.")):
        settings(MEDIA, **changes)


def test_several_nodes_find_each_other_in_the_cache(stack: Recorded) -> None:
    host = stack.one("aws.elasticache.ServerlessCache").outputs["endpoints"][0]["address"]
    text = user_data(stack)
    encoded = text.split("<<'CONFIG'\n")[1].split("\nCONFIG")[0]
    redis = json.loads(base64.b64decode(encoded))["redis"]
    assert redis == {"cluster_addresses": [f"{host}:6379"], "tls": {"enabled": True, "server_name": host}}
