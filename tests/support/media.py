"""A media server made of dictionaries, for tests of the API in process."""

from collections.abc import Callable
from dataclasses import dataclass, field

from livekit.protocol.egress import EgressInfo, EgressStatus, RoomCompositeEgressRequest

from api.livekit.client import Dispatch, Participant, RoomView
from contracts.problems import MediaUnavailable


@dataclass
class FakeRoom:
    participants: dict[str, Participant] = field(default_factory=dict)
    dispatches: dict[str, Dispatch] = field(default_factory=dict)


@dataclass
class FakeMedia:
    """A media server that does what it is told, and fails when `down`."""

    rooms: dict[str, FakeRoom] = field(default_factory=dict)
    created: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str, bytes]] = field(default_factory=list)
    egresses: dict[str, EgressInfo] = field(default_factory=dict)
    refuses: bool = False
    """Has no egress service."""
    down: bool = False
    closed: bool = False
    on_create: Callable[[str], None] = lambda _room: None

    def join(self, room: str, identity: str, *, agent: bool = False, ready: bool = False) -> None:
        self.rooms.setdefault(room, FakeRoom()).participants[identity] = Participant(identity, agent, ready)

    def leave(self, room: str, identity: str) -> None:
        del self.rooms[room].participants[identity]

    def dispatch(self, room: str, name: str, *, jobs: int = 0) -> None:
        self.rooms.setdefault(room, FakeRoom()).dispatches[name] = Dispatch(name, jobs)

    def _check(self) -> None:
        if self.down:
            raise MediaUnavailable("The media server does not answer: TimeoutError.")

    async def look(self, room: str, *, dispatches: bool) -> RoomView | None:
        self._check()
        found = self.rooms.get(room)
        if found is None:
            return None
        listed = tuple(found.dispatches.values()) if dispatches else None
        return RoomView(tuple(found.participants.values()), listed)

    async def rooms_open(self) -> dict[str, str]:
        self._check()
        return {name: f"RM_{name}" for name in self.rooms}

    async def create_dispatch(self, room: str, metadata: str) -> None:
        self._check()
        self.created.append((room, metadata))
        self.dispatch(room, f"again-{len(self.created)}")
        self.on_create(room)

    async def delete_dispatch(self, room: str, dispatch_id: str) -> None:
        self._check()
        self.deleted.append((room, dispatch_id))
        self.rooms[room].dispatches.pop(dispatch_id, None)

    async def delete_room(self, room: str) -> None:
        self._check()
        self.rooms.pop(room, None)

    async def tell(self, room: str, topic: str, body: bytes) -> None:
        self._check()
        self.told.append((room, topic, body))

    async def start_recording(self, request: RoomCompositeEgressRequest) -> EgressInfo:
        self._check()
        if self.refuses:
            raise MediaUnavailable("The media server answered 503 unavailable.")
        egress_id = f"EG_{len(self.egresses) + 1}"
        info = EgressInfo(egress_id=egress_id, room_name=request.room_name, room_composite=request)
        self.egresses[egress_id] = info
        return info

    async def stop_recording(self, egress_id: str) -> EgressInfo | None:
        self._check()
        info = self.egresses.get(egress_id)
        if info is None or info.status >= EgressStatus.EGRESS_ENDING:
            return None
        info.status = EgressStatus.EGRESS_ENDING
        return info

    async def recordings(self, *, room: str = "", egress_id: str = "") -> tuple[EgressInfo, ...]:
        self._check()
        found = self.egresses.values()
        if egress_id:
            return tuple(info for info in found if info.egress_id == egress_id)
        running = EgressStatus.EGRESS_ENDING
        return tuple(info for info in found if info.room_name == room and info.status < running)

    async def ping(self) -> None:
        self._check()

    async def aclose(self) -> None:
        self.closed = True
