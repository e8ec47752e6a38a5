"""Puts tool replies into words. Every price, time, date and name comes from the reply; Babel writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency

from contracts.flights import SortKey
from contracts.languages import language as product_language
from contracts.tools import TOOL_REFINE, OfferBrief, OfferReply, OffersReply, ToolProblem
from emulator.lexicon import Answers, lexicon
from emulator.mind.state import State

_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " "})


def tool_reply(state: State) -> str:
    """The answer to the last tool reply of a conversation."""
    match state.returned:
        case OffersReply() as reply if state.called and state.called.name == TOOL_REFINE:
            return _refined(reply, state.called.arguments.get("sort_by"), state.language)
        case OffersReply() as reply:
            return _found(reply, state.language)
        case OfferReply(offer=offer) as reply:
            return _join(state.language, _selected(offer, state.language), _reliance(reply, state.language))
        case ToolProblem() as problem:
            return _problem(problem, state)
        case _:
            return product_language(state.language).lines.search_unavailable


def best(reply: OffersReply, key: SortKey, code: str) -> str:
    """The best of the listed offers by a key."""
    ranks = {
        "price": lambda offer: Decimal(offer.price),
        "duration": lambda offer: offer.duration_minutes,
        "departure": lambda offer: offer.departs,
    }
    return lexicon(code).answers.best[key].format(**_fields(min(reply.offers, key=ranks[key]), code))


def spoken_date(value: str, code: str) -> str:
    """An ISO date with its weekday, as the language writes it."""
    day, locale = date.fromisoformat(value), _locale(code)
    weekday = format_date(day, "EEEE", locale=locale)
    month_day = format_skeleton("MMMMd", day, locale=locale)
    return f"{weekday}, {month_day}" if lexicon(code).spaced else f"{month_day}{weekday}"


def _locale(code: str) -> str:
    return product_language(code).tag.replace("-", "_")


def _join(code: str, *sentences: str) -> str:
    return (" " if lexicon(code).spaced else "").join(filter(None, sentences))


def _reliance(reply: OffersReply | OfferReply, code: str) -> str:
    """What must be said of the prices; nothing of live ones."""
    answers = lexicon(code).answers
    if reply.sample:
        return answers.sample
    return answers.indicative if reply.indicative else ""


def _found(reply: OffersReply, code: str) -> str:
    answers = lexicon(code).answers
    fields = {
        "count": reply.total_offers,
        "origin": reply.origin.name,
        "destination": reply.destination.name,
        "date": spoken_date(reply.departure_date, code),
    }
    if not reply.offers:
        return (answers.nothing if reply.complete else answers.nothing_in_time).format(**fields)
    opening = answers.found_one if reply.total_offers == 1 else answers.found
    back = answers.returning.format(date=spoken_date(reply.return_date, code)) if reply.return_date else ""
    return _join(code, opening.format(**fields), back, _reliance(reply, code), best(reply, "price", code))


def _refined(reply: OffersReply, sort_by: object, code: str) -> str:
    answers = lexicon(code).answers
    if not reply.offers:
        return answers.nothing_left
    key = next((known for known in answers.best if known == sort_by), None)
    opening = "" if key else answers.matching.format(count=reply.total_offers)
    return _join(code, opening, best(reply, key or "price", code), _reliance(reply, code))


def _selected(offer: OfferBrief, code: str) -> str:
    arrival = _time(offer.arrives, code)
    return lexicon(code).answers.selected.format(
        number=offer.number, flight=offer.flight, arrival=arrival, **_fields(offer, code)
    )


def _fields(offer: OfferBrief, code: str) -> dict[str, str]:
    return {
        "carrier": offer.carrier,
        "time": _time(offer.departs, code),
        "price": format_currency(Decimal(offer.price), offer.currency, locale=_locale(code)).translate(_SPACES),
        "stops": _stops(offer, lexicon(code).answers),
    }


def _time(value: str, code: str) -> str:
    return format_time(datetime.fromisoformat(value).time(), "short", locale=_locale(code)).translate(_SPACES)


def _stops(offer: OfferBrief, answers: Answers) -> str:
    if offer.stops == 0:
        return answers.non_stop
    via = ", ".join(offer.via)
    return (answers.one_stop if offer.stops == 1 else answers.many_stops).format(count=offer.stops, via=via)


def _problem(problem: ToolProblem, state: State) -> str:
    answers = lexicon(state.language).answers
    place = _place_argument(problem, state)
    past = problem.problem == "invalid_input" and "date" in (problem.field or "")
    words = {
        "unknown_place": answers.unknown_place.format(place=place),
        "ambiguous_place": answers.ambiguous_place.format(place=place, candidates=_listed(problem.candidates, answers)),
        "invalid_input": answers.past_date if past else answers.invalid_input,
        "unavailable": product_language(state.language).lines.search_unavailable,
        "nothing_to_refine": answers.nothing_to_refine,
        "no_such_number": answers.no_such_number,
        "limit_reached": answers.limit_reached,
    }
    return words[problem.problem]


def _place_argument(problem: ToolProblem, state: State) -> str:
    arguments: Mapping[str, object] = state.called.arguments if state.called else {}
    return str(arguments.get(problem.field or "") or "")


def _listed(names: tuple[str, ...], answers: Answers) -> str:
    *most, last = names or ("",)
    return answers.list_or.join((", ".join(most), last)) if most else last
