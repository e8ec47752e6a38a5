"""Where tasks run, and the private name under which the agent finds the API."""

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context


class Cluster(pulumi.ComponentResource):
    """An ECS cluster on Fargate. Its name is fixed, so that roles can name its tasks before they exist."""

    name: str
    arn: Output[str]
    namespace_id: Output[str]
    namespace_name: str
    exec_log_arn: Output[str]

    def __init__(self, name: str, context: Context, vpc_id: Input[str], opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:compute:Cluster", name, None, opts)
        child = ResourceOptions(parent=self, provider=context.provider)
        shells = aws.cloudwatch.LogGroup(
            f"{name}-exec",
            name=f"{context.path}/exec",
            retention_in_days=context.settings.observability.audit_log_days,
            kms_key_id=context.key_arn,
            opts=child,
        )
        cluster = aws.ecs.Cluster(
            name,
            name=context.name,
            settings=[{"name": "containerInsights", "value": context.settings.observability.insights}],
            configuration={
                # Whatever is typed into a task's shell is kept, encrypted.
                "execute_command_configuration": {
                    "kms_key_id": context.key_arn,
                    "logging": "OVERRIDE",
                    "log_configuration": {
                        "cloud_watch_log_group_name": shells.name,
                        "cloud_watch_encryption_enabled": True,
                    },
                }
            },
            opts=child,
        )
        aws.ecs.ClusterCapacityProviders(
            name,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1, "base": 0}],
            opts=child,
        )
        namespace = aws.servicediscovery.PrivateDnsNamespace(
            name,
            name=f"{context.name}.internal",
            vpc=vpc_id,
            description="Names of services inside the VPC",
            opts=child,
        )
        self.name = context.name
        self.arn = cluster.arn
        self.namespace_id = namespace.id
        self.namespace_name = f"{context.name}.internal"
        self.exec_log_arn = shells.arn
        self.register_outputs({"arn": self.arn})
