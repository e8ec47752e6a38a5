"""The certificates that every client of a process trusts."""

import ssl
from functools import cache


@cache
def tls_context() -> ssl.SSLContext:
    """Made once per process, before a call: loading the certificates takes a fifth of a second."""
    return ssl.create_default_context()
