"""Where a store stands, and who reaches it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from infra.context import Context


@dataclass(frozen=True)
class StoreArgs:
    """`subnet_ids` have no route out. Clients are security groups by the name of what is in them."""

    context: Context
    vpc_id: Input[str]
    subnet_ids: Input[list[str]]
    clients: Mapping[str, Input[str]]
