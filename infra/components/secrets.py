"""Secrets that the operator keeps in SSM: looked up by name, never by value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import InvokeOptions

from infra.context import Context
from infra.secrets_catalog import required

NOT_FOUND: Final = ("couldn't find resource", "ParameterNotFound", "not found")


class MissingSecretsError(pulumi.RunError):
    """Secrets of this stack are not set, or are not encrypted; the message says how to set each."""


@dataclass(frozen=True)
class Injected:
    """What a container definition needs of one secret."""

    name: str
    arn: str
    version: int
    """Grows with each new value; it is in a label of the container, so that a new value rolls the tasks."""


def look_up(context: Context) -> Mapping[str, Injected]:
    """Metadata of every secret that this stack needs, by name; no value is decrypted, so none can reach the state.

    Raises MissingSecretsError that names all that are missing at once.
    """
    stack = context.settings.environment
    names = sorted({name for names in required(context.settings).values() for name in names})
    found: dict[str, Injected] = {}
    problems: list[str] = []
    for name in names:
        path = f"{context.path}/{name}"
        kind, version = _describe(path, context)
        if kind is None:
            problems.append(f"{path} is not set: polyglot secrets set {stack} {name}")
        elif kind != "SecureString":
            problems.append(f"{path} is a plain {kind}: polyglot secrets set {stack} {name}")
        else:
            found[name] = Injected(name=name, arn=context.arn("ssm", f"parameter{path}"), version=version)
    if problems:
        raise MissingSecretsError(
            "Secrets must be set before this stack:" + "".join(f"\n  {line}" for line in problems)
        )
    return found


def _describe(path: str, context: Context) -> tuple[str | None, int]:
    """Type and version of a parameter; type None when there is none."""
    try:
        found = aws.ssm.get_parameter(name=path, with_decryption=False, opts=InvokeOptions(provider=context.provider))
    except Exception as error:
        # The engine gives every failed invoke as a bare Exception; only its text tells what happened.
        if any(mark in str(error) for mark in NOT_FOUND):
            return None, 0
        raise
    return found.type, int(found.version)
