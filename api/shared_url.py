"""Where the Valkey is that the API's processes share; apart from its client, so that settings load without it."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

ALLOWED: Final = "redis://host:6379 or rediss://host:6379 (TLS), with user:password@ before the host if it asks for it"


def checked_url(url: SecretStr) -> SecretStr:
    """The URL of a Valkey, with nothing in it that could weaken TLS. Raises ValueError, without the URL."""
    try:
        parts = urlsplit(url.get_secret_value())
        port = parts.port
    except ValueError:
        raise ValueError(f"is not a URL; allowed: {ALLOWED}") from None
    if parts.scheme not in {"redis", "rediss"}:
        raise ValueError(f"has another scheme; allowed: {ALLOWED}")
    if not parts.hostname or port == 0:
        raise ValueError(f"names no server; allowed: {ALLOWED}")
    database = parts.path.removeprefix("/")
    if parts.query or parts.fragment or (database and not database.isdecimal()):
        raise ValueError("may have the number of a database after the host, and nothing else")
    return url
