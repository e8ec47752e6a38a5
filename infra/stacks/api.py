"""The API's service: what it is told, what it may reach, and who may reach it."""

from collections.abc import Mapping, Sequence

from pulumi import Input, Resource

from infra.components.cluster import Cluster
from infra.components.data import Cache, Data, Database
from infra.components.edge import Edge
from infra.components.network import Network
from infra.components.secrets import Injected
from infra.components.service import Boundary, BoundaryArgs, Container, LoadBalancing, Peer, ServiceArgs
from infra.components.service.container import probe
from infra.components.telemetry import Logs
from infra.context import Context
from infra.secrets_catalog import required

PORT = 8000
STATE = "/var/lib/polyglot"
WRITABLE = ("/tmp", STATE)  # noqa: S108 - mounts of their own in a task of its own
NAME = "api"


def boundary(context: Context, network: Network, edge: Edge, agent: Boundary) -> BoundaryArgs:
    """The load balancer and the agent come in; the API goes out to LiveKit, fare sources and its data."""
    egress = {
        "LiveKit, fare sources and AWS": Peer(443),
        # The voice gateway joins rooms itself.
        "WebRTC media": Peer(1024, 65535, "udp"),
    }
    if context.settings.data.database != "none":
        egress["PostgreSQL"] = Peer(5432, cidr=network.cidr)
    if context.settings.data.valkey:
        egress["Valkey"] = Peer(Cache.port, cidr=network.cidr)
    return BoundaryArgs(
        context=context,
        vpc_id=network.vpc_id,
        ingress={
            "From the load balancer": Peer(PORT, group=edge.security_group_id),
            "From the agent": Peer(PORT, group=agent.group_id),
        },
        egress=egress,
    )


def service(  # noqa: PLR0913 - the service stands on this many others
    context: Context,
    *,
    image: Input[str],
    cluster: Cluster,
    network: Network,
    edge: Edge,
    group_id: Input[str],
    data: Data,
    logs: Logs,
    secrets: Mapping[str, Injected],
    alarm_names: Sequence[Input[str]],
    depends_on: Sequence[Resource],
) -> ServiceArgs:
    """The API behind the load balancer. What must have been done before it moves is in `depends_on`."""
    settings = context.settings.api
    return ServiceArgs(
        context=context,
        cluster=cluster,
        settings=settings,
        container=Container(
            name=NAME,
            image=image,
            port=PORT,
            environment={**environment(context, data), **_cache(data), **settings.variables},
            secrets=[secrets[name] for name in required(context.settings)[NAME]],
            json_secrets=database_password(data.database) if data.database else {},
            writable=WRITABLE,
            health=probe(PORT, "/health"),
            stop_timeout=60,
        ),
        subnet_ids=network.task_subnet_ids,
        public_addresses=network.tasks_have_public_addresses,
        group_id=group_id,
        log_group_name=logs.names[NAME],
        log_group_arn=logs.arns[NAME],
        json_secret_arns=[data.database.secret_arn] if data.database else [],
        alarm_names=alarm_names,
        load_balancing=LoadBalancing(
            target_group_arn=edge.target_group_arn,
            alternate_target_group_arn=edge.alternate_target_group_arn,
            production_rule_arn=edge.production_rule_arn,
            canary_percent=settings.canary,
        ),
        private_name=NAME,
        depends_on=depends_on,
    )


def environment(context: Context, data: Data) -> Mapping[str, Input[str]]:
    """The API's plain settings, as `docs/reference.md` names them."""
    settings = context.settings
    variables: dict[str, Input[str]] = {
        "POLYGLOT_ENVIRONMENT": str(settings.environment),
        "POLYGLOT_HOST": "0.0.0.0",  # noqa: S104 - the security group decides who reaches it
        "POLYGLOT_PORT": str(PORT),
        "POLYGLOT_STATE_DIR": STATE,
        "POLYGLOT_TRUSTED_PROXIES": settings.network.cidr,
        # Longer than the load balancer keeps a connection, or it would use one that was just closed and answer 502.
        "POLYGLOT_KEEP_ALIVE": str(settings.edge.idle_timeout + 10),
        "LIVEKIT_URL": settings.livekit.server_url or "",
        "LIVEKIT_AGENT_NAME": settings.livekit.agent_name,
    }
    if settings.api.fare_sources:
        variables["POLYGLOT_FARE_SOURCES"] = ",".join(settings.api.fare_sources)
    return {**variables, **(database_environment(data.database) if data.database else {})}


def database_environment(database: Database) -> Mapping[str, Input[str]]:
    """Where the database is, for the API and for a migration alike; the password comes from its secret."""
    return {
        "POLYGLOT_DATABASE_HOST": database.host,
        "POLYGLOT_DATABASE_PORT": str(database.port),
        "POLYGLOT_DATABASE_NAME": database.name,
        "POLYGLOT_DATABASE_USER": database.username,
    }


def database_password(database: Database) -> Mapping[str, Input[str]]:
    """One key of the JSON that RDS keeps; it rotates there without us."""
    return {"POLYGLOT_DATABASE_PASSWORD": database.secret_arn.apply(lambda arn: f"{arn}:password::")}


def _cache(data: Data) -> Mapping[str, Input[str]]:
    """The cache takes TLS only, and asks for no password."""
    if data.cache is None:
        return {}
    port = data.cache.port
    return {"POLYGLOT_VALKEY_URL": data.cache.host.apply(lambda host: f"rediss://{host}:{port}")}
