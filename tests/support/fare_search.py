"""A search that any source answers."""

from datetime import UTC, datetime, timedelta

DAY = datetime.now(UTC).date() + timedelta(days=30)
GOOD = {"origin": "MAD", "destination": "BER", "departure_date": DAY.isoformat()}
