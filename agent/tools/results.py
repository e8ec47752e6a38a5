"""Turning what happened into what a tool returns to the model."""

import json
from typing import Final, Literal

from livekit.agents import RunContext
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.call.backend import BackendError
from agent.call.state import Call
from contracts.problems import BudgetSpent, PolyglotError
from contracts.tools import ToolProblem

Context = RunContext[Call]
_PLACES: Final[dict[str, Literal["unknown_place", "ambiguous_place"]]] = {
    "/problems/unknown-place": "unknown_place",
    "/problems/ambiguous-place": "ambiguous_place",
}

STOPPED = ToolResult(
    json.dumps({"status": "stopped", "detail": "The user stopped this. Say nothing about it."}), reply_required=False
)
"""Result of a tool whose turn has ended: the model must not speak of it."""


SUPERSEDED = ToolResult(
    json.dumps(
        {"status": "superseded", "detail": "A newer search took the place of this one. Speak of that one only."}
    ),
    reply_required=False,
)
"""Result of a search that another one overtook."""


LIMIT_REACHED: Final = ToolProblem(
    problem="limit_reached",
    detail="This call may not search again. Say so; the flights on the screen can still be sorted, filtered and chosen.",
)
"""Answer of a search that the call's budget does not have."""


def reply(model: BaseModel) -> str:
    """A tool result as the model reads it."""
    return model.model_dump_json()


def from_error(error: BackendError) -> ToolProblem:
    """The API's problem, reduced to what the model can put into words."""
    problem = error.problem
    if problem is not None and problem.type == f"/problems/{BudgetSpent.slug}":
        return LIMIT_REACHED
    if problem is None or problem.status not in (400, 404, 422):
        return ToolProblem(problem="unavailable", detail="The flight search does not answer at the moment.")
    first = problem.errors[0] if problem.errors else None
    choices = first.choices if first else ()
    return ToolProblem(
        problem=_PLACES.get(problem.type, "invalid_input"),
        field=first.field if first else None,
        detail=problem.detail,
        candidates=tuple(choice.label for choice in choices),
        choices=choices,
    )


def from_input(error: PolyglotError) -> ToolProblem:
    """An argument that we refused ourselves."""
    first = error.errors[0] if error.errors else None
    return ToolProblem(problem="invalid_input", field=first.field if first else None, detail=error.detail)
