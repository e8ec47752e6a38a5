"""Sample data: made up, always said to be, never in production."""

from typing import Final

from api.flights.providers.base import Access
from api.flights.providers.sample.source import SampleFares

DELAY_VARIABLE: Final = "POLYGLOT_SAMPLE_DELAY"
"""Seconds that it takes to answer: to see and test what a slow search is like."""


def make(access: Access) -> SampleFares:
    """The source."""
    return SampleFares(delay=float(access.value(DELAY_VARIABLE)))
