"""What is about to be said, held against what the call has found; a wrong sentence is repaired, or the flight said itself."""

from typing import Final

from agent.call import Call
from agent.personas.base import Righted
from agent.personas.flights.facts.judge import mistakes, plain, plain_day, repaired

ABOUT_THE_SEARCH: Final = frozenset({"date", "weekday", "count"})


def right(call: Call, sentence: str) -> Righted:
    """The sentence, with what is wrong in it put right."""
    screen = call.screen
    if screen.result is None or call.off_screen:
        return Righted(sentence)
    wrong = mistakes(sentence, screen.result, screen.offers, call.language.code, call.heard)
    if not wrong:
        return Righted(sentence)
    kinds = tuple(one.kind for one in wrong)
    better = repaired(sentence, wrong)
    tail = sentence[len(sentence.rstrip()) :]
    return Righted(better if better is not None else _flight(call, kinds[0]) + tail, kinds)


def _flight(call: Call, kind: str) -> str:
    screen, language = call.screen, call.language.code
    offers = screen.offers
    if screen.result is not None and (kind in ABOUT_THE_SEARCH or not offers):
        return plain_day(screen.result, language)
    return plain(offers[(screen.selected or 1) - 1], language)
