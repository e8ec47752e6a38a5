"""SerpApi: what Google Flights shows, as indicative prices."""

from api.flights.providers.base import Access
from api.flights.providers.serpapi.source import URL_VARIABLE, VARIABLE, SerpApiFares


def make(access: Access) -> SerpApiFares:
    """The source."""
    return SerpApiFares(access.secret(VARIABLE), access.value(URL_VARIABLE))
