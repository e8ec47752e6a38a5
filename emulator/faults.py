"""Faults that tests order: what goes wrong, on which route, when and how often."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Route = Literal["chat", "transcriptions", "speech", "realtime", "models"]
Kind = Literal[
    "delay",
    "status",
    "stall",
    "disconnect",
    "malformed",
    "empty",
    "failed",
    "rate_limited",
    "incomplete",
    "unheard",
    "expired",
]
OF_A_RESPONSE: Final = ("failed", "rate_limited", "incomplete", "unheard")
"""Faults of the realtime route that are told in events: a response that fails, by itself or because the account's rate limit is
used up, one that stops before its end, and speech whose words cannot be made out.
"""
STALL_SECONDS = 600.0


class Fault(BaseModel):
    """One order."""

    model_config = ConfigDict(extra="forbid")

    route: Route
    kind: Kind
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    """HTTP status of a `status` fault."""
    seconds: Annotated[float, Field(ge=0, le=STALL_SECONDS)] | None = None
    """Length of a `delay` (default 1) or of a `stall` (default ten minutes); what is heard of an `incomplete` response."""
    times: Annotated[int, Field(ge=1)] | None = None
    """Strikes this often, then the route is healed; None strikes until cleared."""
    after: Annotated[int, Field(ge=0)] = 0
    """Chunks or events that still get through before it strikes."""

    @model_validator(mode="after")
    def _status_fits(self) -> "Fault":
        if (self.kind == "status") != (self.status is not None):
            raise ValueError("status is needed for the kind 'status', and only there")
        cut_short = self.kind == "incomplete" and self.route == "chat"
        if self.kind in (*OF_A_RESPONSE, "expired") and self.route != "realtime" and not cut_short:
            raise ValueError(f"{self.kind} is a fault of the route 'realtime'")
        if self.kind == "status" and self.after:
            raise ValueError("after does not go with the kind 'status': a status comes before any chunk")
        return self


class Struck(Exception):
    """Raised where a fault breaks an answer in the middle."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


class FaultBook:
    """The faults in force. Every request or realtime session takes at most one."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._left: dict[int, int] = {}

    def order(self, faults: Sequence[Fault]) -> None:
        """Replaces all faults."""
        self._faults = list(faults)
        self._left = {index: fault.times for index, fault in enumerate(faults) if fault.times is not None}

    def clear(self) -> None:
        """Heals every route."""
        self.order(())

    def peek(self, route: Route) -> Fault | None:
        """The first fault of a route that has strikes left, without using one up."""
        found = self._find(route)
        return found[1] if found else None

    def take(self, route: Route) -> Fault | None:
        """The same, and uses up one strike."""
        found = self._find(route)
        if found is None:
            return None
        index, fault = found
        if index in self._left:
            self._left[index] -= 1
        return fault

    def take_event(self, *kinds: Kind) -> Fault | None:
        """The realtime fault in force, where it is of such a kind; uses up one strike."""
        fault = self.peek("realtime")
        return self.take("realtime") if fault and fault.kind in kinds else None

    def _find(self, route: Route) -> tuple[int, Fault] | None:
        for index, fault in enumerate(self._faults):
            if fault.route == route and self._left.get(index, 1) > 0:
                return index, fault
        return None


class Striker:
    """Counts the chunks of one answer and strikes when the fault says so."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault = fault
        self._passed = 0

    @property
    def strikes_first(self) -> bool:
        """Whether the fault comes before any chunk."""
        return self.fault is not None and self.fault.after == 0

    async def chunk(self) -> None:
        """Call before each chunk. Waits for `delay` and `stall`; raises Struck for what breaks the answer."""
        fault = self.fault
        self._passed += 1
        if fault is None or self._passed != fault.after + 1:
            return
        if fault.kind == "delay":
            await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
        elif fault.kind == "stall":
            await asyncio.sleep(STALL_SECONDS if fault.seconds is None else fault.seconds)
            raise Struck("disconnect")
        elif fault.kind in ("disconnect", "malformed", "empty", "incomplete"):
            raise Struck(fault.kind)
