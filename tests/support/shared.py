"""A Valkey made of dictionaries behind the real `Shared`, on a clock that the test moves; `away` makes it fail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from limits.aio.storage import MemoryStorage
from pydantic import SecretStr
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as Refused

from api.shared import Shared

T = TypeVar("T")


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Server:
    """What all processes see."""

    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    sets: dict[str, dict[str, float]] = field(default_factory=dict)
    expiries: dict[str, int] = field(default_factory=dict)
    counters: MemoryStorage = field(default_factory=MemoryStorage)
    away: bool = False

    @property
    def keys(self) -> set[str]:
        return {*self.hashes, *self.lists}

    def hsetnx(self, key: str, name: str, value: str) -> int:
        found = self.hashes.setdefault(key, {})
        new = name not in found
        found.setdefault(name, value)
        return int(new)

    def hlen(self, key: str) -> int:
        return len(self.hashes.get(key, {}))

    def hdel(self, key: str, *names: str) -> int:
        return sum(self.hashes[key].pop(name, None) is not None for name in names)

    def rpush(self, key: str, *values: str) -> int:
        self.lists.setdefault(key, []).extend(values)
        return len(self.lists[key])

    def ltrim(self, key: str, first: int, last: int) -> bool:
        assert last == -1
        self.lists[key] = self.lists[key][first:]
        return True

    def incrby(self, key: str, amount: int) -> int:
        self.numbers[key] = self.numbers.get(key, 0) + amount
        return self.numbers[key]

    def zadd(self, key: str, members: dict[str, float]) -> int:
        self.sets.setdefault(key, {}).update(members)
        return len(members)

    def zremrangebyscore(self, key: str, low: str, high: float) -> int:
        assert low == "-inf"
        before = self.sets.get(key, {})
        self.sets[key] = {name: score for name, score in before.items() if score > high}
        return len(before) - len(self.sets[key])

    def zcard(self, key: str) -> int:
        return len(self.sets.get(key, {}))

    def expire(self, key: str, seconds: int, *, nx: bool = False) -> bool:
        new = key not in self.expiries
        if new or not nx:
            self.expiries[key] = seconds
        return new

    def delete(self, key: str) -> int:
        self.expiries.pop(key, None)
        return int(self.hashes.pop(key, None) is not None) + int(self.lists.pop(key, None) is not None)


class Pipe:
    """Commands wait until `execute`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: list[Callable[[], Any]] = []

    def __getattr__(self, command: str) -> Callable[..., None]:
        method = getattr(self._server, command)
        return lambda *values, **options: self._waiting.append(lambda: method(*values, **options))

    async def execute(self) -> Sequence[Any]:
        return [command() for command in self._waiting]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._waiting.clear()


class Client(Valkey):
    def __init__(self, server: Server) -> None:
        self._server = server

    def __del__(self, *_: object) -> None:
        """There is nothing to close."""

    def pipeline(self, *_: object, **__: object) -> Any:
        return Pipe(self._server)

    async def hvals(self, name: str) -> list[str]:
        return list(self._server.hashes.get(name, {}).values())

    async def get(self, name: str) -> str | None:
        return str(self._server.numbers[name]) if name in self._server.numbers else None

    async def zcount(self, name: str, low: float, high: str) -> int:
        assert high == "+inf"
        return sum(score >= low for score in self._server.sets.get(name, {}).values())

    async def zrem(self, name: str, *members: str) -> int:
        return sum(self._server.sets.get(name, {}).pop(member, None) is not None for member in members)

    async def lrange(self, name: str, start: int, end: int) -> list[str]:
        assert (start, end) == (0, -1)
        return list(self._server.lists.get(name, []))


class FakeShared(Shared):
    """One process's view of a server."""

    def __init__(self, server: Server, clock: Clock) -> None:
        super().__init__(SecretStr("redis://127.0.0.1:1"), clock)
        self._server = server
        self._client = Client(server)

    async def ask(self, use: Callable[[Valkey], Awaitable[T]]) -> T:
        async def reached(client: Valkey) -> T:
            if self._server.away:
                raise Refused("refused")
            return await use(client)

        return await super().ask(reached)

    def counters(self) -> Any:
        return self._server.counters
