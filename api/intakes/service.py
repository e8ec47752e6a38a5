"""What a patient told: kept by consent, for a time of its own, and gone with the call or before it."""

from datetime import UTC, datetime, timedelta

from api.database.tables import IntakeRow
from api.intakes.repository import IntakeRepository
from api.privacy.settings import Retention
from api.sessions.repository import SessionRecord
from contracts.intakes import Intake, KeptIntake
from contracts.problems import Forbidden, NotFound

PERSONA = "intake"
_NONE = "Nothing was taken down in this call."


class IntakeService:
    """Keeps and gives out intakes. Nothing in here is logged."""

    def __init__(self, retention: Retention, rows: IntakeRepository) -> None:
        self._retention = retention
        self._rows = rows

    async def put(self, record: SessionRecord, intake: Intake) -> KeptIntake:
        """Keep what is known so far. Forbidden in a call that is no intake, NotFound after the call was erased."""
        personas = (record.metadata.persona, *record.metadata.handoffs)
        if PERSONA not in personas:
            raise Forbidden("This call is no intake.")
        now = datetime.now(UTC)
        row = IntakeRow(
            session_id=record.id,
            tenant=record.tenant,
            status=intake.status.value,
            body=intake.model_dump_json(),
            updated_at=now,
            expires_at=now + timedelta(days=self._retention.intakes_days),
        )
        kept = _kept(row)
        if not await self._rows.put(row):
            raise NotFound("There is no such session.")
        return kept

    async def of(self, record: SessionRecord) -> KeptIntake:
        """The intake of a call. NotFound when there is none."""
        found = await self.find(record.id)
        if found is None:
            raise NotFound(_NONE)
        return found

    async def find(self, session_id: str) -> KeptIntake | None:
        """The same, or None."""
        row = await self._rows.get(session_id)
        return _kept(row) if row is not None and row.expires_at > datetime.now(UTC) else None

    async def forget_old(self, now: datetime) -> None:
        """Part of the hourly chore."""
        await self._rows.forget_old(now)


def _kept(row: IntakeRow) -> KeptIntake:
    return KeptIntake(
        session_id=row.session_id,
        intake=Intake.model_validate_json(row.body),
        updated_at=row.updated_at,
        kept_until=row.expires_at,
    )
