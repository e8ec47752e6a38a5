"""The media server as the API needs to see it: rooms, dispatches, participants."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import aiohttp
from livekit import api as livekit
from livekit.protocol.egress import EgressInfo, ListEgressRequest, RoomCompositeEgressRequest, StopEgressRequest
from livekit.protocol.models import ParticipantInfo

from contracts import agent_name
from contracts.names import ATTRIBUTE_AGENT_STATE
from contracts.problems import MediaUnavailable

T = TypeVar("T")

_NOT_FOUND: Final = "not_found"
_NOT_NOW: Final = "failed_precondition"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A request for our agent as the server lists it."""

    id: str
    jobs: int
    """Jobs handed to a worker; the server's snapshot at assignment."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a room."""

    identity: str
    is_agent: bool
    ready: bool = False
    """An agent that has published its state: its session runs."""


@dataclass(frozen=True, slots=True)
class RoomView:
    """One look into a room."""

    participants: tuple[Participant, ...] = ()
    dispatches: tuple[Dispatch, ...] | None = None
    """Those for our agent; None when they were not asked for."""

    @property
    def agents(self) -> tuple[Participant, ...]:
        """Agents in the room, ready or not."""
        return tuple(person for person in self.participants if person.is_agent)

    @property
    def has_user(self) -> bool:
        """Whether somebody is there to be served."""
        return any(not person.is_agent for person in self.participants)


class MediaServer(Protocol):
    """What the API asks of LiveKit. Every method raises MediaUnavailable when the server does not answer in time."""

    async def look(self, room: str, *, dispatches: bool) -> RoomView | None:
        """The room, or None when it does not exist."""

    async def rooms_open(self) -> dict[str, str]:
        """Every room that is open, with its `sid`: one request for all."""

    async def create_dispatch(self, room: str, metadata: str) -> None:
        """Ask for our agent; makes the room when there is none."""

    async def delete_dispatch(self, room: str, dispatch_id: str) -> None:
        """Take a request back; an agent that came for it is told to leave. A missing one is fine."""

    async def delete_room(self, room: str) -> None:
        """Close the room for everybody. A missing one is fine."""

    async def tell(self, room: str, topic: str, body: bytes) -> None:
        """Send data to everybody in a room; a room that is not there hears nothing."""

    async def start_recording(self, request: RoomCompositeEgressRequest) -> EgressInfo:
        """Ask for a recording of a room."""

    async def stop_recording(self, egress_id: str) -> EgressInfo | None:
        """End a recording; None for one that has ended already or is not known."""

    async def recordings(self, *, room: str = "", egress_id: str = "") -> tuple[EgressInfo, ...]:
        """Those that run in a room, or the one of an id whether it runs or not."""

    async def ping(self) -> None:
        """Return when the server answers."""

    async def aclose(self) -> None:
        """Close the connections."""


class LiveKit:
    """`MediaServer` over LiveKit's server API. The URL may be ws, wss, http or https: the library converts it."""

    def __init__(self, url: str, key: str, secret: str, timeout: float) -> None:
        self._timeout = timeout
        self._api = livekit.LiveKitAPI(url, key, secret, timeout=aiohttp.ClientTimeout(total=timeout))

    async def look(self, room: str, *, dispatches: bool) -> RoomView | None:
        """The room, or None when it does not exist."""
        people, listed = await asyncio.gather(
            self._call(self._api.room.list_participants(livekit.ListParticipantsRequest(room=room))),
            self._dispatches(room) if dispatches else _nothing(),
        )
        if people is None:
            return None
        if not people.participants:  # an empty room, or none: this answer is the same for both
            rooms = await self._call(self._api.room.list_rooms(livekit.ListRoomsRequest(names=[room])))
            if rooms is None or not rooms.rooms:
                return None
        there = (person for person in people.participants if person.kind != ParticipantInfo.Kind.EGRESS)
        return RoomView(tuple(_participant(person) for person in there), listed)

    async def rooms_open(self) -> dict[str, str]:
        """Every room that is open, with its `sid`."""
        listed = await self._call(self._api.room.list_rooms(livekit.ListRoomsRequest()))
        return {room.name: room.sid for room in listed.rooms} if listed else {}

    async def _dispatches(self, room: str) -> tuple[Dispatch, ...]:
        listed = await self._call(self._api.agent_dispatch.list_dispatch(room))
        return tuple(
            Dispatch(
                id=dispatch.id,
                jobs=len(dispatch.state.jobs),
                error=next((job.state.error for job in dispatch.state.jobs if job.state.error), None),
            )
            for dispatch in listed or ()
            # A room that was made without naming an agent holds a dispatch for the nameless one: not ours.
            if dispatch.agent_name == agent_name() and not dispatch.state.deleted_at
        )

    async def create_dispatch(self, room: str, metadata: str) -> None:
        """Ask for our agent."""
        request = livekit.CreateAgentDispatchRequest(agent_name=agent_name(), room=room, metadata=metadata)
        await self._call(self._api.agent_dispatch.create_dispatch(request))

    async def delete_dispatch(self, room: str, dispatch_id: str) -> None:
        """Take a request back."""
        await self._call(self._api.agent_dispatch.delete_dispatch(dispatch_id, room))

    async def delete_room(self, room: str) -> None:
        """Close the room for everybody."""
        await self._call(self._api.room.delete_room(livekit.DeleteRoomRequest(room=room)))

    async def tell(self, room: str, topic: str, body: bytes) -> None:
        """Send data to everybody in a room."""
        kind = livekit.DataPacket.Kind.RELIABLE
        await self._call(
            self._api.room.send_data(livekit.SendDataRequest(room=room, data=body, topic=topic, kind=kind))
        )

    async def start_recording(self, request: RoomCompositeEgressRequest) -> EgressInfo:
        """Ask for a recording of a room."""
        started = await self._call(self._api.egress.start_room_composite_egress(request))
        if started is None:
            raise MediaUnavailable("The media server knows no such room, or has no egress service.")
        return started

    async def stop_recording(self, egress_id: str) -> EgressInfo | None:
        """End a recording."""
        try:
            return await self._call(self._api.egress.stop_egress(StopEgressRequest(egress_id=egress_id)))
        except MediaUnavailable as error:
            if isinstance(error.__cause__, livekit.ServerError) and error.__cause__.code == _NOT_NOW:
                return None  # it has ended meanwhile
            raise

    async def recordings(self, *, room: str = "", egress_id: str = "") -> tuple[EgressInfo, ...]:
        """Those of a room, or one."""
        asked = ListEgressRequest(room_name=room, egress_id=egress_id, active=bool(room))
        listed = await self._call(self._api.egress.list_egress(asked))
        return tuple(listed.items) if listed else ()

    async def ping(self) -> None:
        """Return when the server answers and takes our key."""
        await self._call(self._api.room.list_rooms(livekit.ListRoomsRequest(names=["polyglot-ping"])))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _call(self, call: Awaitable[T]) -> T | None:
        """The answer; None for something that does not exist (any more)."""
        try:
            async with asyncio.timeout(self._timeout):
                return await call
        except livekit.ServerError as error:
            if error.code == _NOT_FOUND:
                return None
            # The message of a 401 or 404 tells an operator which of URL and key is wrong; it holds no secret.
            raise MediaUnavailable(f"The media server answered {error.status} {error.code}.") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise MediaUnavailable(f"The media server does not answer: {type(error).__name__}.") from error


async def _nothing() -> None:
    return None


def _participant(person: ParticipantInfo) -> Participant:
    is_agent = person.kind == ParticipantInfo.Kind.AGENT
    return Participant(
        identity=person.identity, is_agent=is_agent, ready=is_agent and ATTRIBUTE_AGENT_STATE in person.attributes
    )
