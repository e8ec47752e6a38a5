"""The flight assistant: its tools, the calendar in its prompt, and its sentences held against the flights."""

from datetime import date, datetime, timedelta
from typing import Final

from livekit.agents import llm

from agent.call.local_time import local_now
from agent.call.state import Call
from agent.personas.base import Persona, Righted
from agent.personas.flights.facts import claims
from agent.personas.flights.facts.figures import in_figures
from agent.personas.flights.tools.alerts import price_alert
from agent.personas.flights.tools.days import flight_status, price_calendar
from agent.personas.flights.tools.expert import ask_expert
from agent.personas.flights.tools.refine import refine_flights
from agent.personas.flights.tools.search import search_flights
from agent.personas.flights.tools.select import select_flight
from agent.personas.flights.tools.trip import check_flight, compare_flights
from agent.personas.flights.touch import as_found, as_selected
from agent.personas.flights.truth import right

_HARDER: Final = (
    "Fare rules, visas, entry and baggage in general terms, or a comparison of many facts: call `ask_expert` and say what "
    "it answers. That it is general information has been said already."
)
_NOT_KNOWN: Final = (
    "You cannot tell fare rules beyond the cards, visas or entry requirements: say so, and name the airline or the "
    "consulate to ask. Never answer them from memory."
)
_WEEKS: Final = 6
"""This one and five more."""


class Flights(Persona):
    """Finds flights."""

    takes_files = True
    fillers = ("searching",)
    tools = (
        search_flights,
        refine_flights,
        select_flight,
        check_flight,
        compare_flights,
        price_calendar,
        flight_status,
        price_alert,
    )

    def warm(self) -> None:
        """With how languages write days, and money, which needs every language's names whatever the currency."""
        super().warm()
        for code in self.entry.languages:
            claims.calendar(code)
            in_figures("", code)
        list(claims.prices("", min(claims.currencies())))

    def facts(self, call: Call, now: datetime | None = None) -> dict[str, str]:
        """With the calendar."""
        today = local_now(call.metadata.time_zone, now).date()
        harder = _HARDER if call.expert is not None else _NOT_KNOWN
        return {**super().facts(call, now), "calendar": calendar(today), "harder": harder}

    def tools_of(self, call: Call) -> list[llm.Tool | llm.Toolset]:
        """With the second model, where there is one."""
        return [*super().tools_of(call), *([ask_expert] if call.expert is not None else [])]

    def right(self, call: Call, sentence: str) -> Righted:
        """What is said of flights, as the flights are."""
        return right(call, sentence)

    def touched(self, call: Call) -> list[llm.ChatItem]:
        """The card that was tapped."""
        return as_selected(call)

    def found(self, call: Call) -> list[llm.ChatItem]:
        """The flights that another hand has put on the screen."""
        return as_found(call)

    async def show(self, call: Call) -> None:
        """The cards."""
        await call.publish_screen()


def calendar(today: date) -> str:
    """The weeks to come, Monday first, so that no weekday has to be reckoned."""
    monday = today - timedelta(days=today.weekday())
    weeks = ((monday + timedelta(days=7 * week + day) for day in range(7)) for week in range(_WEEKS))
    return "\n".join("  ".join(f"{day:%a} {day}" for day in week if day >= today) for week in weeks)


PERSONA: Final = Flights(__package__)
