"""What the program is measured beside: a program that works nothing out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi.runtime import rpc

from offline.standins import schema
from offline.workspace import Program

PROVIDER: Final = "pulumi:providers:"
STACK: Final = "pulumi:pulumi:Stack"
BUILT_IN: Final = "pulumi:providers:pulumi"
"""The engine's own provider; it starts no plugin."""
REMOTE: Final = "awsx:"
"""Components that a plugin makes; what they contain is recorded, too."""


@dataclass(frozen=True)
class Resource:
    """A resource as the engine got it."""

    type: str
    name: str
    inputs: dict[str, Any]


def flat(resources: Sequence[Resource]) -> Program:
    """Flat: registers the very resources that were recorded, with the inputs that they had, all at once.

    It loads the same modules of the SDKs. What is left between it and the program is the program's own doing: its
    order, its lookups, and the waiting of one resource for another.
    """

    def run() -> None:
        providers: dict[str, pulumi.ProviderResource] = {}
        for item in resources:
            if item.type.startswith(PROVIDER) and item.type != BUILT_IN:
                package = item.type.removeprefix(PROVIDER)
                inputs = {name: value for name, value in item.inputs.items() if name != "version"}
                providers[package] = pulumi.ProviderResource(package, package, inputs)
        for item in resources:
            package = item.type.partition(":")[0]
            if item.type == STACK or item.type.startswith(PROVIDER):
                continue
            if package == "polyglot" or item.type.startswith(REMOTE):
                pulumi.ComponentResource(item.type, item.name)
                continue
            schema.resource_class(f"pulumi_{package.replace('-', '_')}", item.type)
            # The engine records of a secret only that it is one; those that there are may be left out.
            inputs = {name: value for name, value in item.inputs.items() if not _is_secret(value)}
            options = pulumi.ResourceOptions(provider=providers[package])
            pulumi.CustomResource(item.type, item.name, inputs, options)

    return run


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.get(rpc._special_sig_key) == rpc._special_secret_sig  # noqa: SLF001
