"""Puts tool replies into words. Every price, time, date and name comes from the reply; Babel writes them."""

import re
from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal
from typing import Final

from contracts.airlines import names as airline_names
from contracts.flights import Cabin, SortKey
from contracts.languages import language as product_language
from contracts.tools import (
    TOOL_REFINE,
    AlertsReply,
    CalendarReply,
    CheckReply,
    CompareReply,
    ExpertReply,
    OfferBrief,
    OfferReply,
    OffersReply,
    StatusReply,
    ToolProblem,
)
from emulator.lexicon import Answers, lexicon
from emulator.lexicon.wishes import wish_words
from emulator.mind import trips
from emulator.mind.speaking import clock, join, money, spoken_date, spoken_time
from emulator.mind.state import State

_BEFORE_VOWEL: Final = re.compile(r"\b([Dd])e (?=[AEIOUÀÂÉÈÊÎÔŒ][^\W\d_])")
"""French `de` before a name, which is what begins with a capital inside a sentence: "d'Oslo", "d'Air France"."""


def tool_reply(state: State) -> str:
    """The answer to the last tool reply of a conversation."""
    said = _reply(state)
    return _BEFORE_VOWEL.sub(r"\1'", said) if state.language == "fr" else said


def _reply(state: State) -> str:
    match state.returned:
        case OffersReply() as reply if state.called and state.called.name == TOOL_REFINE:
            return _refined(reply, state.called.arguments.get("sort_by"), state.language)
        case OffersReply() as reply:
            return join(state.language, _found(reply, state.language), _beyond(state))
        case OfferReply(offer=offer) as reply:
            return join(state.language, _selected(offer, state.language), _reliance(reply, state.language))
        case CheckReply() | CompareReply() | CalendarReply() | StatusReply() | AlertsReply() | ExpertReply() as reply:
            return trips.told(reply, state.language)
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
    return join(
        code, opening.format(**fields), back, _kept(reply, code), _reliance(reply, code), best(reply, "price", code)
    )


def _beyond(state: State) -> str:
    """What was wished for and could not be asked for."""
    code, what = state.language, state.wishes.beyond
    return wish_words(code).told.cannot.format(what=_row(what, code)) if what else ""


def _row(what: Iterable[str], code: str) -> str:
    return (", " if lexicon(code).spaced else "、").join(what)


def _kept(reply: OffersReply, code: str) -> str:
    """What was kept to, so that a misheard wish is noticed; and what nobody says of some of the flights."""
    told = wish_words(code).told
    what = [*_party(reply, code), *_filters(reply, code)]
    kept = told.kept.format(what=_row(what, code)) if what else ""
    open_ = {"bags": told.bags_open, "refundable": told.refund_open, "price": told.price_open}
    return join(code, kept, *(open_[wish] for wish in reply.unkept if wish in open_))


def _party(reply: OffersReply, code: str) -> list[str]:
    told = wish_words(code).told
    if not reply.children and not reply.infants:
        return []
    counts = ((reply.adults, told.adults), (reply.children, told.children), (reply.infants, told.infants))
    return [_counted(count, pair) for count, pair in counts if count]


def _counted(count: int, pair: tuple[str, str]) -> str:
    return pair[0 if count == 1 else 1].format(n=count)


def _filters(reply: OffersReply, code: str) -> list[str]:
    told, kept = wish_words(code).told, reply.filters
    words = lexicon(code)
    # The first way to name the first class, else the fullest one.
    cabin = words.cabins[reply.cabin]
    found = [] if reply.cabin is Cabin.ECONOMY else [cabin[0] if reply.cabin is Cabin.FIRST else max(cabin, key=len)]
    several = bool(reply.return_date or reply.legs)
    stops = words.answers.non_stop if reply.max_stops == 0 else _at_most(reply.max_stops, code)
    found += [told.every.format(what=stops) if several else stops] if stops else []
    found += [_counted(kept.checked_bags, told.checked_bags)] if kept.checked_bags else []
    found += [told.refundable] if kept.refundable else []
    for name in ("depart_from", "depart_until", "arrive_from", "arrive_until"):
        value = getattr(kept, name)
        said = str(getattr(told, name)).format(time=_clock(value, code)) if value else ""
        found += [told.first.format(what=said) if several else said] if said else []
    for name in ("airlines", "without_airlines"):
        codes = getattr(kept, name)
        listed = _row(map(airline_name, codes), code)
        found += [str(getattr(told, name)).format(names=listed)] if codes else []
    if kept.max_price and reply.offers:
        found.append(told.max_price.format(price=money(kept.max_price, reply.offers[0].currency, code)))
    return found


def _at_most(stops: int | None, code: str) -> str:
    return "" if stops is None else _counted(stops, wish_words(code).told.max_stops)


def _clock(value: str, code: str) -> str:
    return clock(time.fromisoformat(value), code)


def cannot(state: State, names: list[str]) -> str:
    """What the search on offer has no way to ask for."""
    told, wishes, code = wish_words(state.language).told, state.wishes, state.language
    words = {
        "children_ages": _counted(len(wishes.ages), told.children),
        "infants": _counted(wishes.infants or 0, told.infants),
        "checked_bags": _counted(wishes.checked_bags or 0, told.checked_bags),
        "refundable": told.refundable,
        "max_price": told.max_price.format(price=wishes.max_price),
        "depart_from": told.depart_from.format(time=_clock(wishes.depart_from or "00:00", code)),
        "depart_until": told.depart_until.format(time=_clock(wishes.depart_until or "00:00", code)),
        "arrive_from": told.arrive_from.format(time=_clock(wishes.arrive_from or "00:00", code)),
        "arrive_until": told.arrive_until.format(time=_clock(wishes.arrive_until or "00:00", code)),
        "airlines": told.airlines.format(names=", ".join(map(airline_name, wishes.airlines))),
        "without_airlines": told.without_airlines.format(names=", ".join(map(airline_name, wishes.without_airlines))),
        "adults": _counted(wishes.adults or 1, told.adults),
        "cabin": str(wishes.cabin or ""),
        "max_stops": _at_most(wishes.max_stops, code) if wishes.max_stops else lexicon(code).answers.non_stop,
        "further_legs": "; ".join(f"{start} – {end}" for start, end, _ in wishes.onward),
        "return_date": lexicon(code).answers.returning.format(date=wishes.return_date),
    }
    return told.cannot.format(what=_row((words.get(name, name) for name in names), code))


def airline_name(airline: str) -> str:
    """The name of an airline's code."""
    return airline_names().get(airline, airline)


def _refined(reply: OffersReply, sort_by: object, code: str) -> str:
    answers = lexicon(code).answers
    if not reply.offers:
        return answers.nothing_left
    key = next((known for known in answers.best if known == sort_by), None)
    opening = "" if key else answers.matching.format(count=reply.total_offers)
    return join(code, opening, best(reply, key or "price", code), _reliance(reply, code))


def _selected(offer: OfferBrief, code: str) -> str:
    arrival = spoken_time(offer.arrives, code)
    return lexicon(code).answers.selected.format(
        number=offer.number, flight=offer.flight, arrival=arrival, **_fields(offer, code)
    )


def _fields(offer: OfferBrief, code: str) -> dict[str, str]:
    return {
        "carrier": offer.carrier,
        "time": spoken_time(offer.departs, code),
        "price": money(offer.price, offer.currency, code),
        "stops": _stops(offer, lexicon(code).answers),
    }


def _stops(offer: OfferBrief, answers: Answers) -> str:
    """The changes, of each flight of the journey where they are not all non-stop."""
    legs = [(offer.stops, offer.via)]
    if offer.return_stops is not None:
        legs.append((offer.return_stops, offer.return_via))
    legs += [(leg.stops, leg.via) for leg in offer.further]
    said = [_changes(stops, via, answers) for stops, via in legs]
    if len(said) == 1 or not any(stops for stops, _ in legs):
        return said[0]
    if offer.return_stops is not None:
        return ", ".join((answers.stops_out.format(stops=said[0]), answers.stops_back.format(stops=said[1])))
    return ", ".join(answers.stops_leg.format(number=number, stops=one) for number, one in enumerate(said, start=1))


def _changes(stops: int, via: Iterable[str], answers: Answers) -> str:
    if stops == 0:
        return answers.non_stop
    return (answers.one_stop if stops == 1 else answers.many_stops).format(count=stops, via=", ".join(via))


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
