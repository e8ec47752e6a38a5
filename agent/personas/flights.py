"""The flight assistant's prompt, rendered for one call."""

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES

_FOLLOW = (
    "Answer in the language of the user's last message, whatever it is. When they change language, change with them at "
    "once. Until they have spoken, use {name}."
)
_WEEKS = 6
"""This one and five more."""
_PINNED = "Answer in {name} ({code}) only: the user chose it."


def local_now(time_zone: str, now: datetime | None = None) -> datetime:
    """The user's clock; UTC when their zone is not known."""
    try:
        zone: ZoneInfo | None = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    return (now or datetime.now(UTC)).astimezone(zone or UTC)


def instructions(metadata: DispatchMetadata, language: str, *, pinned: bool, now: datetime | None = None) -> str:
    """The system prompt."""
    today = local_now(metadata.time_zone, now)
    rule = (_PINNED if pinned else _FOLLOW).format(name=LANGUAGES[language].english_name, code=language)
    template = (resources.files("agent") / "personas" / "flights.md").read_text(encoding="utf-8")
    return template.format(
        language_rule=rule,
        today=today.date().isoformat(),
        weekday=today.strftime("%A"),
        time_zone=metadata.time_zone,
        calendar=calendar(today.date()),
    )


def calendar(today: date) -> str:
    """The weeks to come, Monday first, so that no weekday has to be reckoned."""
    monday = today - timedelta(days=today.weekday())
    weeks = ((monday + timedelta(days=7 * week + day) for day in range(7)) for week in range(_WEEKS))
    return "\n".join("  ".join(f"{day:%a} {day}" for day in week if day >= today) for week in weeks)
