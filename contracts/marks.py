"""How a session is named where its id has no business: in logs and counters."""

import hashlib


def session_mark(session_id: str) -> str:
    """Twelve hexadecimal digits that tell sessions apart, and lead to none."""
    return hashlib.sha256(session_id.encode()).hexdigest()[:12]
