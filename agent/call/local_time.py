"""The user's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def local_now(time_zone: str, now: datetime | None = None) -> datetime:
    """The time where the user is; UTC when their zone is not known."""
    try:
        zone: ZoneInfo | None = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    return (now or datetime.now(UTC)).astimezone(zone or UTC)
