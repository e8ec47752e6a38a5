"""A chat model that says what it is told to."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any


class Model:
    """Answers with `pieces` after `waits` seconds, or raises; the last chunk has no words, as where a provider tells usage."""

    def __init__(self, *pieces: str, waits: float = 0.0, fails: bool = False) -> None:
        self.pieces, self.waits, self.fails = pieces, waits, fails
        self.asked: list[Any] = []

    @asynccontextmanager
    async def chat(self, *, chat_ctx: Any, conn_options: Any) -> Any:
        self.asked.append((chat_ctx, conn_options))
        if self.fails:
            raise RuntimeError("the provider's own")

        async def stream() -> Any:
            await asyncio.sleep(self.waits)
            for piece in self.pieces:
                yield SimpleNamespace(delta=SimpleNamespace(content=piece))
            yield SimpleNamespace(delta=None)

        yield stream()
