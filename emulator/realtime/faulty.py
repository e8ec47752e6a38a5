"""The wire of a realtime session, with the faults that were ordered for it."""

import asyncio

from aiohttp import web

from emulator.faults import OF_A_RESPONSE, Fault, Striker, Struck
from emulator.http.middleware import first_byte
from emulator.realtime.config import Json
from emulator.runtime import RUNTIME
from emulator.strict import check_sent


class FaultyWire:
    """Sends events in order. Each response takes at most one fault; `after` counts its events."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket = socket
        self._request = request
        self._faults = request.app[RUNTIME].faults
        self._lock = asyncio.Lock()
        self._striker = Striker(None)
        self._dropping = False

    async def deliver(self, event: Json) -> None:
        """Sends one event, unless a fault is in the way.

        Raises ConnectionError when the connection is gone.
        """
        check_sent(event)
        if event["type"] == "response.created":
            self._striker = Striker(self._due())
        if str(event["type"]).startswith("response."):
            # A response that is stuck holds up its own events alone: the session hears, and can be told to cancel it.
            await self._strike()
        async with self._lock:
            if not self._dropping:
                await self._socket.send_json(event)
                first_byte(self._request)
            elif event["type"] == "response.done":
                self._dropping = False
                response = event["response"]
                emptied = {**response, "output": []} if isinstance(response, dict) else response
                await self._socket.send_json({**event, "response": emptied})

    def cut(self) -> None:
        """Breaks the connection as a dying server would."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def _due(self) -> Fault | None:
        fault = self._faults.peek("realtime")
        return (
            self._faults.take("realtime") if fault and fault.kind not in ("status", "expired", *OF_A_RESPONSE) else None
        )

    async def _strike(self) -> None:
        try:
            await self._striker.chunk()
        except Struck as struck:
            if struck.kind == "disconnect":
                self.cut()
                raise ConnectionResetError("cut by a fault") from struck
            if struck.kind == "malformed":
                await self._socket.send_str('{"type": "response.')
            self._dropping = struck.kind == "empty"
