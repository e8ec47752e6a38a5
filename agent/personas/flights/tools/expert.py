"""Tool `ask_expert`."""

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.call.expert import ExpertAway
from agent.call.state import Call
from agent.tools.asking import asked
from agent.tools.results import Context
from contracts.languages import LANGUAGES
from contracts.tools import TOOL_EXPERT, ExpertReply, ToolProblem

AWAY = ToolProblem(problem="unavailable", detail="Nobody can tell that at the moment. Say so, and name whom to ask.")
FILLERS = 2


@function_tool(name=TOOL_EXPERT)
async def ask_expert(ctx: Context, question: str) -> str | ToolResult:
    """Ask what no search answers: fare rules, visas and entry in general terms, or a long comparison of the flights shown.

    Args:
        question: The whole question in the user's language, with the nationality or the route if they said it.
    """
    call: Call = ctx.userdata

    async def work() -> BaseModel:
        cards = call.screen.offers_reply().model_dump_json() if call.screen.result is not None else "none"
        if call.expert is None:
            return AWAY
        try:
            return ExpertReply(answer=await call.expert.ask(question, cards, call.language.code))
        except ExpertAway:
            return AWAY

    async def then(answer: BaseModel) -> BaseModel:
        if isinstance(answer, ExpertReply):
            # Said by us and not left to a model: nobody may take it for advice on their case.
            call.speaker.words(LANGUAGES[call.language.code].general)
        return answer

    return await asked(ctx, work, then, fillers=FILLERS)
