"""Database and cache as the settings ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi import Input, ResourceOptions

from infra.components.data.database import Database, DatabaseArgs
from infra.components.data.valkey import Cache, CacheArgs
from infra.context import Context
from infra.settings.model import Database as Kind


@dataclass(frozen=True)
class DataArgs:
    """`subnet_ids` have no route out. Clients are security groups by the name of what is in them."""

    context: Context
    vpc_id: Input[str]
    subnet_ids: Input[list[str]]
    clients: Mapping[str, Input[str]]
    """Of the database and of the cache."""
    database_clients: Mapping[str, Input[str]] = field(default_factory=dict)
    """Of the database alone."""


class Data(pulumi.ComponentResource):
    """`database` is None with `data.database: none`, `cache` is None without `data.valkey`."""

    database: Database | None
    cache: Cache | None

    def __init__(self, name: str, args: DataArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:data:Data", name, None, opts)
        settings, own = args.context.settings.data, ResourceOptions(parent=self)
        self.database = self.cache = None
        if settings.database is not Kind.NONE:
            clients = {**args.clients, **args.database_clients}
            self.database = Database(
                f"{name}-db", DatabaseArgs(args.context, args.vpc_id, args.subnet_ids, clients), own
            )
        if settings.valkey:
            self.cache = Cache(
                f"{name}-cache", CacheArgs(args.context, args.vpc_id, args.subnet_ids, args.clients), own
            )
        self.register_outputs({})
