"""Our own media server: names, certificate, entrances and nodes."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.certificate import Certificate, CertificateArgs, zone_id
from infra.components.data import Cache
from infra.components.data.valkey import PORTS
from infra.components.media.entrances import EntranceArgs, Entrances
from infra.components.media.nodes import Nodes, NodesArgs
from infra.components.media.ports import Port
from infra.context import Context


@dataclass(frozen=True)
class MediaServerArgs:
    """The network; where the server tells of rooms; the cache that several nodes share."""

    context: Context
    vpc_id: Input[str]
    public_subnet_ids: Input[list[str]]
    webhook_url: Input[str]
    """The API's, https."""
    cache: Cache | None = None


class MediaServer(pulumi.ComponentResource):
    """LiveKit on EC2: signalling at the domain, TURN at `turn.` of it, media straight to the nodes."""

    url: str
    """`wss://…`."""
    security_group_id: Output[str]
    """The nodes'."""

    def __init__(self, name: str, args: MediaServerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:media:MediaServer", name, None, opts)
        context, settings = args.context, args.context.settings.livekit
        if settings.domain is None or settings.image is None:
            raise ValueError("livekit: our own media server needs domain and image")
        if settings.nodes > 1 and args.cache is None:
            raise ValueError("livekit.nodes: more than one needs the cache, in which nodes find each other")
        self._name, self._args = name, args
        self._child = ResourceOptions(parent=self, provider=context.provider)
        own = ResourceOptions(parent=self)
        turn = f"turn.{settings.domain}"
        zone = zone_id(self._zone_name(settings.domain), context, self)
        certificate = Certificate(
            name,
            CertificateArgs(context=context, domains=[settings.domain, turn], zone_id=zone, regions=[context.region]),
            own,
        )
        entrances = Entrances(
            name,
            EntranceArgs(
                context=context,
                vpc_id=args.vpc_id,
                vpc_cidr=context.settings.network.cidr,
                subnet_ids=args.public_subnet_ids,
                certificate_arn=certificate.arns[context.region],
            ),
            own,
        )
        self.security_group_id = self._security_group(entrances)
        self._record("signal", settings.domain, entrances, zone)
        self._record("turn", turn, entrances, zone)
        Nodes(
            name,
            NodesArgs(
                context=context,
                image=settings.image,
                domain=settings.domain,
                subnet_ids=args.public_subnet_ids,
                group_id=self.security_group_id,
                target_group_arns=entrances.target_group_arns,
                webhook_url=args.webhook_url,
                cache=args.cache,
            ),
            own,
        )
        self.url = f"wss://{settings.domain}"
        self.register_outputs({"url": self.url})

    def _zone_name(self, domain: str) -> str:
        """The API's zone where the name lies in it, else the name's parent."""
        zone = self._args.context.settings.edge.zone_name
        return zone if zone and domain.endswith(f".{zone}") else domain.split(".", 1)[1]

    def _record(self, suffix: str, host: str, entrances: Entrances, zone: Output[str]) -> None:
        target, target_zone = entrances.targets[suffix]
        aws.route53.Record(
            f"{self._name}-{suffix}",
            zone_id=zone,
            name=host,
            type="A",
            aliases=[aws.route53.RecordAliasArgs(name=target, zone_id=target_zone, evaluate_target_health=False)],
            opts=self._child,
        )

    def _security_group(self, entrances: Entrances) -> Output[str]:
        """Media from everywhere, signalling and TURN from their load balancers only, no SSH."""
        name, args = self._name, self._args
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.vpc_id,
            description=f"{args.context.name} media nodes",
            tags={"Name": f"{args.context.name}-{name}"},
            opts=self._child,
        )
        self._open(group, "udp", "Media", "udp", (Port.MEDIA_FIRST, Port.MEDIA_LAST), None)
        self._open(group, "tcp", "Media over TCP", "tcp", (Port.MEDIA_TCP, Port.MEDIA_TCP), None)
        for key, port, source in (
            ("signal", Port.SIGNAL, entrances.signal_group_id),
            ("turn", Port.TURN, entrances.turn_group_id),
            ("turn-health", Port.SIGNAL, entrances.turn_group_id),
        ):
            self._open(group, key, f"Load balancer: {key}", "tcp", (port, port), source)
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-out",
            security_group_id=group.id,
            description="Media to travellers on any port; AWS, the image's registry, the webhook",
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            opts=self._child,
        )
        if args.cache is not None:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-cache",
                security_group_id=args.cache.security_group_id,
                description="From media nodes",
                ip_protocol="tcp",
                from_port=PORTS[0],
                to_port=PORTS[-1],
                referenced_security_group_id=group.id,
                opts=self._child,
            )
        return group.id

    def _open(  # noqa: PLR0913, PLR0917 - a rule has this many sides
        self,
        group: aws.ec2.SecurityGroup,
        key: str,
        description: str,
        protocol: str,
        ports: tuple[int, int],
        source: Input[str] | None,
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{key}",
            security_group_id=group.id,
            description=description,
            ip_protocol=protocol,
            from_port=int(ports[0]),
            to_port=int(ports[1]),
            referenced_security_group_id=source,
            cidr_ipv4="0.0.0.0/0" if source is None else None,
            opts=self._child,
        )
