"""Lambda functions: what runs in them, who may call them, where they write; and who may start a task."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from infra.policies.compute import HARMLESS, SECRET_SHAPES
from infra.policies.core import Resource, Rule, Stack, each, known, texts
from infra.policies.identity import POLICIES, ROLE, allows, conditions
from infra.settings.services import looks_secret

FUNCTION: Final = "aws:lambda/function:Function"


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


RULES: tuple[Rule, ...] = (plain_secrets, run_task)
