"""One ECS service on Fargate: roles, task definition, deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi import CustomTimeouts, Input, Output, Resource, ResourceOptions

from infra.components.service.roles import Roles, TaskArgs
from infra.components.service.task import task_definition
from infra.settings.services import ServiceSettings


@dataclass(frozen=True)
class ServiceArgs:
    """A service and everything that it needs to exist before."""

    task: TaskArgs
    settings: ServiceSettings
    subnet_ids: Input[list[str]]
    public_addresses: bool
    group_id: Input[str]
    alarm_names: Sequence[Input[str]] = ()
    """Alarms that roll a deployment back."""
    target_group_arn: Input[str] | None = None
    """Where the load balancer finds it."""
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
        child, settings = ResourceOptions(parent=self, provider=args.task.context.provider), args.settings
        roles = Roles(name, args.task, ResourceOptions(parent=self))
        task = task_definition(name, args.task, roles, child)
        balancers: list[aws.ecs.ServiceLoadBalancerArgsDict] = []
        if args.target_group_arn is not None:
            main = args.task.container
            balancers.append(
                {
                    "container_name": main.name,
                    "container_port": main.port or 0,
                    "target_group_arn": args.target_group_arn,
                }
            )
        self.service = aws.ecs.Service(
            name,
            name=name,
            cluster=args.task.cluster.arn,
            task_definition=task.arn,
            desired_count=settings.tasks_min,
            capacity_provider_strategies=[
                {"capacity_provider": "FARGATE_SPOT" if settings.spot else "FARGATE", "weight": 1}
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
            load_balancers=balancers or None,
            health_check_grace_period_seconds=60 if balancers else None,
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

        self.service_name, self.task_definition_arn = self.service.name, task.arn
        self.image = Output.from_input(args.task.container.image)
        self.register_outputs({"serviceName": self.service_name})

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
                "namespace_id": args.task.cluster.namespace_id,
                "dns_records": [{"type": "A", "ttl": 10}],
                "routing_policy": "MULTIVALUE",
            },
            # ECS says which tasks are healthy.
            health_check_custom_config=aws.servicediscovery.ServiceHealthCheckCustomConfigArgs(),
            force_destroy=True,
            opts=child,
        )
        return {"registry_arn": entry.arn}
