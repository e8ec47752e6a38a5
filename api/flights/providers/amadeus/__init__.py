"""Amadeus Enterprise: a global distribution system, for whoever has a contract; its self-service ended in July 2026."""

from api.flights.providers.amadeus.source import ID_VARIABLE, SECRET_VARIABLE, URL_VARIABLE, AmadeusFares
from api.flights.providers.base import Access


def make(access: Access) -> AmadeusFares:
    """The source."""
    return AmadeusFares(access.secret(ID_VARIABLE), access.secret(SECRET_VARIABLE), access.value(URL_VARIABLE))
