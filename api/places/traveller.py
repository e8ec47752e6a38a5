"""Where somebody who asks buys, and in what they pay: decided here for voice, form, address, calendar and suggestions."""

from typing import Annotated

from babel.numbers import get_territory_currencies
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.flights import QUOTED
from contracts.languages import language
from contracts.places import country_of


class Traveller(BaseModel):
    """What a device tells of whoever asks: the country that they chose, else its clock, else its language's region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)] | None = Field(
        default=None,
        description="Where the traveller buys, ISO 3166 alpha-2; it decides between places of one name, and the currency",
        examples=["US"],
    )
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="IANA zone of the device: its country, where none is given",
        examples=["Europe/Madrid"],
    )
    locale: Annotated[str, StringConstraints(max_length=35)] | None = Field(
        default=None,
        description="BCP 47 tag of the device: its region, where the zone has no country",
        examples=["en-GB"],
    )

    @property
    def market(self) -> str | None:
        """Country that the traveller buys in; None where nothing says one."""
        return self.country or country_of(self.time_zone, self.locale)


def currency_of(market: str | None, code: str) -> str:
    """What is paid with in a country; that of the language where the country is not known or not quoted."""
    tender = get_territory_currencies(market) if market else []
    return next((str(one) for one in tender if one in QUOTED), language(code).currency)
