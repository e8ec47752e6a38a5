"""Duffel: live offers of airlines, in the currency of the account (duffel.com/docs/api/v2)."""

from api.flights.providers.base import Access
from api.flights.providers.duffel.source import URL_VARIABLE, VARIABLE, DuffelFares


def make(access: Access) -> DuffelFares:
    """The source; in production answers of the sandbox are refused."""
    return DuffelFares(access.secret(VARIABLE), access.value(URL_VARIABLE), refuse_test_mode=access.prod)
