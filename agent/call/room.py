"""The agent's side of the room: what it publishes beside speech, and the RPC methods it answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from livekit import rtc
from pydantic import BaseModel, ValidationError

from agent import budgets
from contracts.desk import OPERATOR_PREFIX
from contracts.dispatch import Pipeline
from contracts.files import TOPIC_FILE
from contracts.intakes import IntakeMessage
from contracts.names import (
    ATTRIBUTE_LANGUAGE,
    ATTRIBUTE_PERSONA,
    ATTRIBUTE_PIPELINE,
    RPC_LANGUAGE,
    RPC_REFINE,
    RPC_SELECT,
    RPC_SHOW,
    RPC_STOP,
    TOPIC_CHAT,
    TOPIC_HANDOVER,
    TOPIC_INTAKE,
    TOPIC_NOTICE,
    TOPIC_RESULTS,
    TOPIC_SCREEN,
)
from contracts.room import (
    LanguageRequest,
    NoticeMessage,
    RefineRequest,
    ResultsMessage,
    SelectRequest,
    ShowReply,
    ShowRequest,
    StopReply,
)
from contracts.screen import ScreenChanged

Request = TypeVar("Request", bound=BaseModel)

logger = logging.getLogger("polyglot.agent.call.room")

TYPED_MAX = 2000
"""Characters of a typed message that are read; more is no question about a flight."""
RPC_BAD_REQUEST = 1500
"""Application error code of our methods: the payload was not valid."""


class RoomLink:
    """Publishes to one room. Nothing here may end a call: a failure is logged and the call goes on."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._background: set[asyncio.Future[None]] = set()

    async def results(self, message: ResultsMessage) -> None:
        """Show offers on the page."""
        await self._send(message, TOPIC_RESULTS)

    async def intake(self, message: IntakeMessage) -> None:
        """Show what was taken down."""
        await self._send(message, TOPIC_INTAKE)

    def on_file(self, take: Callable[[AsyncIterator[bytes], int | None], Awaitable[None]]) -> None:
        """Take what a traveller sends; what others send is not for the assistant."""

        def on_stream(reader: rtc.ByteStreamReader, identity: str) -> None:
            sender = self._room.remote_participants.get(identity)
            agent = sender is None or sender.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
            if not agent and not identity.startswith(OPERATOR_PREFIX):
                task = asyncio.ensure_future(take(aiter(reader), reader.info.size))
                self._background.add(task)
                task.add_done_callback(self._background.discard)

        self._room.register_byte_stream_handler(TOPIC_FILE, on_stream)

    def on_people(self, joined: Callable[[str, str], None], left: Callable[[str], None]) -> None:
        """Say who of the house comes and goes; whoever is there already has come."""

        def on_joined(participant: rtc.RemoteParticipant) -> None:
            if participant.identity.startswith(OPERATOR_PREFIX):
                joined(participant.identity, participant.name)

        def on_left(participant: rtc.RemoteParticipant) -> None:
            left(participant.identity)

        self._room.on("participant_connected", on_joined)
        self._room.on("participant_disconnected", on_left)
        for participant in list(self._room.remote_participants.values()):
            on_joined(participant)

    async def notice(self, message: NoticeMessage) -> None:
        """Tell the page something the user must see."""
        await self._send(message, TOPIC_NOTICE)

    async def describe(self, *, language: str, pipeline: Pipeline, persona: str) -> None:
        """Publish what the agent is doing as participant attributes."""
        try:
            await self._room.local_participant.set_attributes(
                {ATTRIBUTE_LANGUAGE: language, ATTRIBUTE_PIPELINE: pipeline.value, ATTRIBUTE_PERSONA: persona}
            )
        except Exception:
            logger.warning("attributes not published", exc_info=True)

    def ask_shown(self, request: ShowRequest, answer: Callable[[ShowReply], None]) -> None:
        """Ask the page, in the background, which cards it shows; a page that cannot answer is no error."""
        task = asyncio.create_task(self._ask_shown(request, answer))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def answer(
        self,
        *,
        stop: Callable[[], Awaitable[bool]],
        language: Callable[[LanguageRequest], Awaitable[str]],
        select: Callable[[SelectRequest], Awaitable[None]],
        refine: Callable[[RefineRequest], Awaitable[None]],
    ) -> None:
        """Register the methods that the page calls."""
        participant = self._room.local_participant

        async def on_stop(_: rtc.RpcInvocationData) -> str:
            return StopReply(stopped=await stop()).model_dump_json()

        async def on_language(data: rtc.RpcInvocationData) -> str:
            chosen = await language(_parse(LanguageRequest, data.payload))
            return LanguageRequest(language=chosen).model_dump_json()

        async def on_select(data: rtc.RpcInvocationData) -> str:
            await select(_parse(SelectRequest, data.payload))
            return "{}"

        async def on_refine(data: rtc.RpcInvocationData) -> str:
            await refine(_parse(RefineRequest, data.payload))
            return "{}"

        participant.register_rpc_method(RPC_STOP, on_stop)
        participant.register_rpc_method(RPC_LANGUAGE, on_language)
        participant.register_rpc_method(RPC_SELECT, on_select)
        participant.register_rpc_method(RPC_REFINE, on_refine)

    def on_handover(self, leave: Callable[[], Awaitable[None]]) -> None:
        """Do as the worker says that must go. Participants cannot say it: what comes by the media server has no sender."""

        def on_data(packet: rtc.DataPacket) -> None:
            if packet.topic == TOPIC_HANDOVER and packet.participant is None:
                task = asyncio.ensure_future(leave())
                self._background.add(task)
                task.add_done_callback(self._background.discard)

        self._room.on("data_received", on_data)

    def on_screen(self, follow: Callable[[int], Awaitable[None]]) -> None:
        """Look again at what the call shows, when the API says that somebody has changed it."""

        def on_data(packet: rtc.DataPacket) -> None:
            if packet.topic != TOPIC_SCREEN or packet.participant is not None:
                return
            try:
                told = ScreenChanged.model_validate_json(packet.data)
            except ValidationError:
                return
            task = asyncio.ensure_future(follow(told.version))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        self._room.on("data_received", on_data)

    def listen(self, typed: Callable[[str], Awaitable[None]]) -> None:
        """Take in what people type, whatever pipeline runs or changes meanwhile."""

        def on_stream(reader: rtc.TextStreamReader, identity: str) -> None:
            task = asyncio.create_task(self._read(reader, identity, typed))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        self._room.register_text_stream_handler(TOPIC_CHAT, on_stream)

    async def _read(self, reader: rtc.TextStreamReader, identity: str, typed: Callable[[str], Awaitable[None]]) -> None:
        sender = self._room.remote_participants.get(identity)
        text = (await reader.read_all()).strip()
        by_hand = sender is not None and sender.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        # What an operator writes is for the traveller.
        if text and by_hand and not identity.startswith(OPERATOR_PREFIX):
            await typed(text[:TYPED_MAX])

    async def _ask_shown(self, request: ShowRequest, answer: Callable[[ShowReply], None]) -> None:
        for participant in list(self._room.remote_participants.values()):
            if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                continue
            try:
                payload = await self._room.local_participant.perform_rpc(
                    destination_identity=participant.identity,
                    method=RPC_SHOW,
                    payload=request.model_dump_json(),
                    response_timeout=budgets.SHOW_TIMEOUT,
                )
                answer(ShowReply.model_validate_json(payload))
            except (rtc.RpcError, ValidationError):
                logger.debug("the page did not say what it shows")

    async def _send(self, message: BaseModel, topic: str) -> None:
        try:
            await self._room.local_participant.send_text(message.model_dump_json(), topic=topic)
        except Exception:
            logger.warning("message not sent", extra={"topic": topic}, exc_info=True)


def _parse(model: type[Request], payload: str) -> Request:
    try:
        return model.model_validate_json(payload or "{}")
    except ValidationError as error:
        fields = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise rtc.RpcError(RPC_BAD_REQUEST, fields) from None
