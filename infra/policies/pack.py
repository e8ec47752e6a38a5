"""The same rules as policies of Pulumi's engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from infra.policies.core import UNKNOWN, Resource, Rule, Stack, Unknown
from infra.policies.rules import ALL

NAME: Final = "polyglot"


def policies() -> list[Policy]:
    """One policy for each rule. The library's own default level is advisory, so each says its level."""
    return [_policy(rule) for rule in ALL]


def _policy(rule: Rule) -> Policy:
    description = f"{rule.description} [{rule.control}]"
    level = EnforcementLevel.MANDATORY
    if rule.one is not None:
        return ResourceValidationPolicy(rule.name, description, _one(rule), level)
    return StackValidationPolicy(rule.name, description, _whole(rule), level)


def _one(rule: Rule) -> Any:  # noqa: ANN401 - a union of callback types that the library spells with Any itself
    def check(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in rule.types:
            resource = Resource(args.urn, args.resource_type, args.name, _plain(args.props), args.opts.protect)
            _report(rule, [resource], args.urn, report)

    return check


def _whole(rule: Rule) -> Any:  # noqa: ANN401 - as above
    def check(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [_resource(item) for item in args.resources]
        _report(rule, resources, resources[0].urn if resources else "", report)

    return check


def _resource(item: PolicyResource) -> Resource:
    return Resource(
        item.urn,
        item.resource_type,
        item.name,
        _plain(item.props),
        item.opts.protect,
        frozenset(other.urn for others in item.property_dependencies.values() for other in others),
    )


def _report(rule: Rule, resources: Sequence[Resource], urn: str, report: ReportViolation) -> None:
    """Tell the engine. Raises UnknownValueError, which it shows as a rule that could not run in preview."""
    environment, destroyable = surroundings(urn)
    undecided = False
    for found in rule.problems(Stack(resources, environment, destroyable)):
        if isinstance(found, Unknown):
            undecided = True
        else:
            report(found.message, found.urn)
    if undecided:
        error = UnknownValueError(UNKNOWN, [rule.name])
        error.message = "it needs a value that only `up` will know, and is asked again then"
        raise error


def surroundings(urn: str) -> tuple[str, bool]:
    """Environment, and whether its data may be lost: from the stack's configuration, else from its name.

    A stack whose environment neither says is judged as production.
    """
    config = pulumi.Config(NAME)
    stack = urn.split("::", 1)[0].removeprefix("urn:pulumi:")
    named = next((name for name in ("staging", "local", "account") if name in stack.split("-")), "prod")
    guard = config.get_object("guard") or {}
    allowed = (
        isinstance(guard, dict) and str(guard.get("allow_destroy")).lower() == "true"
    )  # also where it is in quotes
    return config.get("environment") or named, allowed


def _plain(value: Any) -> Any:  # noqa: ANN401 - a JSON tree
    """The library's wrapped tree as plain data, in which unknown values are our mark instead of exceptions."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(tree: Any, key: Any) -> Any:  # noqa: ANN401 - as above
    try:
        return _plain(tree[key])
    except UnknownValueError:
        return UNKNOWN
