"""The cards are numbered as the user sees them, whatever was filtered or sorted."""

import pytest
from samples import offer, result

from agent.call.screen import Screen, apply_view, carrier_code, price_limit
from api.screens.service import changed
from contracts.flights import Cabin, PriceKind
from contracts.problems import InvalidInput
from contracts.room import View
from contracts.screen import Hand
from contracts.screen import Screen as Shown
from contracts.tools import OfferReply, OffersReply, ToolProblem

CHEAP_SLOW = offer("80.00", carrier="VY", hour=9, minutes=400, stops=1)
DEAR_FAST = offer("220.00", carrier="LH", hour=12, minutes=165)
MIDDLE_EARLY = offer("120.50", carrier="IB", hour=6, minutes=175)
OFFERS = (CHEAP_SLOW, DEAR_FAST, MIDDLE_EARLY)


def screen() -> Screen:
    shown = Screen()
    shown.show(result(*OFFERS))
    return shown


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), (CHEAP_SLOW, MIDDLE_EARLY, DEAR_FAST)),
        (View(sort_by="duration"), (DEAR_FAST, MIDDLE_EARLY, CHEAP_SLOW)),
        (View(sort_by="departure"), (MIDDLE_EARLY, CHEAP_SLOW, DEAR_FAST)),
        (View(max_stops=0), (MIDDLE_EARLY, DEAR_FAST)),
        (View(carrier="LH"), (DEAR_FAST,)),
        (View(max_price="120.50"), (CHEAP_SLOW, MIDDLE_EARLY)),
        (View(max_price="10"), ()),
        (View(depart_from="09:00"), (CHEAP_SLOW, DEAR_FAST)),
        (View(depart_until="09:59"), (CHEAP_SLOW, MIDDLE_EARLY)),
        (View(depart_from="10:00", depart_until="11:00"), ()),
        (View(airport="BER"), (CHEAP_SLOW, MIDDLE_EARLY, DEAR_FAST)),
        (View(airport="ORY"), ()),
        (View(checked_bag=True), ()),
    ],
)
def test_a_view_filters_and_sorts(view: View, expected: tuple[object, ...]) -> None:
    assert apply_view(OFFERS, view) == expected


def test_a_number_means_the_card_in_the_present_order() -> None:
    shown = screen()
    shown.refine(View(sort_by="duration"))
    reply = shown.offer_reply(1)
    assert isinstance(reply, OfferReply)
    assert (reply.offer.number, reply.offer.price, reply.sample) == (1, "220.00", True)
    assert shown.selected == 1


@pytest.mark.parametrize(
    ("kind", "sample", "indicative"),
    [
        (PriceKind.LIVE, False, False),
        (PriceKind.METASEARCH, False, True),
        (PriceKind.CACHED, False, True),
        (PriceKind.SAMPLE, True, False),
    ],
)
def test_the_model_is_told_how_far_prices_can_be_relied_on(kind: PriceKind, *, sample: bool, indicative: bool) -> None:
    offers = tuple(one.model_copy(update={"price_kind": kind}) for one in OFFERS)
    shown = Screen()
    shown.show(result(*offers).model_copy(update={"price_kind": kind}))
    replies = shown.offers_reply(), shown.offer_reply(1)
    assert isinstance(replies[0], OffersReply)
    assert isinstance(replies[1], OfferReply)
    assert [(reply.sample, reply.indicative) for reply in replies] == [(sample, indicative)] * 2


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_number_that_no_card_has_is_a_problem(number: int) -> None:
    shown = screen()
    reply = shown.offer_reply(number)
    assert isinstance(reply, ToolProblem)
    assert reply.problem == "no_such_number"
    assert "3" in reply.detail
    assert shown.selected is None


def test_the_model_gets_five_offers_with_their_exact_prices_and_local_times() -> None:
    shown = Screen()
    shown.show(result(*(offer(f"{100 + n}.00", hour=n) for n in range(8))))
    reply = shown.offers_reply()
    assert isinstance(reply, OffersReply)
    assert reply.total_offers == 8
    assert [brief.number for brief in reply.offers] == [1, 2, 3, 4, 5]
    assert reply.offers[0].price == "100.00"
    assert reply.offers[0].departs == "2026-11-22T00:15"


def test_nothing_to_refine_before_a_search() -> None:
    reply = Screen().offers_reply()
    assert isinstance(reply, ToolProblem)
    assert reply.problem == "nothing_to_refine"


def test_a_new_search_forgets_view_and_selection() -> None:
    shown = screen()
    shown.refine(View(carrier="LH"))
    shown.select(1)
    shown.show(result(MIDDLE_EARLY))
    assert (shown.view, shown.selected, shown.offers) == (View(), None, (MIDDLE_EARLY,))


@pytest.mark.parametrize(
    ("wanted", "limit"), [("250", "250"), (250.50, "250.5"), (1e3, "1000"), ("0.1234", "0.123"), (None, None)]
)
def test_a_price_limit_is_plain_on_the_wire(wanted: float | str | None, limit: str | None) -> None:
    assert price_limit(wanted) == limit
    assert View(max_price=price_limit(wanted)).max_price == limit


@pytest.mark.parametrize("wanted", ["0", -5, "cheap", "nan", 1e16, "1e400"])
def test_what_is_no_price_is_refused_and_no_limit(wanted: float | str) -> None:
    with pytest.raises(InvalidInput, match="max_price"):
        price_limit(wanted)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("Lufthansa", "LH"), ("lufthansa", "LH"), ("LH", "LH"), ("vueling airlines", "VY"), ("Qantas", None), ("", None)],
)
def test_an_airline_is_found_by_name_or_code(wanted: str, code: str | None) -> None:
    assert carrier_code(OFFERS, wanted) == code


@pytest.mark.parametrize("value", [0, -5, "abc", "nan", "inf"])
def test_a_price_limit_must_be_a_positive_amount(value: float | str) -> None:
    with pytest.raises(InvalidInput, match="max_price"):
        price_limit(value)


def test_a_price_limit_is_an_exact_decimal() -> None:
    assert price_limit(199.9) == "199.9"
    assert price_limit(None) is None


def replayed(screen: Screen, known: Shown, by: Hand = Hand.VOICE) -> Shown:
    for action in screen.changes_from(known, by):
        known = changed(known, action, action.result)
    return known


def test_what_the_agent_shows_is_what_the_api_knows_afterwards() -> None:
    screen = Screen()
    assert screen.changes_from(Shown(), Hand.VOICE) == []
    screen.show(result(offer("89.90"), offer("120.00", hour=9, stops=1)))
    known = replayed(screen, Shown())
    assert (known.search, known.selected) == (screen.result, None)
    screen.refine(View(max_stops=0))
    screen.select(1)
    known = replayed(screen, known)
    assert (known.view.max_stops, known.selected) == (0, screen.offers[0].id)
    assert screen.changes_from(known, Hand.VOICE) == [], "the same again is no change"
    screen.show(result(offer("50.00")))
    known = replayed(screen, known, Hand.TOUCH)
    assert (known.view, known.selected, known.by) == (View(), None, Hand.TOUCH)


def test_another_hands_change_is_followed_by_its_card() -> None:
    found = result(offer("89.90"), offer("120.00", hour=9))
    known = Shown(version=7, search=found, view=View(sort_by="departure"), selected=found.offers[1].id)
    screen = Screen()
    screen.follow(known)
    assert (screen.version, screen.view.sort_by) == (7, "departure")
    assert screen.offers[(screen.selected or 0) - 1].id == found.offers[1].id
    screen.follow(Shown(version=8))
    assert (screen.result, screen.selected, screen.offers) == (None, None, ())


def test_the_model_is_told_by_which_cabin_and_stops_was_searched() -> None:
    shown = Screen()
    found = result(offer("100.00"))
    query = found.query.model_copy(update={"cabin": Cabin.BUSINESS, "max_stops": 1})
    shown.show(found.model_copy(update={"query": query}))
    reply = shown.offers_reply()
    assert isinstance(reply, OffersReply)
    assert (reply.cabin, reply.max_stops) == (Cabin.BUSINESS, 1)
