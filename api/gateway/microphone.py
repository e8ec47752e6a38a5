"""The client's microphone in the room: what was sent, in real time, then silence, so that the end of a turn is heard."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import numpy as np

from api.gateway.audio import Samples
from api.gateway.limits import FRAME_SAMPLES, FRAME_SECONDS, RATE, GatewayLimits
from contracts.problems import InvalidInput


class Microphone:
    """A queue of sound with one sender. `send` takes one frame and returns when there is room for the next."""

    def __init__(self, send: Callable[[Samples], Awaitable[None]], limits: GatewayLimits) -> None:
        self._send = send
        self._limits = limits
        self._blocks: deque[Samples] = deque()
        self._waiting = 0
        self._trailing = 0
        self._continuous = False
        self._flowing = False
        self._work = asyncio.Event()

    @property
    def waiting(self) -> float:
        """Seconds of sound that are not yet sent."""
        return self._waiting / RATE

    def say(self, samples: Samples) -> None:
        """Send sound after what waits already. InvalidInput when too much is waiting."""
        if self.waiting + len(samples) / RATE > self._limits.waiting:
            raise InvalidInput.of(
                "audio",
                f"{self.waiting:.0f} seconds of sound are still waiting to be sent",
                f"at most {self._limits.waiting:g} seconds; send it no faster than it is spoken",
            )
        self._blocks.append(samples)
        self._waiting += len(samples)
        self._trailing = round(self._limits.trailing / FRAME_SECONDS)
        self._work.set()

    def keep_open(self, *, continuous: bool) -> None:
        """Whether silence is sent whenever there is nothing else."""
        self._continuous = continuous
        self._work.set()

    def clear(self) -> None:
        """Forget what waits; the turn is ended by silence."""
        self._blocks.clear()
        self._waiting = 0

    async def run(self) -> None:
        """Send, for ever."""
        silence = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        await self._work.wait()
        for _ in range(round(self._limits.leading / FRAME_SECONDS)):
            await self._send(silence)
        while True:
            if self._due():
                await self._send(self._take())
            elif self._continuous or self._trailing > 0:
                self._trailing -= 1
                await self._send(silence)
            else:
                self._work.clear()
                await self._work.wait()

    def _due(self) -> bool:
        """Whether a frame of sound is to be sent now: an open microphone that ran dry collects a little first."""
        if not self._continuous:
            return self._waiting > 0
        self._flowing = self._waiting >= (FRAME_SAMPLES if self._flowing else self._limits.jitter * RATE)
        return self._flowing

    def _take(self) -> Samples:
        """One frame from the front, filled with silence where the sound ends."""
        frame = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        filled = 0
        while self._blocks and filled < FRAME_SAMPLES:
            block = self._blocks.popleft()
            part = block[: FRAME_SAMPLES - filled]
            frame[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(block):
                self._blocks.appendleft(block[len(part) :])
        self._waiting -= filled
        return frame
