"""Lambda functions: what runs in them, who may call them, where they write; and who may start a task."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from infra.policies.compute import HARMLESS, SECRET_SHAPES
from infra.policies.core import Resource, Rule, Stack, each, known, texts
from infra.policies.identity import POLICIES, ROLE, allows, conditions
from infra.settings.services import looks_secret

FUNCTION: Final = "aws:lambda/function:Function"
PERMISSION: Final = "aws:lambda/permission:Permission"
URL: Final = "aws:lambda/functionUrl:FunctionUrl"
RUNTIMES: Final = frozenset({"python3.12", "python3.13", "python3.14", "nodejs24.x"})
"""Runtimes that AWS mends until 2028 or longer. Source: Lambda developer guide, "Lambda runtimes"."""


@each(
    "functions-run-what-is-mended",
    "Security Hub Lambda.2",
    "Functions run on a runtime that AWS still mends.",
    FUNCTION,
)
def runtime(resource: Resource, _: Stack) -> Iterator[str]:
    """An old runtime; a function from an image brings its own."""
    if resource.get("packageType") != "Image" and resource.get("runtime") not in RUNTIMES:
        yield f"runtime is {resource.get('runtime')}; allowed are: {', '.join(sorted(RUNTIMES))}"


@each(
    "functions-are-not-public",
    "Security Hub Lambda.1",
    "Nobody calls a function without IAM: no address without it, no permission for everybody or for a service that "
    "may act for any account.",
    PERMISSION,
    URL,
)
def public(resource: Resource, _: Stack) -> Iterator[str]:
    """An open address, or a permission without a source."""
    if resource.type == URL:
        if resource.get("authorizationType") != "AWS_IAM":
            yield "authorizationType must be AWS_IAM"
        return
    principal = str(resource.get("principal"))
    if principal == "*":
        yield "everybody may call it"
    elif principal.endswith(".amazonaws.com") and not (resource.set("sourceAccount") or resource.set("sourceArn")):
        yield f"{principal} may call it for any account: set sourceAccount or sourceArn"


@each(
    "no-secrets-in-functions",
    "Polyglot: a secret is not in a function's settings",
    "No variable of a function has a secret's name or a secret's shape: whoever may list functions reads them.",
    FUNCTION,
)
def plain_secrets(resource: Resource, _: Stack) -> Iterator[str]:
    """A plain secret. The message names the variable and never its value."""
    variables = resource.get("environment.variables")
    for name, value in variables.items() if isinstance(variables, dict) else ():
        if (name not in HARMLESS and looks_secret(name)) or SECRET_SHAPES.search(str(known(value))):
            yield f"{name} sounds secret, or holds something that looks like a secret"


@each(
    "functions-log-where-it-ends",
    "Security Hub CloudWatch.16; Polyglot: our key on all logs",
    "Functions write to a named log group; the one that Lambda makes by itself has neither an end nor our key.",
    FUNCTION,
)
def log_group(resource: Resource, _: Stack) -> Iterator[str]:
    """The default log group."""
    if not resource.set("loggingConfig.logGroup"):
        yield "loggingConfig.logGroup is not set"


@each(
    "tasks-are-started-by-name",
    "Polyglot: no way up by starting a task",
    "A policy that starts single tasks names their family and their cluster.",
    ROLE,
    *POLICIES,
)
def run_task(resource: Resource, _: Stack) -> Iterator[str]:
    """Any task, or a task anywhere: it would run with any role that may be passed."""
    for statement in allows(resource):
        if not any(fnmatchcase("ecs:RunTask", action) for action in texts(statement.get("Action"))):
            continue
        for target in texts(statement.get("Resource")):
            family = target.rpartition("task-definition/")[2].partition(":")[0]
            if family == target or "*" in family or not family:
                yield f"starts {target}: name one family of task definitions"
        if not any("ecs:cluster" in part for part in conditions(statement.get("Condition"))):
            yield "starts tasks on every cluster: add a condition on ecs:cluster"


RULES: tuple[Rule, ...] = (runtime, public, plain_secrets, log_group, run_task)
