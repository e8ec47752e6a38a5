"""What all routes share, and the log of requests."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from pydantic import BaseModel

from emulator.ears.choice import ears_of
from emulator.ears.heard import Ears
from emulator.faults import FaultBook, Route
from emulator.limits import RateLimit
from emulator.settings import EmulatorSettings
from emulator.voice.choice import Voice
from emulator.world import WORLDS, World

P = ParamSpec("P")
T = TypeVar("T")
_WORKERS: Final = 4
_LOG_LIMIT: Final = 2000


class LogEntry(BaseModel):
    """One request, without its content."""

    route: Route
    at: float
    """Unix time of its arrival."""
    model: str | None = None
    status: int | None = None
    """HTTP status; 101 for a realtime session."""
    first_ms: float | None = None
    """Milliseconds to the first byte of the answer."""
    total_ms: float | None = None
    fault: str | None = None


@dataclass
class Runtime:
    """State of one running emulator."""

    settings: EmulatorSettings
    world: World = field(init=False)
    faults: FaultBook = field(default_factory=FaultBook)
    log: list[LogEntry] = field(default_factory=list)
    ears: Ears = field(init=False)
    voice: Voice = field(init=False)
    sessions: set[Callable[[], None]] = field(default_factory=set)
    """One function for each live realtime session that cuts its connection."""
    expiring: set[asyncio.Event] = field(default_factory=set)
    """One for each live realtime session: set, its time is over."""
    limit: RateLimit = field(init=False)
    executor: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_WORKERS, "emulator"))

    def __post_init__(self) -> None:
        self.ears = ears_of(self.settings)
        self.limit = RateLimit(self.settings.requests_per_minute)
        self.voice = Voice(self.settings.voice)
        self.world = WORLDS[self.settings.world].model_copy()

    async def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs blocking work on the emulator's threads."""
        return await asyncio.get_running_loop().run_in_executor(self.executor, lambda: function(*args, **kwargs))

    async def speak(self, text: str, voice: str, *, speed: float, fallback: str = "en") -> NDArray[np.int16]:
        """`Voice.speak` on the emulator's threads, at the rate of its settings."""
        return await self.compute(
            self.voice.speak, text, voice, speed=speed * self.settings.speech_rate, fallback=fallback
        )

    def enter(self, route: Route) -> LogEntry:
        """Opens an entry of the log, the oldest falling out when it is full."""
        entry = LogEntry(route=route, at=time.time())
        self.log.append(entry)
        del self.log[:-_LOG_LIMIT]
        return entry


RUNTIME: Final = web.AppKey("runtime", Runtime)
