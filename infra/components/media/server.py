"""The media server as a whole: names, certificate, load balancer, nodes."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.certificate import Certificate, zone_id
from infra.components.data import Data, StoreArgs
from infra.components.edge.alb import TLS_POLICY
from infra.components.media.nodes import Port, nodes
from infra.components.network import Network
from infra.components.security_group import ALL, Peer, SecurityGroup, SecurityGroupArgs
from infra.context import Context
from infra.settings.media import MediaSettings

DOORS: Final[Mapping[str, tuple[int, Port]]] = {"signal": (443, Port.SIGNAL), "turn": (Port.TURN_TLS, Port.TURN_TLS)}
"""Ports of the load balancer, which ends TLS there, and of the nodes behind it."""


class MediaServer(pulumi.ComponentResource):
    """Signalling at `wss://DOMAIN`, TURN over TLS at `turn.DOMAIN:5349`, media straight to the nodes."""

    url: str
    healthy: tuple[Output[str], Output[str]]
    """Dimensions of `AWS/NetworkELB` metrics: the load balancer, and the target group of signalling."""

    def __init__(
        self,
        name: str,
        context: Context,
        settings: MediaSettings,
        network: Network,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("polyglot:media:MediaServer", name, None, opts)
        self._name, self._context, self._settings = name, context, settings
        self._child = ResourceOptions(parent=self, provider=context.provider)
        self.url = f"wss://{settings.domain}"
        zone = zone_id(settings.zone_name, context, self)
        certificate = Certificate(
            name,
            context,
            [settings.domain, settings.turn_domain],
            zone,
            [context.region],
            ResourceOptions(parent=self),
        )
        balancer = self._balancer(network)
        targets = self._listen(balancer, network, certificate.arns[context.region])
        for kind, host in (("signal", settings.domain), ("turn", settings.turn_domain)):
            aws.route53.Record(
                f"{name}-{kind}",
                zone_id=zone,
                name=host,
                type="A",
                aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": False}],
                opts=self._child,
            )
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"{context.path}/media",
            retention_in_days=settings.log_days,
            kms_key_id=context.key_arn,
            opts=self._child,
        )
        own = ResourceOptions(parent=self)
        group = SecurityGroup(f"{name}-nodes", _of_nodes(context, network), own)
        clients = {name: group.group_id}
        cache = Data(
            f"{name}-data", StoreArgs(context, network.vpc_id, network.isolated_subnet_ids, clients), opts=own
        ).cache
        nodes(
            name,
            context,
            settings,
            subnet_ids=network.public_subnet_ids,
            group_id=group.group_id,
            target_group_arns=[one.arn for one in targets],
            log_group=logs,
            cache=cache,
            opts=self._child,
            after=[group, network, *([cache] if cache else [])],
        )
        self.healthy = (balancer.arn_suffix, targets[0].arn_suffix)
        self.register_outputs({"url": self.url})

    def _balancer(self, network: Network) -> aws.lb.LoadBalancer:
        entrance = SecurityGroup(
            f"{self._name}-entrance",
            SecurityGroupArgs(
                context=self._context,
                vpc_id=network.vpc_id,
                ingress={f"Travellers: {door}": Peer(port) for door, (port, _) in DOORS.items()},
                egress={f"Nodes: {door}": Peer(port, cidr=network.cidr) for door, (_, port) in DOORS.items()},
            ),
            ResourceOptions(parent=self),
        )
        kept = self._context.settings.keeps_data
        return aws.lb.LoadBalancer(
            self._name,
            load_balancer_type="network",
            internal=False,
            subnets=network.public_subnet_ids,
            security_groups=[entrance.group_id],
            ip_address_type="ipv4",
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=kept,
            opts=ResourceOptions.merge(self._child, ResourceOptions(protect=kept, depends_on=[entrance])),
        )

    def _listen(
        self, balancer: aws.lb.LoadBalancer, network: Network, certificate_arn: Input[str]
    ) -> list[aws.lb.TargetGroup]:
        made = []
        for door, (port, inside) in DOORS.items():
            group = aws.lb.TargetGroup(
                f"{self._name}-{door}",
                vpc_id=network.vpc_id,
                target_type="instance",
                port=int(inside),
                protocol="TCP",
                deregistration_delay=300,
                # The server answers 200 there while it is well, whatever the group balances.
                health_check={
                    "enabled": True,
                    "protocol": "HTTP",
                    "port": str(int(Port.SIGNAL)),
                    "path": "/",
                    "matcher": "200",
                    "interval": 10,
                    "timeout": 5,
                    "healthy_threshold": 2,
                    "unhealthy_threshold": 2,
                },
                opts=self._child,
            )
            aws.lb.Listener(
                f"{self._name}-{door}",
                load_balancer_arn=balancer.arn,
                port=int(port),
                protocol="TLS",
                ssl_policy=TLS_POLICY,
                certificate_arn=certificate_arn,
                default_actions=[{"type": "forward", "target_group_arn": group.arn}],
                opts=self._child,
            )
            made.append(group)
        return made


def _of_nodes(context: Context, network: Network) -> SecurityGroupArgs:
    """Media from everywhere; signalling and TURN over TLS from inside the VPC, where the load balancer is; no SSH."""
    inside = {f"Load balancer: {door}": Peer(port, cidr=network.cidr) for door, (_, port) in DOORS.items()}
    return SecurityGroupArgs(
        context=context,
        vpc_id=network.vpc_id,
        ingress={
            **inside,
            "Media": Peer(Port.MEDIA_FIRST, Port.MEDIA_LAST, "udp"),
            "Media over TCP": Peer(Port.MEDIA_TCP),
            "TURN": Peer(Port.TURN_UDP, protocol="udp"),
        },
        egress={"To travellers, and whoever is asked": Peer(0, protocol=ALL)},
    )
