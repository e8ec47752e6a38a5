"""What our instances have in common, whatever they do: today's system, an encrypted disk, a role of their own, no login."""

import base64
from collections.abc import Sequence
from typing import Any

import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.context import Context


def launch_template(  # noqa: PLR0913 - what differs between instances
    name: str,
    context: Context,
    *,
    instance_type: str,
    processor: str,
    disk: int,
    group_id: Input[str],
    script: Output[str],
    statements: Sequence[iam.Statement],
    description: str,
    opts: ResourceOptions,
) -> Any:  # noqa: ANN401 - the SDK's own
    """How an instance starts, as an Auto Scaling group takes it; `disk` in GB, `script` as it runs, `description` of its role.

    Each has a public address: it carries what others send out, or is itself called from outside.
    """
    role = iam.role(
        name,
        context,
        trusted=iam.plain_trust("ec2.amazonaws.com"),
        description=description,
        statements=statements,
        opts=opts,
    )
    profile = aws.iam.InstanceProfile(name, role=role.name, path=f"{context.path}/", opts=opts)
    starts: dict[str, Any] = {
        # Looked up when an instance starts, so that a replacement has today's patches.
        "image_id": f"resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{processor}",
        "iam_instance_profile": {"arn": profile.arn},
        # One hop: what runs in a container on a bridge could not ask for the instance's role.
        "metadata_options": {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        "block_device_mappings": [
            {
                "device_name": "/dev/xvda",
                "ebs": {
                    "encrypted": "true",
                    "volume_type": "gp3",
                    "volume_size": disk,
                    "delete_on_termination": "true",
                },
            }
        ],
        "network_interfaces": [
            {
                "device_index": 0,
                "associate_public_ip_address": "true",
                "security_groups": [group_id],
                "delete_on_termination": "true",
            }
        ],
        "tag_specifications": [{"resource_type": "instance", "tags": tags(name, context)}],
    }
    data = script.apply(lambda text: base64.b64encode(text.encode()).decode())
    made = aws.ec2.LaunchTemplate(name, instance_type=instance_type, user_data=data, **starts, opts=opts)
    return {"id": made.id, "version": made.latest_version.apply(str)}


def tags(name: str, context: Context) -> dict[str, str]:
    """Of an instance: its name, and the stack that its role is bound to."""
    return {"Name": f"{context.name}-{name}", "polyglot:stack": str(context.settings.environment)}
