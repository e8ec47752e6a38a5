"""A Valkey's few commands that fares need, in memory, behind the same `ask` as the real one."""

from collections.abc import Awaitable, Callable
from typing import Any

from api.shared import AwayError


class ValkeyDouble:
    """Shared by several of an application's tasks in one test."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.lives: dict[str, float] = {}
        self.away = False

    async def ask(self, use: Callable[[Any], Awaitable[Any]]) -> Any:
        if self.away:
            raise AwayError
        return await use(self)

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def set(self, name: str, body: str, *, ex: int, nx: bool = False) -> bool | None:
        if nx and name in self.kept:
            return None
        self.kept[name], self.lives[name] = body, ex
        return True

    async def delete(self, name: str) -> int:
        return int(self.kept.pop(name, None) is not None)

    async def exists(self, name: str) -> int:
        return int(name in self.kept)
