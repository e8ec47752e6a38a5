"""Who reaches a store: its clients' security groups, on its port, and nobody else."""

from collections.abc import Mapping

import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from infra.context import Context


def guarded(  # noqa: PLR0913 - who, what, where and on which ports
    name: str,
    context: Context,
    *,
    vpc_id: Input[str],
    clients: Mapping[str, Input[str]],
    ports: range,
    child: ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """A security group that lets `clients` in on `ports`, and nothing out: a store calls nobody."""
    group = aws.ec2.SecurityGroup(
        name,
        vpc_id=vpc_id,
        description=f"{context.name} {name}",
        tags={"Name": f"{context.name}-{name}"},
        opts=child,
    )
    for client, client_group in clients.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=ports[0],
            to_port=ports[-1],
            referenced_security_group_id=client_group,
            opts=child,
        )
    return group
