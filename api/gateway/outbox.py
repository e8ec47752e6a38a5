"""What waits to be sent to the client, in order, and how a call ends."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.gateway.schemas import ErrorMessage, ServerMessage

NORMAL: Final = 1000
POLICY: Final = 1008
TOO_BIG: Final = 1009
FAILED: Final = 1011
TRY_LATER: Final = 1013


@dataclass(frozen=True, slots=True)
class Ending:
    """The call ends, from our side: the close code, and the words for the client."""

    code: int
    error: str


UNEXPECTED: Final = Ending(FAILED, "Something went wrong on our side; it was logged. Please connect again.")


class Outbox:
    """A bounded queue with one sender; a client that does not take its messages loses the call, not our memory."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[ServerMessage] = asyncio.Queue(size)
        self._overflow = asyncio.Event()

    def put(self, message: ServerMessage) -> None:
        """Send after what waits already."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._overflow.set()

    async def overflow(self) -> Ending | None:
        """Wait until the client is too slow; how the call ends then."""
        await self._overflow.wait()
        return Ending(POLICY, "Messages are not being read fast enough.")

    async def pump(self, socket: WebSocket) -> Ending | None:
        """Send, until cancelled or the client has gone."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # a send after a close is a RuntimeError
            while True:
                await socket.send_text((await self._queue.get()).model_dump_json())
        return None

    async def farewell(self, socket: WebSocket, ending: Ending) -> None:
        """Send what waits, unless it is that which went wrong, then the error; then close."""
        while not self._overflow.is_set() and not self._queue.empty():
            await socket.send_text(self._queue.get_nowait().model_dump_json())
        await socket.send_text(ErrorMessage(error=ending.error).model_dump_json())
        await socket.close(ending.code)
