"""A real PostgreSQL on loopback; a skip where none is installed."""

import pytest

from cli.stack.postgres import PASSWORD, PostgresServer

__all__ = ["PASSWORD", "PostgresServer", "postgres_or_skip"]


def postgres_or_skip() -> PostgresServer:
    """A running server."""
    try:
        return PostgresServer()
    except FileNotFoundError as error:
        pytest.skip(str(error))
