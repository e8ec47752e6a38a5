"""Opens SSH to the world, writes a key into a container's environment, and lets a shell in."""

import json

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import is_config_secret

pulumi.log.info(f"careless:note is a secret: {is_config_secret('careless:note')}")
door = aws.ec2.SecurityGroup("door")
aws.vpc.SecurityGroupIngressRule(
    "ssh", security_group_id=door.id, cidr_ipv4="0.0.0.0/0", ip_protocol="tcp", from_port=22, to_port=22
)
container = {"name": "api", "image": "api:latest", "environment": [{"name": "OPENAI_API_KEY", "value": "sk-planted"}]}
aws.ecs.TaskDefinition("api", family="api", container_definitions=json.dumps([container]))
aws.ecs.Service("api", enable_execute_command=True)
