"""Price alerts in the database, by their owner or by their token; never without one of the two."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func, select, update

from api.database.engine import Database
from api.database.tables import PriceAlertRow
from api.jobs.repository import order
from contracts.alerts import AlertStatus
from contracts.flights import Money

CHECK_JOB = "check_alert"
MAIL_JOB = "alert_mail"


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


class AlertRepository:
    """The table."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(self, row: PriceAlertRow, mail: dict[str, str] | None, now: datetime) -> None:
        """Keep an alert and, in the same transaction, order the message that asks to confirm it."""
        async with self.database.writing() as db:
            db.add(row)
            if mail is not None:
                await order(db, MAIL_JOB, f"{MAIL_JOB}:{row.id}:confirm", mail, now)

    async def get(self, alert_id: str) -> PriceAlertRow | None:
        """For jobs alone: whoever asks from outside goes by owner or token."""
        async with self.database.reading() as db:
            return await db.get(PriceAlertRow, alert_id)

    async def of_owner(self, tenant: str, owner: str) -> Sequence[PriceAlertRow]:
        """An owner's alerts, newest first."""
        mine = (PriceAlertRow.tenant == tenant, PriceAlertRow.owner == owner)
        query = select(PriceAlertRow).where(*mine).order_by(PriceAlertRow.created_at.desc(), PriceAlertRow.id)
        async with self.database.reading() as db:
            return (await db.scalars(query)).all()

    async def of_token(self, token: str) -> PriceAlertRow | None:
        """The alert of a token."""
        query = select(PriceAlertRow).where(PriceAlertRow.token_hash == token_hash(token))
        async with self.database.reading() as db:
            return await db.scalar(query)

    async def count(self, *, tenant: str, owner: str, email: str | None, since: datetime) -> tuple[int, int, int]:
        """Alerts of the owner; of the address; and of the address that were made since then and are not confirmed."""
        unconfirmed = (PriceAlertRow.status == AlertStatus.UNCONFIRMED.value) & (PriceAlertRow.created_at > since)
        own = (PriceAlertRow.tenant == tenant) & (PriceAlertRow.owner == owner)
        same = PriceAlertRow.email == (email or "")
        query = select(
            func.count().filter(own), func.count().filter(same), func.count().filter(same & unconfirmed)
        ).select_from(PriceAlertRow)
        async with self.database.reading() as db:
            mine, address, waiting = (await db.execute(query)).one()
        return mine, address, waiting

    async def set_status(self, alert_id: str, status: AlertStatus) -> None:
        """Confirm, pause, go on."""
        change = update(PriceAlertRow).where(PriceAlertRow.id == alert_id).values(status=status.value)
        async with self.database.writing() as db:
            await db.execute(change)

    async def set_token(self, alert_id: str, token: str) -> None:
        """Another token from now on."""
        change = update(PriceAlertRow).where(PriceAlertRow.id == alert_id).values(token_hash=token_hash(token))
        async with self.database.writing() as db:
            await db.execute(change)

    async def remove(self, alert_id: str) -> None:
        """Erase one."""
        async with self.database.writing() as db:
            await db.execute(delete(PriceAlertRow).where(PriceAlertRow.id == alert_id))

    async def order_checks(self, now: datetime, next_at: datetime, most: int) -> int:
        """Order a check of each alert that is due, and set its next one; how many."""
        due = select(PriceAlertRow).where(
            PriceAlertRow.status == AlertStatus.ACTIVE.value,
            PriceAlertRow.next_check_at <= now,
            PriceAlertRow.ends_at > now,
        )
        async with self.database.writing() as db:
            rows = (await db.scalars(due.order_by(PriceAlertRow.next_check_at).limit(most))).all()
            for row in rows:
                row.next_check_at = next_at
                await order(db, CHECK_JOB, f"{CHECK_JOB}:{row.id}", {"alert_id": row.id}, now)
        return len(rows)

    async def begin(self, alert_id: str, lowest: Money, now: datetime) -> None:
        """The price that falls are counted from, in the currency that the sources have."""
        values = {"checked_at": now, "last_amount": lowest.amount, "told_amount": lowest.amount}
        change = update(PriceAlertRow).where(PriceAlertRow.id == alert_id)
        async with self.database.writing() as db:
            await db.execute(change.values(**values, currency=lowest.currency))

    async def checked(self, alert_id: str, amount: str | None, told: str | None, mail: bool, now: datetime) -> None:
        """What a check found; with `told` set it is told, by e-mail too where `mail` says so."""
        values: dict[str, object] = {"checked_at": now, "last_amount": amount}
        if told is not None:
            values["told_amount"] = told
        async with self.database.writing() as db:
            await db.execute(update(PriceAlertRow).where(PriceAlertRow.id == alert_id).values(**values))
            if told is not None and mail:
                payload = {"alert_id": alert_id, "kind": "price"}
                await order(db, MAIL_JOB, f"{MAIL_JOB}:{alert_id}:{told}", payload, now)
