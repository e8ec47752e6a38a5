"""Valkey without servers: the cache that tasks share."""

from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.components.data.store import StoreArgs
from infra.components.security_group import Peer, SecurityGroup, SecurityGroupArgs

VERSION: Final = "8"
PORTS: Final = range(6379, 6381)
"""6379 writes, 6380 reads from replicas."""
ECPU_PER_SECOND: Final = 5_000
"""What may be spent at most: 5 000 simple requests a second, far above what one stack asks for."""


class Cache(pulumi.ComponentResource):
    """A serverless cache, encrypted at rest and always TLS, whose bill has a ceiling.

    Only its clients' security groups reach it; it holds what can be lost (counters, running calls), so no password is handed out. A role-based user would need one that every client and the state know. No
    snapshot is taken of it: what callers did not agree to keep is nowhere but in memory.
    """

    host: Output[str]
    url: Output[str]
    """It takes TLS only, and asks for no password."""
    port: int = PORTS[0]
    security_group_id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: StoreArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:data:Cache", name, None, opts)
        context, settings = args.context, args.context.settings.data
        child = ResourceOptions(parent=self, provider=context.provider)
        group = SecurityGroup(
            name,
            SecurityGroupArgs(
                context=context,
                vpc_id=args.vpc_id,
                ingress={
                    f"From {client}": Peer(PORTS[0], PORTS[-1], group=one) for client, one in args.clients.items()
                },
            ),
            ResourceOptions(parent=self),
        )
        cache = aws.elasticache.ServerlessCache(
            name,
            # The service has no generated names; replacing it loses nothing that is not made again.
            name=f"{context.name}-cache",
            engine="valkey",
            major_engine_version=VERSION,
            description=f"{context.name}: shared counters and calls",
            subnet_ids=args.subnet_ids,
            security_group_ids=[group.group_id],
            kms_key_id=context.key_arn,
            cache_usage_limits={
                "data_storage": {"maximum": settings.valkey_max_gb, "unit": "GB"},
                "ecpu_per_seconds": [{"maximum": ECPU_PER_SECOND}],
            },
            snapshot_retention_limit=0,
            opts=ResourceOptions.merge(child, ResourceOptions(delete_before_replace=True)),
        )
        self.security_group_id, self.name = group.group_id, cache.name
        self.url = cache.endpoints.apply(lambda endpoints: f"rediss://{endpoints[0].address}:{PORTS[0]}")
        self.host = cache.endpoints.apply(lambda endpoints: endpoints[0].address)
        self.register_outputs({"host": self.host})
