"""The media nodes: an Auto Scaling group that replaces what fails and lets calls end on what goes."""

import base64
import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.data import Cache
from infra.context import Context
from infra.settings.media import MediaSettings

SCRIPT: Final = Path(__file__).with_name("node.sh")
DRAIN_SECONDS: Final = 3600
"""How long calls may still last on a node that is going."""


class Port(IntEnum):
    """What listens on a node. Source: LiveKit's documentation, "Ports and firewall"."""

    TURN_UDP = 3478
    TURN_TLS = 5349
    """TURN, its TLS ended by the load balancer before it."""
    SIGNAL = 7880
    """WebSocket and API, its TLS ended by the load balancer before it."""
    MEDIA_TCP = 7881
    """Media over TCP (DTLS-SRTP), for networks without UDP."""
    MEDIA_FIRST = 50_000
    MEDIA_LAST = 60_000
    """Media over UDP (DTLS-SRTP)."""


def config(settings: MediaSettings, cache_host: str | None) -> dict[str, Any]:
    """The server's configuration, with a mark where the key's name comes. Source: livekit-server v1.13.5, config-sample.yaml."""
    # A serverless cache speaks the cluster's protocol, and TLS only.
    shared = {"cluster_addresses": [f"{cache_host}:{Cache.port}"], "tls": {"enabled": True, "server_name": cache_host}}
    return {
        "port": int(Port.SIGNAL),
        "rtc": {
            "port_range_start": int(Port.MEDIA_FIRST),
            "port_range_end": int(Port.MEDIA_LAST),
            "tcp_port": int(Port.MEDIA_TCP),
            "use_external_ip": True,
        },
        "turn": {
            "enabled": True,
            "domain": settings.turn_domain,
            "udp_port": int(Port.TURN_UDP),
            "tls_port": int(Port.TURN_TLS),
            "external_tls": True,
        },
        "webhook": {"urls": list(settings.webhooks), "api_key": "@key@"},
        "logging": {"json": True, "level": "info"},
        **({"redis": shared} if cache_host else {}),
    }


def script(context: Context, settings: MediaSettings, log_group: str, cache_host: str | None) -> str:
    """What a node does when it starts."""
    marks = {
        "config": base64.encodebytes(json.dumps(config(settings, cache_host)).encode()).decode().strip(),
        "region": context.region,
        "path": context.path,
        "log_group": log_group,
        "image": settings.image,
        "drain": str(DRAIN_SECONDS),
    }
    text = SCRIPT.read_text(encoding="utf-8")
    for name, value in marks.items():
        text = text.replace(f"@{name}@", value, -1 if name != "config" else 1)
    return text


def nodes(  # noqa: PLR0913 - what a group of instances stands on
    name: str,
    context: Context,
    settings: MediaSettings,
    *,
    subnet_ids: Input[list[str]],
    group_id: Input[str],
    target_group_arns: Sequence[Input[str]],
    log_group: aws.cloudwatch.LogGroup,
    cache: Cache | None,
    opts: ResourceOptions,
    after: Sequence[pulumi.Resource],
) -> aws.autoscaling.Group:
    """The group; nobody can log in to its instances. `after` must be there before one starts."""
    host: Output[str | None] = Output.from_input(cache.host if cache else None)
    data = Output.all(log_group.name, host).apply(
        lambda known: base64.b64encode(script(context, settings, known[0], known[1]).encode()).decode()
    )
    tags = {"Name": f"{context.name}-{name}", "polyglot:stack": str(context.settings.environment)}
    disk = {"encrypted": "true", "volume_type": "gp3", "volume_size": 16, "delete_on_termination": "true"}
    template = aws.ec2.LaunchTemplate(
        name,
        # Looked up when a node starts, so that a replacement has today's patches.
        image_id=f"resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{settings.processor}",
        instance_type=settings.instance_type,
        iam_instance_profile={"arn": _profile(name, context, log_group, opts).arn},
        user_data=data,
        # One hop: what runs in a container on a bridge could not ask for the node's role.
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        block_device_mappings=[_disk(disk)],
        # Media flows straight to the node: WebRTC needs an address that travellers reach.
        network_interfaces=[
            {
                "device_index": 0,
                "associate_public_ip_address": "true",
                "security_groups": [group_id],
                "delete_on_termination": "true",
            }
        ],
        tag_specifications=[{"resource_type": "instance", "tags": tags}],
        opts=opts,
    )
    return aws.autoscaling.Group(
        name,
        min_size=settings.nodes,
        desired_capacity=settings.nodes,
        max_size=settings.nodes * 2,
        vpc_zone_identifiers=subnet_ids,
        target_group_arns=list(target_group_arns),
        health_check_type="ELB",
        health_check_grace_period=300,
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        initial_lifecycle_hooks=[
            {
                "name": "drain",
                "lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "default_result": "CONTINUE",
                "heartbeat_timeout": DRAIN_SECONDS,
            }
        ],
        # A new node stands before an old one goes.
        instance_refresh={
            "strategy": "Rolling",
            "preferences": {"min_healthy_percentage": 100, "max_healthy_percentage": 200},
        },
        tags=[{"key": key, "value": value, "propagate_at_launch": True} for key, value in tags.items()],
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=list(after))),
    )


def _disk(disk: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the SDK's own
    return {"device_name": "/dev/xvda", "ebs": dict(disk)}


def _profile(
    name: str, context: Context, log_group: aws.cloudwatch.LogGroup, opts: ResourceOptions
) -> aws.iam.InstanceProfile:
    """May read its two keys and write its log; nothing else of the stack."""
    keys = [context.arn("ssm", f"parameter{context.path}/{key}") for key in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")]
    role = iam.role(
        name,
        context,
        trusted=iam.plain_trust("ec2.amazonaws.com"),
        description="A media node",
        statements=[
            iam.allow(["ssm:GetParameter"], keys),
            iam.allow(
                ["kms:Decrypt"],
                context.key_arn,
                condition={"StringEquals": {"kms:ViaService": f"ssm.{context.region}.amazonaws.com"}},
            ),
            iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], log_group.arn.apply(lambda arn: f"{arn}:*")),
        ],
        opts=opts,
    )
    return aws.iam.InstanceProfile(name, role=role.name, path=f"{context.path}/", opts=opts)
