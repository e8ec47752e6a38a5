"""A search and its result as the model knows them, so that it can speak of cards that it has not found itself."""

import json

from livekit.agents import llm

from agent.call.state import Call
from contracts.flights import SearchResult
from contracts.tools import TOOL_SEARCH


def as_model_calls(call: Call, result: SearchResult, call_id: str, at: float) -> list[llm.ChatItem]:
    """The call that the model would have made for it, and the cards that are shown; `at` in seconds of the epoch."""
    query = result.query
    arguments = {
        "origin": query.origin.code,
        "destination": query.destination.code,
        "departure_date": query.departure_date.isoformat(),
        "return_date": query.return_date.isoformat() if query.return_date else None,
        "adults": query.adults,
        "cabin": query.cabin.value,
    }
    output = call.screen.offers_reply().model_dump_json()
    return [
        llm.FunctionCall(call_id=call_id, name=TOOL_SEARCH, arguments=json.dumps(arguments), created_at=at),
        llm.FunctionCallOutput(call_id=call_id, name=TOOL_SEARCH, output=output, is_error=False, created_at=at),
    ]
