"""What the agent's tools return to the model, as JSON: small, numbered, and complete enough to speak from."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.flights import Cabin, Filters, Offer, Slice
from contracts.problems import Choice
from contracts.wire import Wire

TOOL_SEARCH = "search_flights"
"""Arguments: origin, destination (city or IATA code), departure_date (ISO date) and, each nullable: return_date,
further_legs, adults, children_ages, infants, cabin, max_stops, checked_bags, refundable, airlines, without_airlines,
depart_from, depart_until, arrive_from, arrive_until, max_price. Result: `OffersReply` or `ToolProblem`."""
TOOL_REFINE = "refine_flights"
"""Arguments, each nullable: sort_by (price | duration | departure), max_stops, carrier (name or code), max_price, depart_from and
depart_until (HH:MM), airport (code), checked_bag.
Acts on the last search. Result: `OffersReply` or `ToolProblem`."""
TOOL_SELECT = "select_flight"
"""Argument: number (1 is the first card on the screen). Result: `OfferReply` or `ToolProblem`."""

TOOL_CHECK = "check_flight"
"""Argument: number of a card. Asks its source again, before it is handed over. Result: `CheckReply` or `ToolProblem`."""
TOOL_COMPARE = "compare_flights"
"""Argument: numbers, two to four cards. Result: `CompareReply` or `ToolProblem`."""
TOOL_CALENDAR = "price_calendar"
"""Arguments: origin, destination, first_date and, each nullable: days, stay_nights, adults. Result: `CalendarReply` or
`ToolProblem`."""
TOOL_STATUS = "flight_status"
"""Arguments: flight (`IB3270`), date. Result: `StatusReply` or `ToolProblem`."""
TOOL_ALERT = "price_alert"
"""Arguments: action (create | list | pause | resume | delete) and, each nullable: alert (its number in the list), email,
max_price. Creates one for the search on the screen. Result: `AlertsReply` or `ToolProblem`."""

TOOL_EXPERT = "ask_expert"
"""Argument: question. Only where a second model is configured. Result: `ExpertReply` or `ToolProblem`."""
TOOL_PERSON = "call_a_person"
"""No argument: asks for a human being to take over. What comes of it is said by the agent itself. Result: `HandoverReply`."""
TOOL_HAND_OVER = "hand_over"
"""Argument: to (another persona). Result: `HandoverReply` or `ToolProblem`."""
TOOL_CONSENT = "record_consent"
"""Intake. Argument: agreed. Asks who the patient is before it returns. Result of each intake tool: `IntakeReply` or
`ToolProblem`."""
TOOL_SYMPTOMS = "note_symptoms"
"""Intake. Argument: symptoms (what, since, severity of 0 to 10)."""
TOOL_HISTORY = "note_history"
"""Intake. Argument: entries, earlier illnesses and operations."""
TOOL_ALLERGIES = "note_allergies"
"""Intake. Argument: entries."""
TOOL_MEDICINES = "note_medicines"
"""Intake. Argument: medicines (name, dose, how_often)."""
TOOL_RED_FLAG = "raise_red_flag"
"""Intake. Argument: kind, of `contracts.intakes.RedFlag`. Ends the questions."""
TOOL_FINISH = "finish_intake"
"""Intake. No argument."""

SPOKEN_OFFERS = 5
"""Offers that a tool result carries; the page shows them all."""


class LegBrief(Wire):
    """One leg of a journey of several legs. Times are local, `YYYY-MM-DDTHH:MM`."""

    origin: str
    destination: str
    departs: str
    arrives: str
    stops: int
    via: tuple[str, ...] = ()


class OfferBrief(Wire):
    """One offer, reduced to what is worth saying. Times are local, `YYYY-MM-DDTHH:MM`."""

    number: Annotated[int, Field(ge=1)]
    carrier: str
    flight: str
    price: str
    """Decimal string for all passengers."""
    currency: str
    """The offer's own, which need not be the one that the caller thinks in."""
    departs: str
    arrives: str
    origin: str
    """IATA code of the airport that it leaves from."""
    destination: str
    duration_minutes: int
    """Of the outward slice."""
    stops: int
    """Of the outward slice; say those of the others too where they differ."""
    via: tuple[str, ...] = ()
    """Cities of the changes, in order."""
    return_departs: str | None = None
    return_arrives: str | None = None
    return_stops: int | None = None
    return_via: tuple[str, ...] = ()
    further: tuple[LegBrief, ...] = ()
    """Legs after the first of a journey of several legs, which is no return."""
    checked_bags: int | None = None
    times_doubtful: bool = False
    """The source's own times contradict each other: the airline must confirm them."""


class PlaceBrief(Wire):
    """A place as the tool understood it; the name is in the conversation's language."""

    code: str
    name: str
    area: str | None = None
    """State or country; say it when other places have this name."""


class OffersReply(Wire):
    """Result of a search or a refinement; `offers` is empty when nothing matches."""

    status: Literal["ok"] = "ok"
    search_id: str
    sample: bool
    """True: prices are made up and the answer must say so."""
    indicative: bool = False
    """True: prices are a comparison site's or older ones, the airline may ask for another; the answer must say so."""
    origin: PlaceBrief
    destination: PlaceBrief
    departure_date: str
    return_date: str | None
    legs: tuple[str, ...] = ()
    """Of a journey of several legs: where from, where to and when, in order."""
    adults: int
    children: int = 0
    infants: int = 0
    complete: bool = True
    """False: not every source answered in time; no offers does not mean that there are none, and the answer must say so."""
    cabin: Cabin = Cabin.ECONOMY
    max_stops: int | None = None
    """Of the search, for each of its flights; the offers on the screen may be filtered by fewer."""
    filters: Filters = Field(default_factory=Filters)
    """What the offers were searched by, as the two before; repeat it, so that a misheard wish is noticed. Times of day are
    those of the first flight only, which must be said of a return or of several legs."""
    unkept: tuple[str, ...] = ()
    """Wishes (bags, refundable) that some offers leave open: the answer must say that this is not known for them. `price`: the
    prices are in another currency than the highest price that was wished for, which was not kept to; say so."""
    namesakes: tuple[str, ...] = ()
    """Other places of the same name, which were not searched: name the state or country when there are any."""
    total_offers: int
    offers: tuple[OfferBrief, ...]


class OfferReply(Wire):
    """Result of a selection."""

    status: Literal["ok"] = "ok"
    sample: bool
    indicative: bool = False
    offer: OfferBrief


class CheckReply(Wire):
    """Result of a check: say both prices when it `changed`; when it is `gone`, say so and offer another card."""

    status: Literal["ok"] = "ok"
    outcome: Literal["same", "changed", "gone"]
    number: int
    sample: bool
    before: str
    """Decimal string."""
    now: str | None
    currency: str
    bookable: bool
    """The card on the screen has a button that leads to where it is sold."""


class ComparedBrief(Wire):
    """One fact in which the cards differ; values in the order of `numbers`, None where nobody says."""

    fact: str
    values: tuple[str | None, ...]
    best: tuple[int, ...] = ()
    """Numbers of the best cards."""


class CompareReply(Wire):
    """Result of a comparison."""

    status: Literal["ok"] = "ok"
    sample: bool
    currency: str
    numbers: tuple[int, ...]
    facts: tuple[ComparedBrief, ...]


class DayPrice(Wire):
    """One day's lowest price."""

    date: str
    price: str


class CalendarReply(Wire):
    """Result of a calendar: the cheapest days first, at most five."""

    status: Literal["ok"] = "ok"
    sample: bool
    indicative: bool
    origin: PlaceBrief
    destination: PlaceBrief
    currency: str
    first_date: str
    last_date: str
    stay_nights: int | None = None
    cheapest: tuple[DayPrice, ...]
    """Empty: nobody knows a price of any of these days."""


class StatusReply(Wire):
    """Result of a flight's status; times are local, `YYYY-MM-DDTHH:MM`."""

    status: Literal["ok"] = "ok"
    sample: bool
    flight: str
    state: str
    origin: str
    destination: str
    scheduled: str
    expected: str | None = None
    arrives: str | None = None
    delay_minutes: int | None = None
    terminal: str | None = None
    gate: str | None = None


class AlertBrief(Wire):
    """One price alert."""

    number: int
    route: str
    date: str
    max_price: str | None = None
    last_price: str | None = None
    currency: str
    state: str
    email: str | None = None
    """Masked."""


class AlertsReply(Wire):
    """Result of anything with price alerts: the call's alerts as they are now."""

    status: Literal["ok"] = "ok"
    done: Literal["created", "listed", "paused", "resumed", "deleted"]
    confirm: bool = False
    """An e-mail was sent that must be confirmed first; say so."""
    alerts: tuple[AlertBrief, ...]


class ExpertReply(Wire):
    """What a stronger model knows in general; that it is general has been said already."""

    status: Literal["ok"] = "ok"
    general: Literal[True] = True
    answer: str


class IntakeReply(Wire):
    """Result of an intake's tools: what to ask about next, or that it is done."""

    status: Literal["ok"] = "ok"
    next: Literal["symptoms", "history", "allergies", "medicines"] | None = None
    """None with `done` None: everything was asked; have it confirmed and finish."""
    done: Literal["complete", "declined", "red_flag"] | None = None


class HandoverReply(Wire):
    """Result of giving the call to somebody else; it is said already, so that nothing need be."""

    status: Literal["ok"] = "ok"
    outcome: Literal["joined", "nobody", "handed_over"]
    to: str | None = None


class ToolProblem(Wire):
    """A tool that could not do its work: what is wrong, for the model to put into words."""

    status: Literal["error"] = "error"
    problem: Literal[
        "unknown_place",
        "ambiguous_place",
        "invalid_input",
        "unavailable",
        "nothing_to_refine",
        "no_such_number",
        "limit_reached",
    ]
    field: str | None = None
    detail: str
    candidates: tuple[str, ...] = ()
    """What to ask about, in the conversation's language, for example "Portland, Maine"."""
    choices: tuple[Choice, ...] = ()
    """The same with what to pass instead (an IATA code), for a page to show."""


def brief(offer: Offer, number: int, *, returning: bool = True) -> OfferBrief:
    """The spoken reduction of an offer; with `returning` false a second leg is not the way back."""
    outward = offer.slices[0]
    back = offer.slices[1] if returning and len(offer.slices) > 1 else None
    return OfferBrief(
        number=number,
        carrier=offer.carrier.name,
        flight=outward.segments[0].flight_number,
        price=offer.total.amount,
        currency=offer.total.currency,
        departs=outward.departs_at.strftime("%Y-%m-%dT%H:%M"),
        arrives=outward.arrives_at.strftime("%Y-%m-%dT%H:%M"),
        origin=outward.segments[0].origin.code,
        destination=outward.segments[-1].destination.code,
        duration_minutes=outward.duration_minutes,
        stops=outward.stops,
        via=_via(outward),
        return_departs=back.departs_at.strftime("%Y-%m-%dT%H:%M") if back else None,
        return_arrives=back.arrives_at.strftime("%Y-%m-%dT%H:%M") if back else None,
        return_stops=back.stops if back else None,
        return_via=_via(back) if back else (),
        further=() if returning else tuple(_leg(part) for part in offer.slices[1:]),
        checked_bags=offer.bags.checked,
        times_doubtful=any(segment.times_doubtful for part in offer.slices for segment in part.segments),
    )


def _via(part: Slice) -> tuple[str, ...]:
    return tuple(segment.destination.city for segment in part.segments[:-1])


def _leg(part: Slice) -> LegBrief:
    return LegBrief(
        origin=part.segments[0].origin.code,
        destination=part.segments[-1].destination.code,
        departs=part.departs_at.strftime("%Y-%m-%dT%H:%M"),
        arrives=part.arrives_at.strftime("%Y-%m-%dT%H:%M"),
        stops=part.stops,
        via=_via(part),
    )
