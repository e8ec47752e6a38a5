"""The media nodes: an Auto Scaling group that replaces what fails and drains what goes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.data import Cache
from infra.components.media.boot import DRAIN_SECONDS, config, user_data
from infra.context import Context

IMAGES = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{0}"
"""Amazon Linux, looked up when a node starts, so that a replacement has today's patches."""


@dataclass(frozen=True)
class NodesArgs:
    """What nodes run and where they stand; `image` is by digest."""

    context: Context
    image: str
    domain: str
    subnet_ids: Input[list[str]]
    group_id: Input[str]
    target_group_arns: Sequence[Input[str]]
    webhook_url: Input[str]
    cache: Cache | None


class Nodes(pulumi.ComponentResource):
    """EC2 instances without keys to log in with; sessions go through Systems Manager alone."""

    def __init__(self, name: str, args: NodesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:media:Nodes", name, None, opts)
        self._name, self._args = name, args
        self._child = ResourceOptions(parent=self, provider=args.context.provider)
        context, settings = args.context, args.context.settings.livekit
        # The role names the group before it exists, so the group's name is fixed.
        self._group = f"{context.name}-{name}"
        template = self._template(self._profile(self._logs()))
        aws.autoscaling.Group(
            name,
            name=self._group,
            min_size=settings.nodes,
            desired_capacity=settings.nodes,
            max_size=settings.nodes * 2,
            vpc_zone_identifiers=args.subnet_ids,
            target_group_arns=list(args.target_group_arns),
            health_check_type="ELB",
            health_check_grace_period=180,
            launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            initial_lifecycle_hooks=[
                aws.autoscaling.GroupInitialLifecycleHookArgs(
                    name="drain",
                    lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
                    default_result="CONTINUE",
                    heartbeat_timeout=DRAIN_SECONDS,
                )
            ],
            # A new node stands before an old one goes.
            instance_refresh=aws.autoscaling.GroupInstanceRefreshArgs(
                strategy="Rolling",
                preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(
                    min_healthy_percentage=100, max_healthy_percentage=200
                ),
            ),
            tags=[
                aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
                for key, value in self._tags().items()
            ],
            opts=ResourceOptions.merge(self._child, ResourceOptions(delete_before_replace=True)),
        )
        self.register_outputs({})

    def _tags(self) -> dict[str, str]:
        return {"Name": self._group, "polyglot:stack": str(self._args.context.settings.environment)}

    def _logs(self) -> aws.cloudwatch.LogGroup:
        context = self._args.context
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/polyglot/{context.settings.environment}/{self._name}",
            retention_in_days=context.settings.api.log_days,
            kms_key_id=context.key_arn,
            opts=self._child,
        )

    def _profile(self, logs: aws.cloudwatch.LogGroup) -> aws.iam.InstanceProfile:
        """May read its two keys, write its log and say that it has drained; nothing else of the stack."""
        context = self._args.context
        keys = [
            context.arn("ssm", f"parameter{context.parameter_path}/{key}")
            for key in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
        ]
        through_ssm = {"StringEquals": {"kms:ViaService": f"ssm.{context.region}.amazonaws.com"}}
        role = iam.role(
            self._name,
            context,
            # EC2 sends no source account with its call, so the usual condition would refuse every node.
            trusted=iam.plain_trust("ec2.amazonaws.com"),
            description="A media node",
            statements=[
                iam.allow(["ssm:GetParameter"], keys),
                iam.allow(["kms:Decrypt"], context.key_arn, condition=through_ssm),
                iam.allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents"], logs.arn.apply(lambda arn: f"{arn}:log-stream:*")
                ),
                iam.allow(
                    ["autoscaling:CompleteLifecycleAction"],
                    context.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{self._group}"),
                ),
            ],
            opts=self._child,
        )
        aws.iam.RolePolicyAttachment(
            self._name,
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
            opts=self._child,
        )
        return aws.iam.InstanceProfile(
            self._name, role=role.name, path=f"/polyglot/{context.settings.environment}/", opts=self._child
        )

    def _user_data(self) -> Output[str]:
        args = self._args
        log_group = f"/polyglot/{args.context.settings.environment}/{self._name}"
        cache: Output[tuple[str, int] | None] = (
            Output.all(args.cache.host, args.cache.port).apply(lambda both: (both[0], both[1]))
            if args.cache
            else Output.from_input(None)
        )
        return Output.all(args.webhook_url, cache).apply(
            lambda known: user_data(
                args.context, args.image, self._group, log_group, config(f"turn.{args.domain}", known[0], known[1])
            )
        )

    def _template(self, profile: aws.iam.InstanceProfile) -> aws.ec2.LaunchTemplate:
        settings = self._args.context.settings.livekit
        disk = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            encrypted="true", volume_type="gp3", volume_size=16, delete_on_termination="true"
        )
        return aws.ec2.LaunchTemplate(
            self._name,
            image_id=IMAGES.format(architecture(settings.instance_type)),
            instance_type=settings.instance_type,
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
            user_data=self._user_data(),
            # One hop: what runs in a container on a bridge could not ask for the node's role.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name="/dev/xvda", ebs=disk)],
            # Media flows straight to the node: WebRTC needs an address that travellers reach.
            network_interfaces=[
                aws.ec2.LaunchTemplateNetworkInterfaceArgs(
                    device_index=0,
                    associate_public_ip_address="true",
                    security_groups=[self._args.group_id],
                    delete_on_termination="true",
                )
            ],
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=self._tags())
                for kind in ("instance", "volume")
            ],
            opts=self._child,
        )


def architecture(instance_type: str) -> str:
    """Processor of an EC2 type: Graviton types have a `g` after their generation (c7g, m8gd, t4g)."""
    return "arm64" if re.match(r"[a-z]+\d+g", instance_type) else "x86_64"
