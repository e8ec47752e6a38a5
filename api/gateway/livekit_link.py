"""A room on a real media server, by the SDK. Imported only where the `gateway` extra is installed."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Final

import numpy as np
import structlog
from livekit import rtc
from livekit.rtc.participant import PublishTrackError
from pydantic import ValidationError

from api.gateway.audio import Samples
from api.gateway.limits import FRAME_SAMPLES, RATE, GatewayLimits
from api.gateway.link import LinkError, Listener
from contracts.names import (
    ATTRIBUTE_AGENT_STATE,
    ATTRIBUTE_LANGUAGE,
    ATTRIBUTE_SEGMENT_ID,
    ATTRIBUTE_TRANSCRIPTION_FINAL,
    TOPIC_NOTICE,
    TOPIC_RESULTS,
    TOPIC_TRANSCRIPTION,
)
from contracts.room import NoticeMessage

log = structlog.get_logger("polyglot.gateway")

# At its own level the native client tells room names.
logging.getLogger("livekit").setLevel(logging.WARNING)

_SEND_QUEUE_MS: Final = 1000
"""Sound that is ready to leave: while this process is busy, with a call that begins for one, the library goes on sending it.
A gap would be silence, which ends a turn in the middle."""
_FRAME_MS: Final = FRAME_SAMPLES * 1000 // RATE
_HEARD_FRAMES: Final = 250
"""Frames kept when this process falls behind; older ones are dropped."""


class LiveKitLink:
    """A participant with a microphone. Single use: one join, one leave."""

    def __init__(self, limits: GatewayLimits) -> None:
        self._limits = limits
        self._room = rtc.Room()
        self._source: rtc.AudioSource | None = None
        self._publication: rtc.LocalTrackPublication | None = None
        self._listener: Listener | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False

    async def join(self, url: str, token: str, listener: Listener) -> None:
        """Join and publish a microphone."""
        room, self._listener = self._room, listener
        room.on("track_subscribed", self._on_track)
        for event in ("participant_attributes_changed", "participant_connected", "participant_disconnected"):
            room.on(event, self._look_at_agent)
        room.on("disconnected", self._on_disconnected)
        room.register_text_stream_handler(TOPIC_TRANSCRIPTION, self._on_transcription)
        room.register_text_stream_handler(TOPIC_NOTICE, self._on_notice)
        room.register_text_stream_handler(TOPIC_RESULTS, self._on_results)
        try:
            async with asyncio.timeout(self._limits.join):
                await room.connect(url, token)
                self._source = rtc.AudioSource(RATE, 1, queue_size_ms=_SEND_QUEUE_MS)
                track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
                options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
                self._publication = await room.local_participant.publish_track(track, options)
        except (rtc.ConnectError, PublishTrackError, TimeoutError) as error:
            # The library's text can hold the token.
            log.warning("room not joined", error=type(error).__name__)
            raise LinkError("The call could not be connected; try again in a moment.") from None
        self._look_at_agent()

    async def listened_to(self) -> None:
        """Wait until the agent is subscribed to the microphone (bounded)."""
        if self._publication is None:
            return
        try:
            async with asyncio.timeout(self._limits.subscribed):
                await self._publication.wait_for_subscription()
        except TimeoutError:
            log.warning("nobody receives the microphone")

    async def send(self, frame: Samples) -> None:
        """Send one frame of the microphone."""
        if self._source is not None:
            await self._source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, len(frame)))

    def unsend(self) -> None:
        """Drop what has not left yet."""
        if self._source is not None:
            self._source.clear_queue()

    async def rpc(self, method: str, payload: str) -> str:
        """Ask the agent."""
        agent = self._agent()
        if agent is None:
            raise LinkError("No assistant is in the call at this moment; try again.")
        try:
            return await self._room.local_participant.perform_rpc(
                destination_identity=agent.identity,
                method=method,
                payload=payload,
                response_timeout=self._limits.rpc,
            )
        except rtc.RpcError as error:
            log.warning("agent did not answer", method=method, code=error.code)
            raise LinkError("The assistant does not answer at this moment; try again.") from None

    async def leave(self) -> None:
        """Leave."""
        self._leaving = True
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(self._limits.leave):
                await self._room.disconnect()
                if self._source is not None:
                    await self._source.aclose()
        except Exception as error:  # noqa: BLE001 - there is nobody left to tell
            log.warning("room not left cleanly", error=type(error).__name__)

    # -- receiving ------------------------------------------------------------------------------------------------

    def _agent(self) -> rtc.RemoteParticipant | None:
        """The agent; of two, while one replaces the other, the one that has a state."""
        agents = [p for p in self._room.remote_participants.values() if _is_agent(p)]
        agents.sort(key=lambda agent: ATTRIBUTE_AGENT_STATE not in agent.attributes)
        return agents[0] if agents else None

    def _look_at_agent(self, *_: object) -> None:
        if self._listener is None or self._leaving:
            return
        attributes = agent.attributes if (agent := self._agent()) else {}
        self._listener.on_agent(attributes.get(ATTRIBUTE_AGENT_STATE, ""), attributes.get(ATTRIBUTE_LANGUAGE))

    def _on_disconnected(self, _reason: object) -> None:
        if self._listener is not None and not self._leaving:
            self._listener.on_gone()

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO and _is_agent(participant):
            self._spawn(self._hear(track))

    async def _hear(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RATE, num_channels=1, frame_size_ms=_FRAME_MS, capacity=_HEARD_FRAMES
        )
        try:
            async for event in stream:
                if self._listener is not None:
                    self._listener.on_sound(np.frombuffer(event.frame.data, dtype=np.int16).copy())
        finally:
            await stream.aclose()

    def _on_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        mine = identity == self._room.local_participant.identity
        self._spawn(self._read_user(reader) if mine else self._read_agent(reader))

    async def _read_user(self, reader: rtc.TextStreamReader) -> None:
        text = (await reader.read_all()).strip()
        final = (reader.info.attributes or {}).get(ATTRIBUTE_TRANSCRIPTION_FINAL) == "true"
        if final and text and self._listener is not None:
            self._listener.on_user_words(text)

    async def _read_agent(self, reader: rtc.TextStreamReader) -> None:
        segment = (reader.info.attributes or {}).get(ATTRIBUTE_SEGMENT_ID) or reader.info.stream_id
        text = ""
        try:
            async for chunk in reader:
                text += chunk
                self._tell_words(segment, text, final=False)
        finally:
            # Cut off or not, no more words will come.
            if text:
                self._tell_words(segment, text, final=True)

    def _tell_words(self, segment: str, text: str, *, final: bool) -> None:
        if self._listener is not None:
            self._listener.on_agent_words(segment, text, final=final)

    def _on_notice(self, reader: rtc.TextStreamReader, _identity: str) -> None:
        self._spawn(self._read_notice(reader))

    async def _read_notice(self, reader: rtc.TextStreamReader) -> None:
        try:
            notice = NoticeMessage.model_validate_json(await reader.read_all())
        except ValidationError:
            log.warning("notice not understood")
            return
        if self._listener is not None:
            self._listener.on_notice(notice)

    def _on_results(self, reader: rtc.TextStreamReader, _identity: str) -> None:
        self._spawn(self._read_results(reader))

    async def _read_results(self, reader: rtc.TextStreamReader) -> None:
        await reader.read_all()
        if self._listener is not None:
            self._listener.on_results()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        async def quietly() -> None:
            # A stream that breaks off is the end of that stream and of nothing else.
            with contextlib.suppress(rtc.StreamError):
                await work

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_agent(participant: rtc.Participant) -> bool:
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
