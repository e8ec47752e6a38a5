"""Turning what happened into what a tool returns to the model."""

import json

from livekit.agents import RunContext
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.backend import BackendError
from agent.call import Call
from contracts.problems import PolyglotError, Problem
from contracts.tools import ToolProblem

Context = RunContext[Call]

STOPPED = ToolResult(
    json.dumps({"status": "stopped", "detail": "The user stopped this. Say nothing about it."}), reply_required=False
)
"""Result of a tool whose turn has ended: the model must not speak of it."""


def reply(model: BaseModel) -> str:
    """A tool result as the model reads it."""
    return model.model_dump_json()


def from_error(error: BackendError) -> ToolProblem:
    """The API's problem, reduced to what the model can put into words."""
    problem = error.problem
    if problem is None or problem.status not in (400, 404, 422):
        return ToolProblem(problem="unavailable", detail="The flight search does not answer at the moment.")
    first = problem.errors[0] if problem.errors else None
    return ToolProblem(
        problem="unknown_place" if problem.type == "/problems/unknown-place" else "invalid_input",
        field=first.field if first else None,
        detail=problem.detail,
        candidates=_candidates(problem),
    )


def from_input(error: PolyglotError) -> ToolProblem:
    """An argument that we refused ourselves."""
    first = error.errors[0] if error.errors else None
    return ToolProblem(problem="invalid_input", field=first.field if first else None, detail=error.detail)


def _candidates(problem: Problem) -> tuple[str, ...]:
    allowed = problem.errors[0].allowed if problem.errors else None
    return tuple(name.strip() for name in allowed.split(";") if name.strip())[:5] if allowed else ()
