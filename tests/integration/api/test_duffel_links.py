"""From an offer to Duffel's own booking page, over HTTP, in the shape that Duffel's own client sends."""

from typing import Any

import pytest
from duffel import answer, error, simple
from duffel_api import DAY, GOOD, Started
from duffel_server import TOKEN, Asked, FareServer, Reply

from contracts.flights import SearchResult
from contracts.trips import OfferCheck, Outcome

PAGE = "https://flights.example.com"
LINK = "https://links.duffel.com/?token=abcdef"
REQUIRED = {"reference", "success_url", "failure_url", "abandonment_url"}
"""`SessionParameters` of github.com/duffelhq/duffel-api-javascript, src/Links/Sessions/Sessions.ts."""
OPTIONAL = {
    "primary_color",
    "logo_url",
    "markup_amount",
    "markup_currency",
    "markup_rate",
    "checkout_display_text",
}


def service(offer: dict[str, Any], link: Reply) -> Any:
    """Duffel with one offer, which is sold still, and its booking pages."""

    def reply(asked: Asked) -> Reply:
        if asked.path == "/links/sessions":
            return link
        return Reply({"data": offer}) if asked.path.startswith("/air/offers/") else Reply(answer(offer))

    return reply


async def handed_off(duffel: FareServer, serve: Started, link: Reply) -> OfferCheck:
    """A flight on its way to be booked, and another search after that."""
    duffel.plays(service(simple(DAY), link))
    async with serve(page_url=PAGE) as api:
        found = SearchResult.model_validate_json((await api.http.post("/v1/flights/search", json=GOOD)).content)
        body = {"search_id": found.search_id, "offer_id": found.offers[0].id}
        check = OfferCheck.model_validate_json((await api.http.post("/v1/flights/offers/check", json=body)).content)
        assert (await api.found(destination="London")).complete, (
            "what is said of booking pages says nothing of searches"
        )
    return check


async def test_a_booking_page_is_asked_for_as_duffels_own_client_asks(duffel: FareServer, serve: Started) -> None:
    check = await handed_off(duffel, serve, Reply({"data": {"url": LINK}}))
    assert (check.outcome, check.booking_url) == (Outcome.SAME, LINK)
    asked = next(one for one in duffel.asked if one.path == "/links/sessions")
    assert set(asked.body) == {"data"}
    sent = asked.body["data"]
    assert REQUIRED <= set(sent) <= REQUIRED | OPTIONAL
    assert all(isinstance(value, str) and value for value in sent.values())
    assert {sent[name] for name in REQUIRED if name.endswith("_url")} == {f"{PAGE}/"}, (
        "back to the page, whatever happened"
    )
    assert check.offer is not None
    assert sent["reference"] == check.offer.id
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Duffel-Version"] == "v2"


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_an_account_without_booking_pages_costs_the_offer_nothing(
    duffel: FareServer, serve: Started, status: int
) -> None:
    check = await handed_off(duffel, serve, Reply(error("invalid_request_error", "not_available", status), status))
    assert (check.outcome, check.booking_url) == (Outcome.SAME, None)


async def test_a_page_that_no_traveller_should_be_sent_to_is_none(duffel: FareServer, serve: Started) -> None:
    check = await handed_off(duffel, serve, Reply({"data": {"url": "javascript:alert(1)"}}))
    assert (check.outcome, check.booking_url) == (Outcome.SAME, None)
