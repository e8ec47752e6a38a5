"""Which pages may open the socket: a browser sends cookies and no CORS check with a WebSocket, so we look ourselves."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def may_open(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a page of that origin may; `host` is the request's own, `allowed` the CORS allow-list.

    A client that is no browser sends no origin and may. The scheme of the same origin is not compared: behind a load
    balancer the process does not see it.
    """
    if origin is None or origin in allowed or "*" in allowed:
        return True
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
        own = urlsplit(f"//{host}")
        own_port = own.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return False
    return parts.hostname is not None and (parts.hostname, port) == (own.hostname, own_port)
