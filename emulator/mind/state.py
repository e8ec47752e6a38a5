"""What a conversation has come to: the wishes gathered over its turns. Always derived anew from the whole of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from contracts.flights import Cabin
from contracts.problems import Choice
from contracts.tools import (
    AlertsReply,
    CalendarReply,
    CheckReply,
    CompareReply,
    ExpertReply,
    OfferReply,
    OffersReply,
    StatusReply,
    ToolProblem,
)
from emulator.lexicon import lexicon
from emulator.lexicon.trips import trip_words
from emulator.mind.choosing import chosen_of, names_no_city, offered
from emulator.mind.conversation import Called, Item, Request, Returned, Said
from emulator.mind.dates import fold
from emulator.mind.detect import asked_language, detect
from emulator.mind.phrases import find
from emulator.mind.prompt import named_language, only_language, today
from emulator.mind.understand import Understood, understand
from emulator.mind.wanted import only_ages

End = Literal["origin", "destination"]
ToolReply = (
    OffersReply
    | OfferReply
    | CheckReply
    | CompareReply
    | CalendarReply
    | StatusReply
    | AlertsReply
    | ExpertReply
    | ToolProblem
)
_REPLIES: Final[TypeAdapter[ToolReply]] = TypeAdapter(ToolReply)
_END: Final[Mapping[str, End]] = {"origin": "origin", "destination": "destination"}


@dataclass(frozen=True)
class Wishes:
    """The search as far as it is known."""

    origin: str | None = None
    destination: str | None = None
    departure: date | None = None
    return_date: date | None = None
    wants_return: bool = False
    onward: tuple[tuple[str, str, date | None], ...] = ()
    """Legs after the first of a journey that goes on elsewhere."""
    adults: int | None = None
    cabin: Cabin | None = None
    max_stops: int | None = None
    children: int | None = None
    ages: tuple[int, ...] = ()
    infants: int | None = None
    checked_bags: int | None = None
    refundable: bool | None = None
    depart_from: str | None = None
    depart_until: str | None = None
    arrive_from: str | None = None
    arrive_until: str | None = None
    airlines: tuple[str, ...] = ()
    without_airlines: tuple[str, ...] = ()
    max_price: str | None = None
    beyond: tuple[str, ...] = ()
    """What was wished for that no search can ask for, in the traveller's words."""

    def with_place(self, end: End, place: str | None) -> "Wishes":
        """The wishes with one end of the journey changed."""
        return replace(self, origin=place) if end == "origin" else replace(self, destination=place)

    @property
    def missing(self) -> Literal["destination", "origin", "departure", "return_date", "ages"] | None:
        """What must be asked for next."""
        if self.destination is None:
            return "destination"
        if self.origin is None:
            return "origin"
        if self.departure is None or any(day is None for _, _, day in self.onward):
            return "departure"
        if self.wants_return and self.return_date is None:
            return "return_date"
        return "ages" if (self.children or 0) > len(self.ages) else None


@dataclass(frozen=True)
class State:
    """The conversation up to now."""

    language: str
    today: date
    wishes: Wishes = field(default_factory=Wishes)
    pinned: bool = False
    """The instructions name the one language to answer in."""
    heard: Understood | None = None
    """The last utterance, when the user spoke last (tool calls aside)."""
    switched: bool = False
    """The last utterance asked for its language by name."""
    changed: bool = False
    """The last utterance changed the wishes."""
    called: Called | None = None
    """The last tool call."""
    returned: ToolReply | None = None
    """What it gave, when nothing was said since."""
    acknowledged: bool = False
    """The last utterance only said that it was heard what is being done; what that gives is still to be told."""
    unreadable: bool = False
    """It gave something that is no tool reply."""
    offers: OffersReply | None = None
    """The last list of offers."""
    cheapest: date | None = None
    """The cheapest day that a calendar told last."""
    chosen: int | None = None
    """The card that is being talked about."""
    asked_again: End | None = None
    """The place that the last tool reply could not use."""
    candidates: tuple[Choice, ...] = ()
    """What it proposed in its place."""
    question: str = ""
    """How it was asked about, for an answer that settles nothing."""
    spoken: str = ""
    """What the assistant said last."""


_ACKNOWLEDGING: Final[frozenset[str]] = frozenset({"yes", "thanks", "hello"})


def gather(request: Request) -> State:
    """Reads a conversation from its first item to its last."""
    only = only_language(request.instructions)
    language = only or named_language(request.instructions) or "en"
    state = State(language=language, today=today(request.instructions), pinned=only is not None)
    for item in request.items:
        state = _advance(state, item)
    return state


def _advance(state: State, item: Item) -> State:
    match item:
        case Said(role="user", text=text):
            return _hear(state, text)
        case Said(text=text):
            if state.acknowledged:
                return replace(state, heard=None, acknowledged=False)
            question = text if state.candidates and state.returned is not None else state.question
            return replace(
                state, spoken=text or state.spoken, question=question, heard=None, returned=None, unreadable=False
            )
        case Called():
            return replace(state, called=item, returned=None, unreadable=False)
        case Returned(output=output):
            return _receive(state, output)


def _hear(state: State, text: str) -> State:
    spoken = detect(text, state.language)
    asked = asked_language(text, spoken)
    language = asked or spoken
    heard = understand(text, language, state.today)
    if heard.stop:
        heard = replace(heard, language=state.language)
        return replace(state, heard=heard, switched=False, changed=False, returned=None, unreadable=False)
    heard = _on_that_day(state, heard)
    wishes = _merge(state, heard)
    if state.returned is not None and heard.intents and set(heard.intents) <= _ACKNOWLEDGING and wishes == state.wishes:
        # Who says "okay" while a tool works still waits for what it gave.
        return replace(state, acknowledged=True)
    return replace(
        state,
        # Understood in the language it was said in, answered in the one that was chosen.
        language=state.language if state.pinned else language,
        wishes=wishes,
        heard=heard,
        switched=asked is not None,
        changed=wishes != state.wishes,
        returned=None,
        unreadable=False,
        asked_again=None if wishes != state.wishes else state.asked_again,
        candidates=() if wishes != state.wishes else state.candidates,
        question="" if wishes != state.wishes else state.question,
    )


def _on_that_day(state: State, heard: Understood) -> Understood:
    """Who has been told the cheapest day may name it so."""
    if state.cheapest is None or heard.dates:
        return heard
    that_day = trip_words(heard.language).that_day
    said = find(that_day, fold(heard.text), spaced=lexicon(heard.language).spaced)
    return replace(heard, dates=(state.cheapest,)) if said else heard


def _merge(state: State, heard: Understood) -> Wishes:
    wishes = _merge_places(state, heard)
    if heard.onward:
        onward = tuple((start, end, None) for start, end in heard.onward)
        wishes = replace(wishes, onward=onward, return_date=None, wants_return=False)
    elif heard.origin and heard.destination:
        wishes = replace(wishes, onward=())
    wishes = _merge_onward(wishes, heard) if wishes.onward else _merge_dates(wishes, heard)
    if heard.adults:
        wishes = replace(wishes, adults=heard.adults)
    if heard.cabin:
        wishes = replace(wishes, cabin=heard.cabin)
    if "non_stop" in heard.intents:
        wishes = replace(wishes, max_stops=0)
    elif heard.wanted.max_stops is not None:
        wishes = replace(wishes, max_stops=heard.wanted.max_stops)
    return merge_wanted(wishes, heard, state.language, found=state.offers is not None)


def _merge_places(state: State, heard: Understood) -> Wishes:
    wishes = replace(
        state.wishes,
        origin=heard.origin or state.wishes.origin,
        destination=heard.destination or state.wishes.destination,
    )
    if state.asked_again and state.candidates:
        chosen = chosen_of(state.candidates, heard)
        if chosen:
            return state.wishes.with_place(state.asked_again, chosen)
        if names_no_city(heard):
            return state.wishes  # neither of them, nor any other: asked again
    plain = list(heard.places)
    if not plain:
        return wishes
    if len(plain) > 1 and not heard.origin and not heard.destination:
        return replace(wishes, origin=plain[0], destination=plain[1])
    return wishes.with_place(_plain_role(state, wishes, heard), plain[0])


def _plain_role(state: State, wishes: Wishes, heard: Understood) -> End:
    """Which end a place without a marker is: the one that was asked for, else the one still open."""
    if heard.destination:
        return "origin"
    if heard.origin:
        return "destination"
    if state.asked_again:
        return state.asked_again
    return _END.get(wishes.missing or "", "destination")


def _merge_onward(wishes: Wishes, heard: Understood) -> Wishes:
    """Days of a journey of several legs, in the order in which they are flown."""
    days = list(heard.dates)
    if days and (heard.onward or wishes.departure is None):
        wishes = replace(wishes, departure=days.pop(0))
    onward = tuple((start, end, day or (days.pop(0) if days else None)) for start, end, day in wishes.onward)
    return replace(wishes, onward=onward)


def _merge_dates(wishes: Wishes, heard: Understood) -> Wishes:
    if "one_way" in heard.intents:
        wishes = replace(wishes, return_date=None, wants_return=False)
    elif "round_trip" in heard.intents:
        wishes = replace(wishes, wants_return=True)
    dates = list(heard.dates)
    if dates and wishes.missing == "return_date" and len(dates) == 1 and not heard.return_date:
        return replace(wishes, return_date=dates[0])
    if dates:
        wishes = replace(wishes, departure=dates.pop(0))
        if wishes.return_date and wishes.departure and wishes.return_date < wishes.departure:
            wishes = replace(wishes, return_date=None)
    back = heard.return_date or (dates[0] if dates else None)
    return replace(wishes, return_date=back, wants_return=True) if back else wishes


def _receive(state: State, output: str) -> State:
    try:
        reply = _REPLIES.validate_json(output)
    except ValidationError:
        return replace(state, returned=None, unreadable=True)
    offers = reply if isinstance(reply, OffersReply) and reply.offers else state.offers
    asked_again = _END.get(reply.field or "") if isinstance(reply, ToolProblem) else None
    return replace(
        state,
        returned=reply,
        unreadable=False,
        offers=offers,
        cheapest=_cheapest(reply) or state.cheapest,
        chosen=_chosen(state, reply),
        asked_again=asked_again,
        candidates=offered(reply) if isinstance(reply, ToolProblem) else (),
        wishes=state.wishes.with_place(asked_again, None) if asked_again else state.wishes,
    )


def merge_wanted(wishes: Wishes, heard: Understood, language: str, *, found: bool) -> Wishes:
    """Who else travels and what the flights must be like. With cards on the screen, an airline or a price alone sorts those."""
    wanted = heard.wanted
    if wishes.missing == "ages" and not wanted.ages:
        ages = only_ages(heard.text, language)
        wishes = replace(wishes, ages=ages) if len(ages) == wishes.children else wishes
    if wanted.children or wanted.ages:
        count = max(wanted.children or 0, len(wanted.ages), wishes.children or 0 if not wanted.children else 0)
        wishes = replace(wishes, children=count, ages=wanted.ages or wishes.ages[:count])
    said = {
        name: getattr(wanted, name)
        for name in ("infants", "checked_bags", "refundable", "without_airlines")
        if getattr(wanted, name)
    }
    if wanted.times:
        said |= {name: getattr(wanted, name) for name in ("depart_from", "depart_until", "arrive_from", "arrive_until")}
    if wanted.beyond:
        said |= {"beyond": tuple(dict.fromkeys((*wishes.beyond, *wanted.beyond)))}
    if not found or heard.names_search:
        said |= {"airlines": wanted.airlines} if wanted.airlines else {}
        said |= {"max_price": heard.max_price} if heard.max_price else {}
    return replace(wishes, **said)


def _cheapest(reply: ToolReply) -> date | None:
    return date.fromisoformat(reply.cheapest[0].date) if isinstance(reply, CalendarReply) and reply.cheapest else None


def _chosen(state: State, reply: ToolReply) -> int | None:
    if isinstance(reply, OfferReply):
        return reply.offer.number
    if isinstance(reply, CheckReply):
        return reply.number if reply.outcome != "gone" else None
    return None if isinstance(reply, OffersReply) else state.chosen


def search_arguments(wishes: Wishes) -> dict[str, JsonValue]:
    """Arguments of the search tool."""
    return {
        "origin": wishes.origin,
        "destination": wishes.destination,
        "departure_date": wishes.departure.isoformat() if wishes.departure else None,
        "return_date": wishes.return_date.isoformat() if wishes.return_date else None,
        "further_legs": [
            {"origin": start, "destination": end, "date": day.isoformat()} for start, end, day in wishes.onward if day
        ]
        or None,
        "adults": wishes.adults,
        "cabin": wishes.cabin.value if wishes.cabin else None,
        "max_stops": wishes.max_stops,
        "children_ages": list(wishes.ages) or None,
        "infants": wishes.infants,
        "checked_bags": wishes.checked_bags,
        "refundable": wishes.refundable,
        "airlines": list(wishes.airlines) or None,
        "without_airlines": list(wishes.without_airlines) or None,
        "depart_from": wishes.depart_from,
        "depart_until": wishes.depart_until,
        "arrive_from": wishes.arrive_from,
        "arrive_until": wishes.arrive_until,
        "max_price": float(wishes.max_price) if wishes.max_price else None,
    }
