"""Tool `select_flight`."""

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult

from agent.tools.results import STOPPED, Context, reply
from contracts.tools import TOOL_SELECT, OfferReply


@function_tool(name=TOOL_SELECT)
async def select_flight(ctx: Context, number: int) -> str | ToolResult:
    """Highlight one card on the user's screen and get its details.

    Args:
        number: Number of the card; 1 is the first one on the screen.
    """
    call = ctx.userdata
    call.told = None
    if call.turns.muted:
        return STOPPED
    answer = call.screen.offer_reply(number)
    if isinstance(answer, OfferReply):
        await call.publish_screen()
    return reply(answer)
