"""The agent's service: nothing reaches it, and no call of it is cut by a deploy."""

import math
from collections.abc import Mapping, Sequence

from pulumi import Input, Resource

from infra import iam
from infra.components.cluster import Cluster
from infra.components.network import Network
from infra.components.secrets import Injected
from infra.components.service import BoundaryArgs, Container, Peer, ServiceArgs
from infra.components.service.container import probe
from infra.components.telemetry import Logs
from infra.context import Context
from infra.secrets_catalog import required
from infra.settings import Settings
from infra.stacks.api import PORT as API_PORT

NAME = "agent"
HEALTH_PORT = 8081


def boundary(context: Context, network: Network) -> BoundaryArgs:
    """No ingress rule at all: the worker dials out, and media is WebRTC from its side."""
    return BoundaryArgs(
        context=context,
        vpc_id=network.vpc_id,
        egress={
            "LiveKit, models and AWS": Peer(443),
            # Without UDP, media silently goes through a relay over TLS, and every answer comes later.
            "WebRTC media": Peer(1024, 65535, "udp"),
            "TURN over UDP": Peer(443, protocol="udp"),
            "WebRTC media over TCP": Peer(7881),
            "The API": Peer(API_PORT, cidr=network.cidr),
        },
    )


def service(  # noqa: PLR0913 - the service stands on this many others
    context: Context,
    *,
    image: Input[str],
    cluster: Cluster,
    network: Network,
    group_id: Input[str],
    logs: Logs,
    secrets: Mapping[str, Injected],
    alarm_names: Sequence[Input[str]],
    depends_on: Sequence[Resource],
) -> ServiceArgs:
    """The worker: protected while a call is live, and retired by itself when a newer version runs."""
    settings = context.settings.agent
    return ServiceArgs(
        context=context,
        cluster=cluster,
        settings=settings,
        container=Container(
            name=NAME,
            image=image,
            port=None,
            environment={**environment(context, cluster), **settings.variables},
            secrets=[secrets[name] for name in required(context.settings)[NAME]],
            health=probe(HEALTH_PORT, "/"),
            stop_timeout=settings.stop_timeout,
        ),
        subnet_ids=network.task_subnet_ids,
        public_addresses=network.tasks_have_public_addresses,
        group_id=group_id,
        log_group_name=logs.names[NAME],
        log_group_arn=logs.arns[NAME],
        statements=[
            iam.allow(
                ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
                context.arn("ecs", f"task/{cluster.name}/*"),
            ),
            # How an old task learns that a newer version runs; see agent/fleet.
            iam.allow(["ecs:DescribeServices"], context.arn("ecs", f"service/{cluster.name}/{NAME}")),
        ],
        alarm_names=alarm_names,
        spot=settings.spot,
        wait=False,
        depends_on=depends_on,
    )


def environment(context: Context, cluster: Cluster) -> Mapping[str, Input[str]]:
    """The agent's plain settings, as `docs/reference.md` names them."""
    settings = context.settings
    return {
        "LIVEKIT_URL": settings.livekit.server_url or "",
        "LIVEKIT_AGENT_NAME": settings.livekit.agent_name,
        "API_SERVER_URL": f"http://api.{cluster.namespace_name}:{API_PORT}",
        "POLYGLOT_AGENT_MAX_CALLS": str(settings.agent.calls_per_task),
        "POLYGLOT_AGENT_HEALTH_PORT": str(HEALTH_PORT),
        "POLYGLOT_ECS_SERVICE": NAME,
        # The library reads the host's CPUs otherwise, and plans for many more than the task has.
        "NUM_CPUS": str(math.ceil(settings.agent.cpu / 1024)),
        **models(settings),
    }


def models(settings: Settings) -> Mapping[str, str]:
    """Which models the agent uses; what is not set is left to the registry."""
    chosen = {
        "OPENAI_BASE_URL": settings.models.base_url,
        "POLYGLOT_REALTIME_MODEL": settings.models.realtime,
        "POLYGLOT_CHAT_MODEL": settings.models.chat,
        "POLYGLOT_TRANSCRIPTION_MODEL": settings.models.transcription,
        "POLYGLOT_SPEECH_MODEL": settings.models.speech,
        "POLYGLOT_VOICE": settings.models.voice,
    }
    return {name: value for name, value in chosen.items() if value}
