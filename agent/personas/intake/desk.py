"""What one intake has come to, kept by the API with each answer."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agent.call.backend import BackendError
from agent.call.state import Call
from contracts.intakes import Intake, IntakeStatus, KeptIntake, RedFlag

logger = logging.getLogger("polyglot.agent.intake")


@dataclass
class Desk:
    """Of one call. Before the patient has agreed there is no intake, and nothing is kept."""

    intake: Intake | None = None
    flags: tuple[RedFlag, ...] = ()
    """Known also where nothing may be kept: they end the questions all the same."""
    alarmed: bool = False
    """A person was called, or is being called, because of them."""
    said: asyncio.Event = field(default_factory=asyncio.Event)
    """The patient was told what to do."""
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)

    def change(self, **fields: Any) -> None:  # noqa: ANN401 - each field's own
        """The intake with other fields; ValidationError where one is none."""
        if self.intake is not None:
            self.intake = Intake.model_validate(self.intake.model_dump() | fields)


def desk_of(call: Call) -> Desk:
    """The call's own."""
    if not isinstance(call.desk, Desk):
        call.desk = Desk()
    return call.desk


def begin(call: Call) -> None:
    """The patient has agreed."""
    desk = desk_of(call)
    desk.intake = Intake(consented_at=datetime.now(UTC), language=call.language.code, red_flags=desk.flags)


async def save(call: Call) -> bool:
    """Keep it as it is now; False where the API does not answer: it is kept with the next answer then."""
    desk = desk_of(call)
    async with desk.saving:
        if desk.intake is None:
            return False
        path = f"/v1/sessions/{call.metadata.session_id}/intake"
        try:
            await call.backend.ask(KeptIntake, "PUT", path, body=desk.intake.model_dump(mode="json"))
        except BackendError:
            logger.warning("intake not kept")
            return False
    return True


async def take_up(call: Call) -> None:
    """What an agent before this one has kept."""
    path = f"/v1/sessions/{call.metadata.session_id}/intake"
    try:
        kept = await call.backend.ask(KeptIntake, "GET", path)
    except BackendError:
        return
    desk = desk_of(call)
    desk.intake, desk.flags = kept.intake, kept.intake.red_flags
    desk.alarmed = bool(desk.flags)


def flag(call: Call, found: tuple[RedFlag, ...]) -> bool:
    """Take down signs of danger; whether there is a new one."""
    desk = desk_of(call)
    new = tuple(kind for kind in found if kind not in desk.flags)
    if not new:
        return False
    desk.flags = (*desk.flags, *new)
    desk.change(red_flags=desk.flags, status=IntakeStatus.RED_FLAG)
    return True
