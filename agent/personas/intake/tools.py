"""Tools of an intake: each takes down what was said on one matter, and answers what to ask next."""

from typing import Any, Literal

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import BaseModel, Field, ValidationError

from agent.call.assistant import InCall
from agent.call.state import Call
from agent.personas.intake.alarm import raised
from agent.personas.intake.desk import begin, desk_of, save
from agent.personas.intake.tasks import identity
from agent.tools.results import STOPPED, Context, reply
from contracts.intakes import IntakeStatus, RedFlag, Section
from contracts.problems import field_problems
from contracts.tools import (
    TOOL_ALLERGIES,
    TOOL_CONSENT,
    TOOL_FINISH,
    TOOL_HISTORY,
    TOOL_MEDICINES,
    TOOL_RED_FLAG,
    TOOL_SYMPTOMS,
    IntakeReply,
    ToolProblem,
)

NOT_KEPT = ToolProblem(problem="unavailable", detail="It could not be kept at the moment. Say so, and try once more.")
NO_CONSENT = ToolProblem(
    problem="invalid_input", detail="The patient has not agreed yet: ask, then call record_consent."
)


class SymptomSaid(BaseModel):
    """One complaint."""

    what: str = Field(description="The complaint in the patient's words")
    since: str | None = Field(description="Since when, in the patient's words, or null")
    severity: int | None = Field(description="How strong from 0 to 10 as the patient says, or null")


class MedicineSaid(BaseModel):
    """One medicine."""

    name: str = Field(description="Name of the medicine as said")
    dose: str | None = Field(description="Dose as said, or null")
    how_often: str | None = Field(description="How often as said, or null")


@function_tool(name=TOOL_CONSENT)
async def record_consent(ctx: Context, agreed: bool) -> str | ToolResult:
    """Take down whether the patient agrees to be asked and to have the answers kept for their clinician.

    Args:
        agreed: True only when the patient has said yes to it.

    """
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    if not agreed:
        return reply(IntakeReply(done="declined"))
    desk = desk_of(call)
    if desk.intake is None:
        begin(call)
        if not await save(call):
            desk.intake = None
            return reply(NOT_KEPT)
        agent = ctx.session.current_agent
        if isinstance(agent, InCall):
            await identity(call, agent, lambda: call.persona.show(call))
    return _next(call)


@function_tool(name=TOOL_SYMPTOMS)
async def note_symptoms(ctx: Context, symptoms: list[SymptomSaid]) -> str | ToolResult:
    """Take down what brings the patient here.

    Args:
        symptoms: Every complaint said so far; empty when there is none.

    """
    return await _note(ctx, Section.SYMPTOMS, [one.model_dump() for one in symptoms])


@function_tool(name=TOOL_HISTORY)
async def note_history(ctx: Context, entries: list[str]) -> str | ToolResult:
    """Take down earlier illnesses and operations.

    Args:
        entries: Everything said so far, one entry each; empty when there is none.

    """
    return await _note(ctx, Section.HISTORY, entries)


@function_tool(name=TOOL_ALLERGIES)
async def note_allergies(ctx: Context, entries: list[str]) -> str | ToolResult:
    """Take down allergies.

    Args:
        entries: Everything said so far, one entry each; empty when there is none.

    """
    return await _note(ctx, Section.ALLERGIES, entries)


@function_tool(name=TOOL_MEDICINES)
async def note_medicines(ctx: Context, medicines: list[MedicineSaid]) -> str | ToolResult:
    """Take down medicines that the patient takes.

    Args:
        medicines: Everything said so far; empty when there is none.

    """
    return await _note(ctx, Section.MEDICINES, [one.model_dump() for one in medicines])


@function_tool(name=TOOL_RED_FLAG)
async def raise_red_flag(
    ctx: Context,
    kind: Literal[
        "chest_pain",
        "breathing",
        "stroke",
        "bleeding",
        "unconscious",
        "allergic_reaction",
        "self_harm",
        "overdose",
        "pregnancy",
        "other",
    ],
) -> ToolResult:
    """Say that the patient told something that cannot wait. The questions end, the patient is told what to do.

    Args:
        kind: What it is, or other.

    """
    raised(ctx.userdata, RedFlag(kind))
    return ToolResult(reply(IntakeReply(done="red_flag")), reply_required=False)


@function_tool(name=TOOL_FINISH)
async def finish_intake(ctx: Context) -> str | ToolResult:
    """End the intake when everything was asked and the patient has confirmed it."""
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    desk = desk_of(call)
    if desk.intake is None:
        return reply(NO_CONSENT)
    if (section := desk.intake.next_section) is not None:
        detail = f"The patient was not asked about {section.value} yet."
        return reply(ToolProblem(problem="invalid_input", detail=detail))
    desk.change(status=IntakeStatus.RED_FLAG if desk.flags else IntakeStatus.COMPLETE)
    if not await save(call):
        return reply(NOT_KEPT)
    await call.persona.show(call)
    return reply(IntakeReply(done="complete"))


async def _note(ctx: Context, section: Section, said: list[Any]) -> str | ToolResult:
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    desk = desk_of(call)
    if desk.intake is None:
        return reply(NO_CONSENT)
    asked = tuple(dict.fromkeys((*desk.intake.asked, section)))
    try:
        desk.change(**{section.value: said}, asked=asked)
    except ValidationError as error:
        problem = field_problems(list(error.errors(include_input=False)))[0]
        return reply(ToolProblem(problem="invalid_input", field=problem.field, detail=problem.problem))
    kept = await save(call)
    await call.persona.show(call)
    return _next(call) if kept else reply(NOT_KEPT)


def _next(call: Call) -> str:
    intake = desk_of(call).intake
    section = intake.next_section if intake else None
    return reply(IntakeReply(next=section.value if section else None))
