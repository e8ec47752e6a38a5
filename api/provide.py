"""How routes come by what the process holds: one object of a class, made at the start and found by its class.

The composition root (`api.services`) puts them there; a domain asks for its own and knows nobody above it.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from starlette.requests import HTTPConnection

T = TypeVar("T")

Provided = dict[type[object], object]


def provided(kind: type[T]) -> Callable[[HTTPConnection], T]:
    """A FastAPI dependency that gives the process's object of that class."""

    def find(connection: HTTPConnection) -> T:
        return cast("T", connection.app.state.provided[kind])

    return find
