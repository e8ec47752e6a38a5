"""Tools that every persona has: give the call to a person, or to another persona."""

from typing import Any

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult

from agent.call.state import Call
from agent.tools.results import STOPPED, Context, reply
from contracts.personas import PERSONAS
from contracts.tools import TOOL_HAND_OVER, TOOL_PERSON, HandoverReply, ToolProblem


@function_tool(name=TOOL_PERSON)
async def call_a_person(ctx: Context) -> str | ToolResult:
    """Ask for a human being to take over the call, when the user wants one or you cannot help. What comes of it is said."""
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    outcome = await call.operators.ask("asked")
    # Either is said already, in the user's language.
    return ToolResult(reply(HandoverReply(outcome=outcome)), reply_required=False)


@function_tool(name=TOOL_HAND_OVER)
async def hand_over(ctx: Context, to: str) -> str | ToolResult | tuple[Any, str]:
    """Give the call to another assistant of this house, when the user wants what that one does.

    Args:
        to: Name of the assistant, one of those that your instructions list.
    """
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    if to not in call.others:
        allowed = ", ".join(call.others) or "none"
        problem = ToolProblem(problem="invalid_input", field="to", detail=f"There is no {to!r}; there are: {allowed}.")
        return reply(problem)
    call.become(to)
    return ToolResult(reply(HandoverReply(outcome="handed_over", to=to)), reply_required=False)


def of_others(names: tuple[str, ...]) -> str:
    """What a prompt says of the other personas."""
    if not names:
        return ""
    listed = "\n".join(f"- `{name}`: {PERSONAS[name].title}." for name in names)
    return (
        f"\n\n# Other assistants of this house\nWhen the user wants one of these, call `{TOOL_HAND_OVER}`:\n{listed}\n"
    )
