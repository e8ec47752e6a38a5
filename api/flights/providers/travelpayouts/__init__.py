"""Travelpayouts: prices that travellers found lately on Aviasales, by day; indicative."""

from api.flights.providers.base import Access
from api.flights.providers.travelpayouts.source import URL_VARIABLE, VARIABLE, Travelpayouts


def make(access: Access) -> Travelpayouts:
    """The source."""
    return Travelpayouts(access.secret(VARIABLE), access.value(URL_VARIABLE))
