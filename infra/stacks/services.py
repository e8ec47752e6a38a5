"""From the table of services to what runs: security groups, tasks, scaling."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions

from infra import iam
from infra.components.cluster import Cluster
from infra.components.data import Cache, Data
from infra.components.data.database import PORT as POSTGRES
from infra.components.edge import Edge
from infra.components.network import Network
from infra.components.observability import LIVE_CALLS, Logs, Metrics
from infra.components.secrets import Injected
from infra.components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from infra.components.service import Container, ServiceArgs, TaskArgs
from infra.components.service import Service as Running
from infra.components.service.container import probe
from infra.components.service.scaling import Scaling
from infra.context import Context
from infra.secrets_catalog import required
from infra.services import SERVICES, Service
from infra.settings.model import Database
from infra.stacks import facts
from infra.stacks.model_permissions import model_statements


def security_groups(context: Context, network: Network, edge: Edge, opts: ResourceOptions) -> dict[str, SecurityGroup]:
    """A group for each service, those that call others first."""
    made: dict[str, SecurityGroup] = {}
    for service in sorted(SERVICES.values(), key=lambda service: bool(service.called_by)):
        made[service.name] = SecurityGroup(
            service.name,
            SecurityGroupArgs(
                context=context,
                vpc_id=network.vpc_id,
                ingress=_ingress(service, edge, made),
                egress=_egress(service, context, network),
            ),
            opts,
        )
    return made


def _ingress(service: Service, edge: Edge, made: Mapping[str, SecurityGroup]) -> dict[str, Peer]:
    if service.port is None:
        return {}
    callers = {f"From {caller}": Peer(service.port, group=made[caller].group_id) for caller in service.called_by}
    if not service.public:
        return callers
    return {"From the load balancer": Peer(service.port, group=edge.balancer.security_group_id), **callers}


def _egress(service: Service, context: Context, network: Network) -> dict[str, Peer]:
    ways = {
        text: Peer(way.port, way.to_port, way.protocol, cidr=network.cidr)
        if way.vpc
        else Peer(way.port, way.to_port, way.protocol)
        for text, way in service.egress.items()
    }
    if "database" in service.uses and context.settings.data.database is not Database.NONE:
        ways["PostgreSQL"] = Peer(POSTGRES, cidr=network.cidr)
    if "cache" in service.uses and context.settings.data.valkey:
        ways["Valkey"] = Peer(Cache.port, cidr=network.cidr)
    alerts = context.settings.api.alerts
    if "mail" in service.uses and alerts.mail_from:
        ways["Mail server"] = Peer(alerts.mail_port)
    return ways


class Services:
    """Every service of the table, each when those before it are there."""

    def __init__(  # noqa: PLR0913 - services stand on this many others
        self,
        context: Context,
        *,
        cluster: Cluster,
        network: Network,
        edge: Edge,
        data: Data,
        logs: Logs,
        metrics: Metrics,
        groups: Mapping[str, SecurityGroup],
        secrets: Mapping[str, Injected],
        images: Mapping[str, Output[str]],
        roll_back_on: Mapping[str, Sequence[Input[str]]],
        first: Sequence[Resource],
        before: Mapping[str, Sequence[Resource]],
        kept: ResourceOptions,
    ) -> None:
        self._context, self._cluster, self._network, self._edge = context, cluster, network, edge
        self._data, self._logs, self._metrics = data, logs, metrics
        self._groups, self._secrets = groups, secrets
        self._facts = facts.of_stack(context, cluster, data, edge)
        self._needed = required(context.settings)
        self.running: dict[str, Running] = {}
        for service in SERVICES.values():
            waits = [
                # Images come over the network, by capacity providers, through the group's rules: all must be there.
                network,
                cluster,
                groups[service.name],
                *first,
                *before.get(service.name, ()),
                *(self.running[name] for name in service.after),
            ]
            args = self._args(service, images[service.image], roll_back_on.get(service.name, ()), waits)
            self.running[service.name] = Running(service.name, args, kept)
            self._scale(service, self.running[service.name])

    def _args(
        self, service: Service, image: Input[str], alarms: Sequence[Input[str]], waits: Sequence[Resource]
    ) -> ServiceArgs:
        context = self._context
        settings = context.settings.service(service.name)
        told = {**self._facts, **facts.of_service(service, context.settings, image)}
        database = self._data.database if "database" in service.uses else None
        task = TaskArgs(
            context=context,
            cluster=self._cluster,
            container=Container(
                name=service.name,
                image=image,
                port=service.port,
                environment=facts.environment(service, told, settings.variables),
                secrets=[self._secrets[name] for name in self._needed[service.name]],
                json_secrets=facts.database_password(database),
                writable=service.writable,
                command=service.command,
                health=probe(service.health.port, service.health.path),
                stop_timeout=getattr(settings, "stop_timeout", service.stop_timeout),
                exec_enabled=settings.exec_enabled,
            ),
            cpu=settings.cpu,
            memory=settings.memory,
            log_group_name=self._logs.names[service.name],
            log_group_arn=self._logs.arns[service.name],
            json_secret_arns=[database.secret_arn] if database else [],
            statements=[*self._protection(service), *model_statements(context.settings)] if service.live_calls else (),
        )
        return ServiceArgs(
            task=task,
            settings=settings,
            subnet_ids=self._network.task_subnet_ids,
            public_addresses=self._network.tasks_have_public_addresses,
            group_id=self._groups[service.name].group_id,
            alarm_names=alarms,
            target_group_arn=self._edge.balancer.target_group_arn if service.public else None,
            # A task with a live call keeps its deployment open.
            wait=not service.live_calls,
            private_name=service.name if service.called_by else None,
            depends_on=waits,
        )

    def _protection(self, service: Service) -> list[iam.Statement]:
        context, cluster = self._context, self._cluster.name
        return [
            iam.allow(["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], context.arn("ecs", f"task/{cluster}/*")),
            # How an old task learns that a newer version runs; see agent/fleet.
            iam.allow(["ecs:DescribeServices"], context.arn("ecs", f"service/{cluster}/{service.name}")),
        ]

    def _scale(self, service: Service, running: Running) -> None:
        settings = self._context.settings
        own = settings.service(service.name)
        scaling = Scaling(service.name, self._context, self._cluster.name, running.service_name, own)
        if service.live_calls:
            scaling.follow_calls(settings.agent, self._metrics.namespace, LIVE_CALLS)
        elif service.public:
            label = Output.concat(self._edge.balancer.arn_suffix, "/", self._edge.balancer.target_group_suffix)
            scaling.follow_requests(settings.api, label)
        else:
            scaling.follow_cpu()

    def outputs(self) -> dict[str, pulumi.Output[str] | str]:
        """Name, task definition and image of each service."""
        made: dict[str, pulumi.Output[str] | str] = {}
        for name, service in self.running.items():
            made |= {
                f"{name}_service_name": service.service_name,
                f"{name}_task_definition": service.task_definition_arn,
                f"{name}_image": service.image,
            }
        return made
