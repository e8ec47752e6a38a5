"""Decides what to answer: speak, ask, or call one of the tools on offer."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from contracts.airlines import code_of, names
from contracts.languages import language as product_language
from contracts.tools import TOOL_REFINE, TOOL_SEARCH, TOOL_SELECT, OfferReply
from emulator.lexicon import Answers, Intent, lexicon
from emulator.lexicon.trips import trip_words
from emulator.lexicon.wishes import wish_words
from emulator.mind import beyond, intake, trips, wording
from emulator.mind.conversation import Reply, Request, Tool
from emulator.mind.prompt import exact_words, is_expert
from emulator.mind.state import State, gather, search_arguments
from emulator.mind.understand import Understood
from emulator.mind.wanted import only_ages

_SMALL_TALK: Final[tuple[Intent, ...]] = ("thanks", "goodbye", "help", "hello", "no", "yes")
"""In order of precedence."""


def think(request: Request) -> Reply:
    """The answer to a conversation; the same conversation always gives the same answer."""
    fixed = exact_words(request.instructions)
    taken = intake.decide(request) if fixed is None else None
    if taken is not None:
        return taken
    state = gather(request)
    if is_expert(request.instructions):
        fixed = trip_words(state.language).told.expert
    if fixed is not None:
        return Reply(state.language, fixed)
    forced = _forced(request, state)
    if forced is not None:
        return forced
    if state.returned is not None or state.unreadable:
        return Reply(state.language, wording.tool_reply(state))
    if state.heard is None:
        return Reply(state.language, product_language(state.language).lines.greeting)
    return _answer(request, state, state.heard)


def _forced(request: Request, state: State) -> Reply | None:
    """A call where the request demands one that the dialogue itself would not make."""
    if request.tool_choice in ("auto", "none") or state.returned is not None:
        return None
    natural = _answer(request, state, state.heard) if state.heard else Reply(state.language)
    names = {tool.name for tool in request.tools}
    wanted = names if request.tool_choice == "required" else {request.tool_choice} & names
    if natural.tool in wanted:
        return natural
    tool = next((tool for tool in request.tools if tool.name in wanted), None)
    return _call(state, tool, search_arguments(state.wishes)) if tool else None


def _answer(request: Request, state: State, heard: Understood) -> Reply:
    if heard.stop:
        return Reply(state.language)
    for decide in (beyond.decide, trips.decide, beyond.this_one, _repeat, _refine, _select, _search):
        reply = decide(request, state, heard)
        if reply is not None:
            return reply
    return Reply(state.language, _talk(state, heard))


def _talk(state: State, heard: Understood) -> str:
    answers = lexicon(state.language).answers
    if state.switched:
        return answers.switched
    if "no" in heard.intents and (re.search(r"\d", heard.text) or only_ages(heard.text, state.language)):
        return answers.not_understood  # a correction that is not read is not waved through
    for intent in _SMALL_TALK:
        if intent in heard.intents:
            return str(getattr(answers, intent))
    if state.question:
        return state.question
    return answers.not_understood if not heard.intents else _ask(state, answers)


def _repeat(request: Request, state: State, heard: Understood) -> Reply | None:
    del request
    if "repeat" not in heard.intents or heard.names_search:
        return None
    return Reply(state.language, state.spoken or lexicon(state.language).answers.nothing_said)


def _search(request: Request, state: State, heard: Understood) -> Reply | None:
    """Search when something of the search changed and nothing is missing; ask for what is missing."""
    wants = (
        heard.names_search or (state.changed and not state.switched) or bool({"search", "round_trip"} & heard.intents)
    )
    if not wants:
        return None
    if state.wishes.missing:
        return Reply(state.language, _ask(state, lexicon(state.language).answers))
    tool = request.tool(TOOL_SEARCH)
    if tool is None:
        return Reply(state.language, product_language(state.language).lines.search_unavailable)
    arguments = search_arguments(state.wishes)
    unknown = [name for name, value in arguments.items() if value is not None and name not in tool.argument_names]
    if tool.argument_names and unknown:
        # Left out in silence it would be the answer to another question.
        return Reply(state.language, wording.cannot(state, unknown))
    return _call(state, tool, arguments)


def _ask(state: State, answers: Answers) -> str:
    if state.question and state.wishes.missing == state.asked_again:
        return state.question  # which of several places was meant is still open
    questions = {
        "destination": answers.ask_destination,
        "origin": answers.ask_origin,
        "departure": answers.ask_date,
        "return_date": answers.ask_return,
        "ages": wish_words(state.language).told.ask_ages,
    }
    return questions[state.wishes.missing] if state.wishes.missing else answers.help


def _refine(request: Request, state: State, heard: Understood) -> Reply | None:
    """Sort or filter what was found; with the search tool alone, answer from the last results."""
    arguments = _refinement(state, heard)
    if arguments is None or heard.names_search:
        return None
    tool = request.tool(TOOL_REFINE)
    if tool is not None:
        return _call(state, tool, arguments)
    if state.offers is None:
        return None if state.changed else Reply(state.language, lexicon(state.language).answers.nothing_to_refine)
    if arguments["sort_by"] is not None and heard.sort_by:
        return Reply(state.language, wording.best(state.offers, heard.sort_by, state.language))
    return None


def _refinement(state: State, heard: Understood) -> dict[str, JsonValue] | None:
    """Arguments of the refine tool, or None when nothing to refine by was said."""
    if state.offers is None and (state.wishes.missing or not heard.sort_by):
        return None
    arguments: dict[str, JsonValue] = {
        "sort_by": heard.sort_by,
        "max_stops": 0 if "non_stop" in heard.intents else None,
        "carrier": _carrier(state, heard),
        "max_price": heard.max_price,
    }
    return arguments if any(value is not None for value in arguments.values()) else None


def _carrier(state: State, heard: Understood) -> str | None:
    """An airline that the user names, as the last results call it; else its code, so that the tool says that it has none."""
    unwanted = {names()[code] for code in state.wishes.without_airlines}
    carriers = {offer.carrier for offer in state.offers.offers} if state.offers else set()
    wanted = heard.wanted.airlines
    known = {name: code_of(name) for name in sorted(carriers - unwanted)}
    named = [name for name, code in known.items() if code in wanted or _says_name(name, heard.text)]
    return next(iter(named), next(iter(wanted), None))


def _says_name(name: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text, re.IGNORECASE) is not None


def _select(request: Request, state: State, heard: Understood) -> Reply | None:
    if heard.number is None or heard.names_search or state.offers is None or state.changed:
        return None
    tool = request.tool(TOOL_SELECT)
    if tool is not None:
        return _call(state, tool, {"number": heard.number})
    offer = next((offer for offer in state.offers.offers if offer.number == heard.number), None)
    if offer is None:
        return Reply(state.language, lexicon(state.language).answers.no_such_number)
    told = OfferReply(sample=state.offers.sample, indicative=state.offers.indicative, offer=offer)
    selected = replace(state, returned=told)
    return Reply(state.language, wording.tool_reply(selected))


def _call(state: State, tool: Tool, arguments: Mapping[str, JsonValue]) -> Reply:
    """A call with the arguments that the tool's schema knows."""
    known = tool.argument_names
    chosen = {name: value for name, value in arguments.items() if name in known} if known else dict(arguments)
    return Reply(state.language, tool=tool.name, arguments=chosen)
