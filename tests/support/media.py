"""A media server made of dictionaries, for tests of the API in process."""

from collections.abc import Callable
from dataclasses import dataclass, field

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

    async def ping(self) -> None:
        self._check()

    async def aclose(self) -> None:
        self.closed = True
