"""The media nodes: an Auto Scaling group that replaces what fails and lets calls end on what goes."""

import base64
import json
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.data import Cache
from infra.components.instances import launch_template, tags
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
    """The group; nobody can log in to its instances. `after` must be there before one starts.

    Media flows straight to them: WebRTC needs an address that travellers reach.
    """
    host: Output[str | None] = Output.from_input(cache.host if cache else None)
    keys = [context.arn("ssm", f"parameter{context.path}/{key}") for key in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")]
    opens = {"StringEquals": {"kms:ViaService": f"ssm.{context.region}.amazonaws.com"}}
    template = launch_template(
        name,
        context,
        instance_type=settings.instance_type,
        processor=settings.processor,
        disk=16,
        group_id=group_id,
        script=Output.all(log_group.name, host).apply(lambda known: script(context, settings, known[0], known[1])),
        statements=[
            iam.allow(["ssm:GetParameter"], keys),
            iam.allow(["kms:Decrypt"], context.key_arn, condition=opens),
            iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], Output.concat(log_group.arn, ":*")),
        ],
        description="A media node",
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
        launch_template=template,
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
        tags=[{"key": key, "value": value, "propagate_at_launch": True} for key, value in tags(name, context).items()],
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=list(after))),
    )
