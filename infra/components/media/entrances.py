"""The two load balancers before media nodes: signalling over HTTPS, TURN over TLS."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket
from infra.components.edge.balancer import HEADERS, TLS_POLICY
from infra.components.edge.firewall import Firewall, FirewallArgs
from infra.components.edge.logs import BALANCER_PREFIX, CONNECTION_PREFIX, NETWORK_PREFIX, log_bucket
from infra.components.media.ports import Port
from infra.context import Context


@dataclass(frozen=True)
class EntranceArgs:
    """The network, and the certificate of both names."""

    context: Context
    vpc_id: Input[str]
    vpc_cidr: Input[str]
    subnet_ids: Input[list[str]]
    certificate_arn: Input[str]


class Entrances(pulumi.ComponentResource):
    """HTTPS for signalling by an application load balancer, TLS for TURN by a network load balancer, both on 443."""

    signal_group_id: Output[str]
    turn_group_id: Output[str]
    target_group_arns: list[Output[str]]
    targets: dict[str, tuple[Output[str], Output[str]]]
    """DNS name and zone of each load balancer: `signal`, `turn`."""

    def __init__(self, name: str, args: EntranceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:media:Entrances", name, None, opts)
        self._name, self._args = name, args
        self._child = ResourceOptions(parent=self, provider=args.context.provider)
        logs = log_bucket(f"{name}-logs", args.context, self, network_balancer=True)
        signal, turn = self._signal(logs), self._turn(logs)
        self.targets = {"signal": (signal.dns_name, signal.zone_id), "turn": (turn.dns_name, turn.zone_id)}
        self.register_outputs({})

    def _group(self, suffix: str, *ports: int) -> Output[str]:
        """Travellers in on 443; out to the nodes' ports inside the VPC."""
        name = f"{self._name}-{suffix}"
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=self._args.vpc_id,
            description=f"{self._args.context.name} {name}",
            tags={"Name": f"{self._args.context.name}-{name}"},
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=group.id,
            description="Travellers",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            opts=self._child,
        )
        for port in ports:
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-{port}",
                security_group_id=group.id,
                description="Media nodes",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=self._args.vpc_cidr,
                opts=self._child,
            )
        return group.id

    def _signal(self, logs: PrivateBucket) -> aws.lb.LoadBalancer:
        settings, context = self._args.context.settings, self._args.context
        self.signal_group_id = self._group("signal", Port.SIGNAL)
        balancer = aws.lb.LoadBalancer(
            f"{self._name}-signal",
            load_balancer_type="application",
            internal=False,
            subnets=self._args.subnet_ids,
            security_groups=[self.signal_group_id],
            idle_timeout=settings.edge.idle_timeout,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            enable_deletion_protection=settings.keeps_data,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=logs.name, prefix=BALANCER_PREFIX, enabled=True),
            connection_logs=aws.lb.LoadBalancerConnectionLogsArgs(
                bucket=logs.name, prefix=CONNECTION_PREFIX, enabled=True
            ),
            opts=self._kept(logs),
        )
        group = self._targets("signal", Port.SIGNAL, "HTTP")
        aws.lb.Listener(
            f"{self._name}-signal",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
            **HEADERS,
            opts=self._child,
        )
        if settings.edge.waf:
            Firewall(
                f"{self._name}-waf",
                FirewallArgs(
                    context=context,
                    scope="REGIONAL",
                    protects=balancer.arn,
                    # All our own tasks come from the NAT's few addresses.
                    rate_limit=settings.edge.rate_limit * 10,
                    # Tokens travel in the query; room services send protocol buffers.
                    counted=("SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING"),
                    large_body_paths="/twirp/",
                ),
                ResourceOptions(parent=self),
            )
        self.target_group_arns = [group.arn]
        return balancer

    def _turn(self, logs: PrivateBucket) -> aws.lb.LoadBalancer:
        settings = self._args.context.settings
        self.turn_group_id = self._group("turn", Port.TURN, Port.SIGNAL)
        balancer = aws.lb.LoadBalancer(
            f"{self._name}-turn",
            load_balancer_type="network",
            internal=False,
            subnets=self._args.subnet_ids,
            security_groups=[self.turn_group_id],
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=settings.keeps_data,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=logs.name, prefix=NETWORK_PREFIX, enabled=True),
            opts=self._kept(logs),
        )
        group = self._targets("turn", Port.TURN, "TCP")
        aws.lb.Listener(
            f"{self._name}-turn",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="TLS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
            opts=self._child,
        )
        self.target_group_arns.append(group.arn)
        return balancer

    def _kept(self, logs: PrivateBucket) -> ResourceOptions:
        protect = self._args.context.settings.keeps_data
        return ResourceOptions.merge(self._child, ResourceOptions(protect=protect, depends_on=[logs.policy]))

    def _targets(self, suffix: str, port: int, protocol: str) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self._name}-{suffix}",
            vpc_id=self._args.vpc_id,
            target_type="instance",
            port=port,
            protocol=protocol,
            deregistration_delay=300,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                # The server answers 200 here while it is well, whatever the group balances.
                protocol="HTTP",
                port=str(int(Port.SIGNAL)),
                path="/",
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
            opts=self._child,
        )
