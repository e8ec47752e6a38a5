from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from livekit import api as livekit

from api.flights.schemas import SearchParams
from api.flights.service import FlightService
from contracts.flights import SearchResult
from contracts.problems import FaresUnavailable, InvalidInput, Problem

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=30)).isoformat()
GOOD = {"origin": "Madrid", "destination": "Berlin", "departure_date": SOON}


async def search(api: Any, **changes: Any) -> Any:
    params = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return await api.http.get("/v1/flights/search", params=params)


async def test_the_result_is_the_contract(api: Any) -> None:
    response = await search(api, language="es", adults=2, cabin="business")
    assert response.status_code == 200
    result = SearchResult.model_validate_json(response.content)
    assert (result.query.origin.code, result.query.destination.name) == ("MAD", "Berlín")
    assert (result.query.adults, result.query.cabin, result.query.currency) == (2, "business", "EUR")
    assert result.price_kind == "sample"
    assert result.offers[0].slices[0].segments[-1].destination.city == "Berlín"
    prices = [offer.total.decimal for offer in result.offers]
    assert prices == sorted(prices)


@pytest.mark.parametrize(
    ("language", "origin", "destination", "currency"),
    [
        ("en", "New York", "London", "USD"),
        ("es", "Nueva York", "Londres", "EUR"),
        ("fr", "Genève", "Le Caire", "EUR"),
        ("de", "München", "Mailand", "EUR"),
        ("it", "Monaco di Baviera", "Parigi", "EUR"),
        ("pt", "Nova Iorque", "Lisboa", "BRL"),
        ("ja", "東京", "ニューヨーク", "JPY"),
        ("zh", "北京", "马德里", "CNY"),
        ("xx", "MAD", "BER", "USD"),
    ],
)
async def test_places_and_money_of_every_language(
    api: Any, language: str, origin: str, destination: str, currency: str
) -> None:
    response = await search(api, language=language, origin=origin, destination=destination)
    assert response.status_code == 200
    result = SearchResult.model_validate_json(response.content)
    assert result.offers
    assert {offer.total.currency for offer in result.offers} == {currency}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"origin": None}, "origin"),
        ({"origin": "   "}, "origin"),
        ({"origin": "x" * 500}, "origin"),
        ({"destination": None}, "destination"),
        ({"departure_date": None}, "departure_date"),
        ({"departure_date": "tomorrow"}, "departure_date"),
        ({"departure_date": "2026-02-30"}, "departure_date"),
        ({"departure_date": "1795000000"}, "departure_date"),
        ({"departure_date": (TODAY - timedelta(days=2)).isoformat()}, "departure_date"),
        ({"departure_date": "9999-12-31"}, "departure_date"),
        ({"departure_date": (TODAY + timedelta(days=364)).isoformat()}, "departure_date"),
        ({"return_date": (TODAY + timedelta(days=29)).isoformat()}, "return_date"),
        ({"return_date": (TODAY + timedelta(days=400)).isoformat()}, "return_date"),
        ({"destination": "madrid"}, "destination"),
        ({"origin": "LHR", "destination": "London"}, "destination"),
        ({"adults": 0}, "adults"),
        ({"adults": 10}, "adults"),
        ({"adults": "two"}, "adults"),
        ({"cabin": "cargo"}, "cabin"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "XTS"}, "currency"),
        ({"max_stops": -1}, "max_stops"),
        ({"orgin": "MAD"}, "orgin"),
        ({"language": "x" * 50}, "language"),
    ],
)
async def test_wrong_searches_name_the_field(api: Any, changes: dict[str, Any], field: str) -> None:
    response = await search(api, **changes)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(response.content)
    assert [error.field for error in problem.errors] == [field]
    assert field in problem.detail


async def test_unknown_places_come_with_what_was_perhaps_meant(api: Any) -> None:
    response = await search(api, destination="Berlim do Norte")
    problem = Problem.model_validate_json(response.content)
    assert problem.type == "/problems/unknown-place"
    (error,) = problem.errors
    assert error.field == "destination"
    assert error.allowed
    assert all(part.strip().endswith(")") for part in error.allowed.split(";"))
    response = await search(api, origin="Barzelonia", language="de")
    (error,) = response.json()["errors"]
    assert error["choices"][0] == {"value": "BCN", "label": "Barcelona, Spanien"}
    assert "Barcelona, Spanien (BCN)" in error["allowed"]


async def test_namesakes_are_listed(api: Any) -> None:
    result = SearchResult.model_validate_json((await search(api, origin="Manchester")).content)
    assert result.query.origin.code == "MAN"
    assert ("MHT", "New Hampshire") in [(place.code, place.area) for place in result.namesakes]


async def test_a_name_of_several_places_is_a_question_and_no_search(api: Any) -> None:
    response = await search(api, origin="Birmingham", language="es")
    problem = Problem.model_validate_json(response.content)
    assert (response.status_code, problem.type) == (422, "/problems/ambiguous-place")
    (error,) = problem.errors
    assert error.field == "origin"
    assert [(choice.value, choice.label) for choice in error.choices] == [
        ("BHX", "Birmingham, Reino Unido"),
        ("BHM", "Birmingham, Alabama"),
    ]
    response = await search(api, origin="Birmingham", country="us")
    assert SearchResult.model_validate_json(response.content).query.origin.code == "BHM"


async def test_a_country_is_a_question_about_its_airports(api: Any) -> None:
    response = await search(api, destination="Spain", language="de")
    problem = Problem.model_validate_json(response.content)
    assert problem.type == "/problems/ambiguous-place"
    assert "Spanien" in problem.detail
    assert {"MAD", "BCN"} <= {choice.value for choice in problem.errors[0].choices}


async def test_places_say_how_they_were_found(api: Any) -> None:
    async def meaning(q: str, **params: str) -> Any:
        return (await api.http.get("/v1/places", params={"q": q, **params})).json()

    found = await meaning("Porto Alegre")
    assert (found["meaning"], found["exact"]) == ("found", True)
    portland = await meaning("Portland")
    assert portland["meaning"] == "ambiguous"
    assert [place["area"] for place in portland["places"]] == ["Oregon", "Maine"]
    spain = await meaning("España", language="es")
    assert (spain["meaning"], spain["region"]) == ("region", "España")
    slip = await meaning("Madird")
    assert (slip["meaning"], slip["exact"], slip["places"][0]["code"]) == ("unknown", False, "MAD")


async def test_today_is_judged_where_the_flight_leaves(api: Any) -> None:
    late_utc = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    service = FlightService(api.services.fares, now=lambda: late_utc)
    params = {"destination": "Paris", "departure_date": date(2026, 11, 21)}
    assert (await service.search(SearchParams(origin="New York", **params))).offers
    with pytest.raises(InvalidInput, match="today in Tokyo is 2026-11-22"):
        await service.search(SearchParams(origin="Tokyo", **params))


async def test_no_source_answering_is_a_problem_that_may_pass(start: Any) -> None:
    class Broken:
        name, price_kind, patience = "broken", "live", 0.0

        def able(self, _: Any) -> bool:
            return True

        async def search(self, *_: Any) -> Any:
            raise FaresUnavailable("down")

        async def ready(self) -> bool:
            return False

        async def aclose(self) -> None:
            pass

    async with start(fares=(Broken(),)) as api:
        response = await search(api)
    assert response.status_code == 503
    problem = Problem.model_validate_json(response.content)
    assert (problem.type, problem.retryable, problem.spoken) == (
        "/problems/fares-unavailable",
        True,
        "search_unavailable",
    )


async def test_production_without_a_source_says_so(start: Any) -> None:
    async with start(environment="prod") as api:
        assert (await search(api)).status_code == 503


async def test_the_first_systems_search_by_query(api: Any) -> None:
    response = await api.http.get(
        "/api/flights", params={"origin": "NYC", "destination": "LAX", "departure_date": SOON}
    )
    assert response.status_code == 200
    body = response.json()
    assert body.keys() == {"success", "flights", "count"}
    assert body["success"] is True
    assert body["count"] == len(body["flights"]) > 0
    flight = body["flights"][0]
    assert isinstance(flight["airline"], str)
    assert isinstance(flight["price"], float)
    assert datetime.fromisoformat(flight["departure_time"]).date().isoformat() == SOON
    assert flight["price"] == float(flight["total"]["amount"])
    assert flight["price_kind"] == "sample"


async def test_the_first_systems_search_by_body(api: Any) -> None:
    body = {
        "origin": "New York",
        "destination": "Los Angeles",
        "departure_date": SOON,
        "return_date": (TODAY + timedelta(days=37)).isoformat(),
        "passengers": 2,
        "cabin_class": "economy",
        "currency": "USD",
    }
    response = await api.http.post("/search_flights", json=body)
    assert response.status_code == 200
    found = response.json()
    assert found["success"] is True
    assert {flight["currency"] for flight in found["flights"]} == {"USD"}
    assert all(len(flight["slices"]) == 2 for flight in found["flights"])
    minimal = {key: body[key] for key in ("origin", "destination", "departure_date")}
    assert (await api.http.post("/search_flights", json=minimal)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"origin": "Atlantis"}, "origin"),
        ({"passengers": 0}, "passengers"),
        ({"cabin_class": "roof"}, "cabin_class"),
        ({"departure_date": "soon"}, "departure_date"),
        ({"destination": "New York"}, "destination"),
    ],
)
async def test_the_first_systems_searches_fail_with_problems(api: Any, changes: dict[str, Any], field: str) -> None:
    body = {"origin": "New York", "destination": "Los Angeles", "departure_date": SOON} | changes
    for response in (
        await api.http.post("/search_flights", json=body),
        await api.http.get("/api/flights", params=body),
    ):
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == field


async def test_the_agent_is_not_rate_limited(start: Any) -> None:
    token = (
        livekit.AccessToken("test-key", "a-secret-of-more-than-thirty-two-bytes")
        .with_identity("agent-room")
        .with_attributes({"polyglot-agent": "1"})
        .with_grants(livekit.VideoGrants(room="room"))
    ).to_jwt()
    async with start(rate_searches="1/minute") as api:
        assert (await search(api)).status_code == 200
        assert (await search(api)).status_code == 429
        headers = {"Authorization": f"Bearer {token}"}
        response = await api.http.get("/v1/flights/search", params=GOOD, headers=headers)
        assert response.status_code == 200
        wrong = await api.http.get("/v1/places", params={"q": "Rom"}, headers={"Authorization": "x"})
        assert wrong.status_code == 401
        assert (await api.http.get("/v1/places", params={"q": "Rom"})).status_code == 200, "a budget of its own"


@pytest.mark.parametrize(
    ("q", "language", "code", "exact"),
    [
        ("rom", "de", "ROM", True),
        ("東京", "ja", "TYO", True),
        ("Barzelonia", "en", "BCN", False),
        ("§§", "en", None, False),
    ],
)
async def test_places(api: Any, q: str, language: str, code: str | None, exact: bool) -> None:
    body = (await api.http.get("/v1/places", params={"q": q, "language": language})).json()
    assert (body["places"][0]["code"] if body["places"] else None, body["exact"]) == (code, exact)


async def test_places_without_a_question(api: Any) -> None:
    response = await api.http.get("/v1/places")
    assert response.json()["errors"][0]["field"] == "q"


async def journey(api: Any, **changes: Any) -> Any:
    body = {"origin": "Rome", "destination": "Athens", "departure_date": GOOD["departure_date"]} | changes
    return await api.http.post("/v1/flights/search", json=body)


async def test_a_journey_of_several_legs_is_priced_as_one(api: Any) -> None:
    further = [{"origin": "Athens", "destination": "Cairo", "date": (TODAY + timedelta(days=35)).isoformat()}]
    result = SearchResult.model_validate_json((await journey(api, further=further)).content)
    assert result.query.return_date is None
    assert [(leg.origin.code, leg.destination.code) for leg in result.query.legs] == [("ROM", "ATH"), ("ATH", "CAI")]
    assert result.offers
    assert all(len(offer.slices) == 2 for offer in result.offers)
    assert all(offer.slices[1].segments[-1].destination.code == "CAI" for offer in result.offers)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"further": [{"origin": "Athens", "destination": "Cairo", "date": "2026-11-22"}]}, "further.0.date"),
        ({"further": [{"origin": "Athens", "destination": "Athens", "date": "2027-01-20"}]}, "further.0.destination"),
        ({"further": [{"origin": "Athens", "destination": "Portland", "date": "2027-01-20"}]}, "further.0.destination"),
        ({"further": [{"origin": "Athens", "destination": "Cairo", "date": "2027-01-20"}] * 6}, "further"),
        (
            {
                "return_date": "2027-01-20",
                "further": [{"origin": "Athens", "destination": "Cairo", "date": "2027-01-20"}],
            },
            "return_date",
        ),
        ({"adults": 1, "infants": 2}, "infants"),
        ({"adults": 8, "children": [4, 5]}, "adults"),
        ({"children": [1]}, "children.0"),
        ({"depart_from": "25:00"}, "depart_from"),
    ],
)
async def test_a_journey_that_cannot_be_is_refused_with_its_field(api: Any, changes: Any, field: str) -> None:
    response = await journey(api, **changes)
    assert response.status_code == 422
    assert Problem.model_validate_json(response.content).errors[0].field == field


async def test_children_and_infants_cost_less_than_adults_and_are_never_left_out(api: Any) -> None:
    async def cheapest(**party: Any) -> Any:
        return SearchResult.model_validate_json((await journey(api, **party)).content).offers[0].total.decimal

    alone, family, adults = await cheapest(), await cheapest(children=[5], infants=1), await cheapest(adults=3)
    assert alone < family < adults


async def test_filters_by_parameters_and_what_is_open_is_told(api: Any) -> None:
    response = await search(api, checked_bags=1, depart_from="06:00", depart_until="20:00", children=[7, 9])
    result = SearchResult.model_validate_json(response.content)
    assert result.query.children == (7, 9)
    assert all(offer.bags.checked != 0 for offer in result.offers)
    assert ("bags" in result.unkept) == any(offer.bags.checked is None for offer in result.offers)


@pytest.mark.parametrize(
    ("country", "language", "currency"),
    [
        ("US", "es", "USD"),
        ("GB", "de", "GBP"),
        ("CH", "fr", "CHF"),
        ("ES", "en", "EUR"),
        ("KW", "en", "USD"),
        (None, "ja", "JPY"),
    ],
)
async def test_prices_are_in_the_travellers_currency_and_not_in_their_languages(
    api: Any, country: str | None, language: str, currency: str
) -> None:
    response = await search(api, country=country, language=language, currency=None)
    assert SearchResult.model_validate_json(response.content).query.currency == currency


@pytest.mark.parametrize(
    ("told", "currency"),
    [
        ({"time_zone": "Europe/Madrid", "locale": "en-GB"}, "EUR"),
        ({"time_zone": "UTC", "locale": "en-GB"}, "GBP"),
        ({"time_zone": "Nowhere/At-all", "locale": "de"}, "USD"),
        ({"time_zone": "Europe/Madrid", "locale": "en-GB", "country": "us"}, "USD"),
        ({"time_zone": "Europe/Madrid", "locale": "en-GB", "country": "US", "currency": "CHF"}, "CHF"),
    ],
)
async def test_one_rule_says_the_currency_whichever_way_is_asked(api: Any, told: dict[str, str], currency: str) -> None:
    """Chosen, else of the chosen country, else of the clock's, else of the tag's region, else of the language."""
    asked = {name: value for name, value in GOOD.items() if name != "currency"} | {"language": "en"} | told
    by_address = await api.http.get("/v1/flights/search", params=asked)
    by_form = await api.http.post("/v1/flights/search", json=asked)
    days = {name: value for name, value in asked.items() if name != "departure_date"}
    by_days = await api.http.get(
        "/v1/flights/calendar", params=days | {"first_date": asked["departure_date"], "days": 1}
    )
    one, other = (SearchResult.model_validate_json(each.content) for each in (by_address, by_form))
    assert (one.query.currency, other.query.currency, by_days.json()["currency"]) == (currency,) * 3
    assert one.search_id == other.search_id or one.offers[0].total == other.offers[0].total
