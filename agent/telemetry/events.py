"""Events for metrics; see `contracts.events`."""

import logging

from contracts.events import Event

logger = logging.getLogger("polyglot.events")


def emit(event: Event, **fields: str | float | None) -> None:
    """Log one event with its fields."""
    logger.info(event.value, extra={"event": event.value, **fields})
