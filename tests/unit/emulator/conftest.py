"""A conversation with the mind for the tests: it says things, answers tool calls and remembers everything."""

import json
from typing import Any

import pytest

from emulator.mind.conversation import Called, Item, Reply, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

INSTRUCTIONS = "You find flights. Today is 2026-11-21 (Saturday), time zone Europe/Madrid."


def schema(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {} for name in names}}


SEARCH = Tool(
    "search_flights",
    schema("origin", "destination", "departure_date", "return_date", "further_legs", "adults", "cabin", "max_stops"),
)
REFINE = Tool("refine_flights", schema("sort_by", "max_stops", "carrier", "max_price"))
SELECT = Tool("select_flight", schema("number"))
TOOLS = (SEARCH, REFINE, SELECT)


def offer(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "carrier": "Iberia",
        "flight": "IB3270",
        "price": "1089.90",
        "currency": "EUR",
        "departs": "2026-11-22T17:05",
        "arrives": "2026-11-22T20:10",
        "origin": "MAD",
        "destination": "BER",
        "duration_minutes": 185,
        "stops": 0,
    } | changes


OFFERS = [
    offer(1, price="1120.00", carrier="Lufthansa", flight="LH1801", stops=1, via=["Frankfurt"], duration_minutes=170),
    offer(2),
]


class Talk:
    """One conversation."""

    search, refine, select, offer = SEARCH, REFINE, SELECT, staticmethod(offer)

    def __init__(self, *tools: Tool, instructions: str = INSTRUCTIONS, tool_choice: str = "auto") -> None:
        self.tools = tools or TOOLS
        self.instructions = instructions
        self.tool_choice = tool_choice
        self.items: list[Item] = []

    def think(self) -> Reply:
        return think(Request(self.instructions, tuple(self.items), self.tools, self.tool_choice))

    def say(self, text: str) -> Reply:
        """The user speaks."""
        self.items.append(Said("user", text))
        return self._kept(self.think())

    def give(self, output: str) -> Reply:
        """The tool answers."""
        called = self.items[-1]
        assert isinstance(called, Called)
        self.items.append(Returned(called.call_id, output))
        return self._kept(self.think())

    def _kept(self, reply: Reply) -> Reply:
        if reply.tool:
            self.items.append(Called(f"call_{len(self.items)}", reply.tool, reply.arguments))
        elif reply.text:
            self.items.append(Said("assistant", reply.text))
        return reply

    @staticmethod
    def found(**changes: Any) -> str:
        return json.dumps(
            {
                "search_id": "abcdefgh",
                "sample": True,
                "origin": {"code": "MAD", "name": "Madrid"},
                "destination": {"code": "BER", "name": "Berlin"},
                "departure_date": "2026-11-22",
                "return_date": None,
                "adults": 1,
                "total_offers": 7,
                "offers": OFFERS,
            }
            | changes
        )

    @staticmethod
    def problem(kind: str, **fields: Any) -> str:
        return json.dumps({"status": "error", "problem": kind, "detail": "for the log"} | fields)

    @staticmethod
    def given(reply: Reply) -> dict[str, Any]:
        """The arguments that were filled."""
        return {name: value for name, value in reply.arguments.items() if value is not None}


@pytest.fixture
def talk() -> type[Talk]:
    """Starts conversations, and has the tools and tool replies for them."""
    return Talk
