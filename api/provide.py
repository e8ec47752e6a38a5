"""How routes come by what the process holds: one object of a class, made at the start and found by its class.

The composition root (`api.services`) puts them there; a domain asks for its own and knows nobody above it.
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

T = TypeVar("T")

Provided = dict[type[object], object]


def held(connection: HTTPConnection, kind: type[T]) -> T:
    """The process's object of that class, for dependencies that need it themselves: each one declared costs time."""
    return cast("T", connection.app.state.provided[kind])


def provided(kind: type[T]) -> Callable[[HTTPConnection], Coroutine[Any, Any, T]]:
    """A FastAPI dependency that gives the process's object of that class."""

    async def find(connection: HTTPConnection) -> T:  # not a plain function: each of those goes through a thread
        return held(connection, kind)

    return find
