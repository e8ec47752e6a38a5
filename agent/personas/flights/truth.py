"""What is about to be said, held against what the call has found; a wrong sentence is repaired, or the fact said itself."""

from typing import Final

from agent.call.state import Call
from agent.personas.base import Righted
from agent.personas.flights.facts.judge import mistakes, plain, plain_day
from agent.personas.flights.facts.mistakes import Mistake, repaired
from agent.personas.flights.facts.told import mistakes_told, plain_told
from contracts.tools import AlertsReply, CalendarReply, CheckReply, StatusReply

ABOUT_THE_SEARCH: Final = frozenset({"date", "weekday", "count"})


def right(call: Call, sentence: str) -> Righted:
    """The sentence, with what is wrong in it put right."""
    told, code = call.told, call.language.code
    if isinstance(told, CalendarReply | StatusReply | AlertsReply):
        wrong = mistakes_told(sentence, told, code, call.heard)
        return (
            Righted(sentence)
            if not wrong or _of_cards(call, sentence)
            else _righted(sentence, wrong, plain_told(told, code))
        )
    screen = call.screen
    if screen.result is None:
        return Righted(sentence)
    # A price that has changed is said with the one that it was.
    before = f" {told.before} {told.now or ''}" if isinstance(told, CheckReply) else ""
    wrong = mistakes(sentence, screen.result, screen.offers, code, call.heard + before)
    return _righted(sentence, wrong, _flight(call, sentence, wrong[0].kind)) if wrong else Righted(sentence)


def _of_cards(call: Call, sentence: str) -> bool:
    """Whether it is right of the cards, which may be spoken of again at any time."""
    screen = call.screen
    return screen.result is not None and not mistakes(
        sentence, screen.result, screen.offers, call.language.code, call.heard
    )


def _righted(sentence: str, wrong: list[Mistake], instead: str) -> Righted:
    better = repaired(sentence, wrong)
    tail = sentence[len(sentence.rstrip()) :]
    return Righted(better if better is not None else instead + tail, tuple(one.kind for one in wrong))


def _flight(call: Call, sentence: str, kind: str) -> str:
    """The fact itself, of the flight that was spoken of: the airline's that was named, else the chosen or first one."""
    screen, language = call.screen, call.language.code
    offers = screen.offers
    if screen.result is not None and (kind in ABOUT_THE_SEARCH or not offers):
        return plain_day(screen.result, language)
    chosen = offers[(screen.selected or 1) - 1]
    named = [offer for offer in offers if offer.carrier.name in sentence]
    return plain(chosen if chosen in named or not named else named[0], language)
