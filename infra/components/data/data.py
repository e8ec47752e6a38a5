"""Database and cache as the settings ask for them."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi
from pulumi import Input, ResourceOptions

from infra.components.data.database import Database
from infra.components.data.store import StoreArgs
from infra.components.data.valkey import Cache
from infra.settings.model import Database as Kind


class Data(pulumi.ComponentResource):
    """`database` is None with `data.database: none`, `cache` is None without `data.valkey`."""

    database: Database | None
    cache: Cache | None

    def __init__(
        self,
        name: str,
        args: StoreArgs,
        database_clients: Mapping[str, Input[str]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """`database_clients` reach the database and not the cache."""
        super().__init__("polyglot:data:Data", name, None, opts)
        settings, own = args.context.settings.data, ResourceOptions(parent=self)
        self.database = self.cache = None
        if settings.database is not Kind.NONE:
            clients = {**args.clients, **(database_clients or {})}
            self.database = Database(f"{name}-db", replace(args, clients=clients), own)
        if settings.valkey:
            self.cache = Cache(f"{name}-cache", args, own)
        self.register_outputs({})
