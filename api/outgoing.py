"""The certificates that every outgoing connection is checked against, read once: it takes 30 ms a client."""

import functools
import ssl

import httpx2


@functools.cache
def trusted() -> ssl.SSLContext:
    """What `httpx2` itself would make of this machine's certificates and environment."""
    return httpx2.create_ssl_context()
