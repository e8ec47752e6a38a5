"""What of price alerts needs no mail server."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any
from unittest.mock import AsyncMock

import pytest
from fare_search import GOOD
from pydantic import SecretStr

from api.alerts.mail import words
from api.alerts.service import worth_telling
from api.alerts.settings import AlertSettings
from api.database.tables import PriceAlertRow
from api.flights.schemas import JourneyParams
from contracts.flights import Money
from contracts.languages import LANGUAGES
from contracts.problems import FaresUnavailable


async def test_without_a_mail_server_an_address_is_refused_and_the_rest_works(api: Any) -> None:
    refused = await api.http.post("/v1/alerts", json={"search": GOOD} | {"email": "traveller@example.com"})
    assert refused.json()["errors"][0]["problem"] == "e-mail is not set up here"
    assert (await api.http.post("/v1/alerts", json={"search": GOOD})).json()["status"] == "active"
    assert (await api.http.get("/v1/alerts")).status_code == 401


@pytest.mark.parametrize(
    ("wished", "told", "now", "tell"),
    [
        ("100", None, "100", True), ("100", None, "100.01", False), ("100", "90", "90", False), ("100", "90", "89", True),
        (None, "200", "199", False), (None, "200", "198", True), (None, None, "5", False),
    ],
)  # fmt: skip
def test_what_is_worth_a_message(wished: str | None, told: str | None, now: str, tell: bool) -> None:
    assert worth_telling(PriceAlertRow(max_price=wished, told_amount=told), Decimal(now)) is tell


class Priced:
    """A source whose prices the test sets."""

    def __init__(self, api: Any) -> None:
        self._alerts = api.services.alerts
        self._real = self._alerts._chain
        self.amount, self.currency = "200.00", "GBP"
        self._alerts._chain = self

    @property
    def sources(self) -> Any:
        return self._real.sources

    async def search(self, query: Any) -> Any:
        fares = await self._real.search(query)
        price = Money(amount=self.amount, currency=self.currency)
        return replace(fares, offers=tuple(one.model_copy(update={"total": price}) for one in fares.offers))

    async def checked(self, alert: dict[str, Any], api: Any) -> dict[str, Any]:
        await self._alerts.check({"alert_id": alert["id"]})
        listed = await api.http.get("/v1/alerts", headers={"X-Alert-Token": alert["token"]})
        found: dict[str, Any] = listed.json()["alerts"][0]
        return found


async def told_of(api: Any, alert: dict[str, Any]) -> str | None:
    row = await api.services.alerts._alerts.get(alert["id"])
    amount: str | None = row.told_amount
    return amount


async def test_an_alert_without_a_wished_price_is_told_of_falls_from_the_first_one(api: Any) -> None:
    """Also where the sources sell in another currency than the one that was wished for."""
    source = Priced(api)
    alert = (await api.http.post("/v1/alerts", json={"search": GOOD})).json()
    assert alert["currency"] == "USD"
    begun = await source.checked(alert, api)
    assert (begun["currency"], begun["last_price"]) == ("GBP", {"amount": "200.00", "currency": "GBP"})
    source.amount = "199.50"
    assert (await source.checked(alert, api))["last_price"]["amount"] == "199.50"
    assert await told_of(api, alert) == "200.00", "less than a per cent is no fall"
    source.amount = "150.00"
    await source.checked(alert, api)
    assert await told_of(api, alert) == "150.00"


async def test_prices_in_another_currency_are_not_compared_with_a_wished_one(api: Any) -> None:
    source = Priced(api)
    source.currency = "USD"
    alert = (await api.http.post("/v1/alerts", json={"search": GOOD, "max_price": "250"})).json()
    assert alert["last_price"] == {"amount": "200.00", "currency": "USD"}
    source.currency = "GBP"
    assert (await source.checked(alert, api))["last_price"] is None
    assert await told_of(api, alert) is None
    source.currency = "USD"
    assert (await source.checked(alert, api))["last_price"] == {"amount": "200.00", "currency": "USD"}
    assert await told_of(api, alert) == "200.00"


async def test_a_wish_in_a_currency_that_nobody_sells_in_is_refused_with_the_one_that_it_is_sold_in(api: Any) -> None:
    Priced(api)
    refused = await api.http.post("/v1/alerts", json={"search": GOOD, "max_price": "250"})
    assert refused.status_code == 422
    (problem,) = refused.json()["errors"]
    assert problem["field"] == "max_price"
    assert "sold in GBP and not in USD" in problem["problem"]
    made = await api.http.post("/v1/alerts", json={"search": GOOD | {"currency": "GBP"}, "max_price": "250"})
    assert made.json()["last_price"] == {"amount": "200.00", "currency": "GBP"}


async def test_a_wish_is_kept_when_no_source_answers(api: Any) -> None:
    class Silent(Priced):
        async def search(self, query: Any) -> Any:
            raise FaresUnavailable(f"nobody answered for {query.origin.code}")

    Silent(api)
    made = await api.http.post("/v1/alerts", json={"search": GOOD, "max_price": "250"})
    assert (made.status_code, made.json()["last_price"]) == (201, None)


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "nonsense", "smtps://:1"])
def test_a_mail_server_that_is_none_is_refused_unseen(url: str) -> None:
    with pytest.raises(ValueError, match="mail server") as error:
        AlertSettings(smtp_url=SecretStr(url), mail_from="a@example.com")
    assert "mail.example.com" not in str(error.value)
    with pytest.raises(ValueError, match="MAIL_FROM"):
        AlertSettings(smtp_url=SecretStr("smtp://mail.example.com"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_text_with_its_fields(code: str) -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert words(code).keys() == words("en").keys()
    for name, text in words("en").items():
        assert fields(words(code)[name]) == fields(text), name


@pytest.mark.parametrize(
    ("zone", "now"), [("Pacific/Honolulu", "2026-12-11T08:00Z"), ("Pacific/Apia", "2026-12-10T09:00Z")]
)
async def test_the_day_of_departure_lasts_as_long_as_it_does_where_the_journey_begins(
    zone: str, now: str, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late on the 10th in Honolulu it is the 11th in Greenwich."""
    alerts = api.services.alerts
    query = alerts._flights.resolve(JourneyParams.model_validate(GOOD | {"currency": "EUR"})).query
    there = query.origin.model_copy(update={"time_zone": zone})
    query = query.model_copy(update={"origin": there, "departure_date": date(2026, 12, 10)})
    monkeypatch.setattr(alerts, "_journey", AsyncMock(return_value=(query, None)))
    monkeypatch.setattr(alerts, "_now", lambda: datetime.fromisoformat(now))
    made = await api.http.post("/v1/alerts", json={"search": GOOD})
    assert made.status_code == 201, made.text
    monkeypatch.setattr(alerts, "_now", lambda: datetime.fromisoformat(now) + timedelta(hours=2))
    over = await api.http.post("/v1/alerts", json={"search": GOOD})
    assert over.json()["errors"][0]["field"] == "search"


async def test_looking_for_the_currency_of_a_wish_is_a_search_and_counts_as_one(start: Any) -> None:
    async with start(rate_searches="1/hour") as api:
        wish = {"search": GOOD, "max_price": "250"}
        assert (await api.http.post("/v1/alerts", json=wish)).status_code == 201
        assert (await api.http.post("/v1/alerts", json=wish)).status_code == 429
        assert (await api.http.post("/v1/alerts", json={"search": GOOD})).status_code == 201
