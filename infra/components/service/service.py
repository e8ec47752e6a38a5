"""One ECS service on Fargate: roles, task definition, deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_aws as aws
from pulumi import CustomTimeouts, Input, Output, Resource, ResourceOptions

from infra import iam
from infra.components.cluster import Cluster
from infra.components.service.container import Container
from infra.components.service.roles import Roles, RolesArgs, repository_arn
from infra.components.service.task import TaskArgs, task_definition
from infra.context import Context
from infra.settings.services import ServiceSettings


@dataclass(frozen=True)
class LoadBalancing:
    """How the load balancer reaches the service."""

    target_group_arn: Input[str]


@dataclass(frozen=True)
class ServiceArgs:
    """A service and everything that it needs to exist before."""

    context: Context
    cluster: Cluster
    settings: ServiceSettings
    container: Container
    subnet_ids: Input[list[str]]
    public_addresses: bool
    group_id: Input[str]
    log_group_name: Input[str]
    log_group_arn: Input[str]
    statements: Sequence[iam.Statement] = ()
    json_secret_arns: Sequence[Input[str]] = ()
    alarm_names: Sequence[Input[str]] = ()
    """Alarms that roll a deployment back."""
    load_balancing: LoadBalancing | None = None
    spot: bool = False
    wait: bool = True
    """Wait until the new tasks are steady. Not for the agent: a task with a live call keeps its deployment open."""
    private_name: str | None = None
    """Name in the cluster's private DNS namespace."""
    depends_on: Sequence[Resource] = field(default_factory=tuple)


class Service(pulumi.ComponentResource):
    """A service whose deploys replace tasks one for one and come back by themselves when the new ones fail."""

    service: aws.ecs.Service
    service_name: Output[str]
    task_definition_arn: Output[str]
    image: Output[str]
    """Of its own container, by digest."""

    def __init__(self, name: str, args: ServiceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:compute:Service", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        main = replace(args.container, exec_enabled=args.settings.exec_enabled)
        roles = Roles(
            name,
            RolesArgs(
                context=context,
                cluster=args.cluster,
                repository_arn=repository_arn(main.image, context),
                log_group_arn=args.log_group_arn,
                secrets=sorted(main.secrets, key=lambda secret: secret.name),
                json_secret_arns=args.json_secret_arns,
                statements=args.statements,
                exec_enabled=args.settings.exec_enabled,
            ),
            ResourceOptions(parent=self),
        )
        task = task_definition(
            name,
            TaskArgs(
                context=context,
                container=main,
                cpu=args.settings.cpu,
                memory=args.settings.memory,
                roles=roles,
                log_group_name=args.log_group_name,
            ),
            child,
        )
        service = self._service(name, args, main, task, roles, child)
        self.service, self.service_name = service, service.name
        self.task_definition_arn = task.arn
        self.image = Output.from_input(main.image)
        self.register_outputs({"serviceName": self.service_name})

    def _service(  # noqa: PLR0913, PLR0917 - what a service is made of
        self,
        name: str,
        args: ServiceArgs,
        main: Container,
        task: aws.ecs.TaskDefinition,
        roles: Roles,
        child: ResourceOptions,
    ) -> aws.ecs.Service:
        settings, balancing = args.settings, args.load_balancing
        return aws.ecs.Service(
            name,
            name=name,
            cluster=args.cluster.arn,
            task_definition=task.arn,
            desired_count=settings.tasks_min,
            capacity_provider_strategies=[
                {"capacity_provider": "FARGATE_SPOT" if args.spot else "FARGATE", "weight": 1}
            ],
            platform_version="LATEST",
            network_configuration={
                "subnets": args.subnet_ids,
                "security_groups": [args.group_id],
                "assign_public_ip": args.public_addresses,
            },
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            alarms={"alarm_names": args.alarm_names, "enable": True, "rollback": True} if args.alarm_names else None,
            availability_zone_rebalancing="ENABLED",
            load_balancers=[_load_balancer(balancing, main)] if balancing else None,
            health_check_grace_period_seconds=60 if balancing else None,
            service_registries=self._registry(name, args, child),
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            enable_execute_command=settings.exec_enabled,
            # Without it the provider refuses a change between Fargate and Spot.
            force_new_deployment=True,
            wait_for_steady_state=args.wait,
            # An interrupted `pulumi up` leaves the old version running.
            sigint_rollback=True if args.wait else None,
            opts=ResourceOptions.merge(
                child,
                ResourceOptions(
                    depends_on=[roles, *args.depends_on],
                    # Scaling owns the number of tasks after the first deploy.
                    ignore_changes=["desiredCount"],
                    # Names are fixed, so a replacement cannot exist beside what it replaces.
                    delete_before_replace=True,
                    custom_timeouts=CustomTimeouts(create="20m", update="20m", delete="20m"),
                ),
            ),
        )

    @staticmethod
    def _registry(
        name: str, args: ServiceArgs, child: ResourceOptions
    ) -> aws.ecs.ServiceServiceRegistriesArgsDict | None:
        if args.private_name is None:
            return None
        entry = aws.servicediscovery.Service(
            name,
            name=args.private_name,
            dns_config={
                "namespace_id": args.cluster.namespace_id,
                "dns_records": [{"type": "A", "ttl": 10}],
                "routing_policy": "MULTIVALUE",
            },
            # ECS says which tasks are healthy.
            health_check_custom_config=aws.servicediscovery.ServiceHealthCheckCustomConfigArgs(),
            force_destroy=True,
            opts=child,
        )
        return {"registry_arn": entry.arn}


def _load_balancer(balancing: LoadBalancing, main: Container) -> aws.ecs.ServiceLoadBalancerArgsDict:
    return {
        "container_name": main.name,
        "container_port": main.port or 0,
        "target_group_arn": balancing.target_group_arn,
    }
