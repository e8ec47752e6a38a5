"""Everything of one environment on AWS, in the order in which it can exist."""

from pulumi import Output, Resource, ResourceOptions

from infra.components.budget import Budget
from infra.components.cluster import Cluster
from infra.components.data import Data, StoreArgs
from infra.components.edge import Edge, EdgeArgs
from infra.components.images import image
from infra.components.migration import NAME as MIGRATE
from infra.components.migration import Migration
from infra.components.network import Network
from infra.components.observability import Alarms, Dashboard, Logs, Metrics, Watched
from infra.components.security_group import SecurityGroup
from infra.services import SERVICES, images
from infra.settings import Settings
from infra.settings.model import Database
from infra.stacks import migration
from infra.stacks.foundation import lay
from infra.stacks.services import Services, security_groups

Outputs = dict[str, Output[str] | str]


def cloud(settings: Settings) -> Outputs:
    """Declare the stack; returns its outputs, each described in `docs/infrastructure.md`."""
    foundation = lay(settings)
    context = foundation.context
    # What carries traffic is not lost by one command, however it is given: all of it inherits the protection.
    kept = ResourceOptions(protect=settings.keeps_data)
    network = Network("network", context, kept)
    cluster = Cluster("cluster", context, network.vpc_id, kept)
    edge = Edge(
        "edge",
        EdgeArgs(
            context=context,
            vpc_id=network.vpc_id,
            vpc_cidr=network.cidr,
            public_subnet_ids=network.public_subnet_ids,
            private_subnet_ids=network.private_subnet_ids,
        ),
        kept,
    )
    groups = security_groups(context, network, edge, kept)
    migrates = settings.data.database is not Database.NONE
    migrating = SecurityGroup(MIGRATE, migration.security_group(context, network), kept) if migrates else None
    using = {
        what: {name: groups[name].group_id for name, service in SERVICES.items() if what in service.uses}
        for what in ("database", "cache")
    }
    if migrating is not None:
        using["database"][MIGRATE] = migrating.group_id
    data = Data(
        "data",
        StoreArgs(context, network.vpc_id, network.isolated_subnet_ids, using["cache"]),
        using["database"],
        kept,
    )
    logs = Logs("logs", context)
    metrics = Metrics("metrics", context, logs)
    watched = Watched(
        context=context,
        load_balancer_suffix=edge.balancer.arn_suffix,
        target_group_suffix=edge.balancer.target_group_suffix,
        database=data.database,
        nat_gateway_ids=network.nat_gateway_ids,
        nat_group=network.nat_group,
    )
    alarms = Alarms("alarms", watched)
    built = {name: image(name, context, cluster) for name in images()}
    before: dict[str, list[Resource]] = {}
    if data.database is not None and migrating is not None:
        run = Migration(
            MIGRATE,
            migration.migration(
                context,
                image=built["api"],
                cluster=cluster,
                network=network,
                group_id=migrating.group_id,
                database=data.database,
                logs=logs,
                # The way out must be there too: one task is not started again and again, as a service's are.
                after=[network, migrating],
            ),
        )
        before = {name: [run.done] for name, service in SERVICES.items() if "database" in service.uses}
    services = Services(
        context,
        cluster=cluster,
        network=network,
        edge=edge,
        data=data,
        logs=logs,
        metrics=metrics,
        groups=groups,
        secrets=foundation.secrets,
        images=built,
        roll_back_on=alarms.deployment_alarm_names,
        # The alarms that roll a deployment back must be there before there is one, and a target group needs its listener.
        first=[alarms, edge.balancer.listener],
        before=before,
        kept=kept,
    )
    alarms.watch([service.service for service in services.running.values()])
    dashboard = Dashboard("dashboard", watched, list(alarms.arns.values()))
    Budget("budget", context, alarms.topic_arn)
    outputs: Outputs = {
        "api_url": edge.url,
        "health_url": edge.url.apply(lambda url: f"{url}/health"),
        "livekit_url": settings.livekit.url or "",
        "agent_name": settings.livekit.agent_name,
        "dashboard_url": dashboard.url,
        "alarm_topic_arn": alarms.topic_arn,
        "cluster_name": cluster.name,
        **services.outputs(),
        "vpc_id": network.vpc_id,
        "secrets_path": context.path,
    }
    if settings.edge.dns == "manual":
        outputs["dns_target"] = edge.dns_target
    if edge.distribution_id is not None:
        outputs["distribution_id"] = edge.distribution_id
    if data.database is not None:
        outputs["database_host"] = data.database.host
    return outputs
