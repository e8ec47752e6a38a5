"""What is no search: a wish for a person, a question that no search answers, and the card that was tapped."""

from contracts.tools import TOOL_EXPERT, TOOL_HAND_OVER, TOOL_PERSON, TOOL_SELECT
from emulator.lexicon import lexicon
from emulator.lexicon.intake import LANGUAGES, intake_words
from emulator.lexicon.trips import trip_words
from emulator.mind.conversation import Reply, Request
from emulator.mind.dates import fold
from emulator.mind.phrases import find
from emulator.mind.state import State
from emulator.mind.understand import Understood


def decide(request: Request, state: State, heard: Understood) -> Reply | None:
    """A person or a stronger model, where there is a tool for them; None where neither is asked for."""
    words = trip_words(heard.language)
    if _says(words.person, heard) and request.tool(TOOL_PERSON):
        return Reply(state.language, tool=TOOL_PERSON)
    if request.tool(TOOL_HAND_OVER) and any(_says(intake_words(code).wanted, heard) for code in LANGUAGES):
        return Reply(state.language, tool=TOOL_HAND_OVER, arguments={"to": "intake"})
    if not _says(words.harder, heard) or heard.dates:  # with a day it is a search that mentions one
        return None
    if request.tool(TOOL_EXPERT) is None:
        return Reply(state.language, trip_words(state.language).told.cannot_tell)
    return Reply(state.language, tool=TOOL_EXPERT, arguments={"question": heard.text})


def this_one(request: Request, state: State, heard: Understood) -> Reply | None:
    """The card that is being talked about, or was tapped."""
    if state.chosen is None or heard.names_search or request.tool(TOOL_SELECT) is None:
        return None
    if not _says(trip_words(heard.language).this_one, heard):
        return None
    return Reply(state.language, tool=TOOL_SELECT, arguments={"number": state.chosen})


def _says(phrases: tuple[str, ...], heard: Understood) -> bool:
    return find(phrases, fold(heard.text), spaced=lexicon(heard.language).spaced) is not None
