"""Where a stack has metrics: what alarms watch and the dashboard shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi import Input

from infra.components.data import Database
from infra.components.observability.catalog import namespace
from infra.context import Context
from infra.services import SERVICES

GIB: Final = 1024**3


@dataclass(frozen=True)
class Watched:
    """What is watched besides the services, whose names are fixed."""

    context: Context
    load_balancer_suffix: Input[str]
    target_group_suffix: Input[str]
    database: Database | None = None
    nat_gateway_ids: Sequence[Input[str]] = field(default_factory=tuple)
    nat_group: Input[str] | None = None


@dataclass(frozen=True)
class Place:
    """Something with metrics."""

    namespace: str
    dimensions: Mapping[str, Input[str]]
    name: str = ""
    """Where there are several."""
    scale: float = 1
    """What a threshold is a part of."""


def places(watched: Watched) -> Mapping[str, Sequence[Place]]:
    """By the names that the tables give them; services and cluster have fixed names, so alarms can be made before them."""
    context, database = watched.context, watched.database
    balancer, elb = {"LoadBalancer": watched.load_balancer_suffix}, "AWS/ApplicationELB"
    data = [] if database is None else [Place("AWS/RDS", {database.dimension: database.identifier})]
    disk = context.settings.data.postgres_storage * GIB
    # Aurora's storage has no end.
    stored = [] if database is None or database.serverless else data
    gateways, group = watched.nat_gateway_ids, watched.nat_group
    return {
        "own": [Place(namespace(context), {})],
        "alb": [Place(elb, balancer)],
        "targets": [Place(elb, {**balancer, "TargetGroup": watched.target_group_suffix})],
        "services": [Place("AWS/ECS", {"ClusterName": context.name, "ServiceName": name}, name) for name in SERVICES],
        "database": data,
        "storage": [Place("AWS/RDS", one.dimensions, scale=disk) for one in stored],
        "nat": [Place("AWS/NATGateway", {"NatGatewayId": one}, str(index)) for index, one in enumerate(gateways)],
        "nat-group": [] if group is None else [Place("AWS/EC2", {"AutoScalingGroupName": group})],
    }
