"""What of price alerts needs no mail server."""

from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from fare_search import GOOD
from pydantic import SecretStr

from api.alerts.mail import words
from api.alerts.service import worth_telling
from api.alerts.settings import AlertSettings
from api.database.tables import PriceAlertRow
from contracts.languages import LANGUAGES


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
