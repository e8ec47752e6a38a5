"""Tells the model what another hand has done, as the calls that it would have made for it: a card that was tapped is "this
one" then, and flights that were found by form have their numbers.
"""

import json
import time
import uuid

from livekit.agents import llm

from agent.call.search_context import as_model_calls
from agent.call.state import Call
from contracts.tools import TOOL_SELECT, OfferReply


def as_found(call: Call) -> list[llm.ChatItem]:
    """The search that another hand has put on the screen; empty where none is there."""
    result = call.screen.result
    return [] if result is None else as_model_calls(call, result, f"shown-{uuid.uuid4().hex[:12]}", time.time())


def as_selected(call: Call) -> list[llm.ChatItem]:
    """The selection of the card that was tapped, and its result; empty where none is chosen any more."""
    number = call.screen.selected
    answer = call.screen.offer_reply(number) if number is not None else None
    if not isinstance(answer, OfferReply):
        return []
    call_id, at = f"tap-{uuid.uuid4().hex[:12]}", time.time()
    return [
        llm.FunctionCall(call_id=call_id, name=TOOL_SELECT, arguments=json.dumps({"number": number}), created_at=at),
        llm.FunctionCallOutput(
            call_id=call_id, name=TOOL_SELECT, output=answer.model_dump_json(), is_error=False, created_at=at
        ),
    ]
