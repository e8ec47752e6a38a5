"""AviationStack: whether flights are on time; it has no fares."""

from api.flights.providers.aviationstack.source import URL_VARIABLE, VARIABLE, AviationStack
from api.flights.providers.base import Access


def make(access: Access) -> AviationStack:
    """The source."""
    return AviationStack(access.secret(VARIABLE), access.value(URL_VARIABLE))
