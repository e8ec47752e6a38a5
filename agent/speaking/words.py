"""The words of a speech on their way to a voice."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable


class Words:
    """Given on as they come; told to whoever remembers what was said."""

    def __init__(self, parts: AsyncIterable[str], remember: Callable[[str], None]) -> None:
        self._source = aiter(parts)
        self._first = ""
        self._remember = remember
        self.whole = False
        """No more of them come."""

    async def are(self, wordings: tuple[str, ...]) -> bool:
        """Whether they are exactly one of the wordings; waits no longer than they may be. Then they are remembered."""
        while not self.whole and any(wording.startswith(self._first.strip()) for wording in wordings):
            part = await anext(self._source, None)
            self.whole = part is None
            self._first += part or ""
        same = self.whole and self._first.strip() in wordings
        if same:
            self._remember(self._first)
        return same

    async def parts(self) -> AsyncGenerator[str, None]:
        """All of them, in their order."""
        if self._first:
            self._remember(self._first)
            yield self._first
        if not self.whole:
            async for part in self._source:
                self._remember(part)
                yield part
        self.whole = True
