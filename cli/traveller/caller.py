"""A synthetic traveller: starts a session as a page does, joins the room with the real SDK, speaks, types, listens."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx2
import numpy as np
from livekit import rtc

from cli.traveller.audio import FRAME_SAMPLES, RATE, Ear, Samples
from contracts.languages import LANGUAGES
from contracts.names import (
    ATTRIBUTE_AGENT_STATE,
    ATTRIBUTE_TRANSCRIPTION_FINAL,
    RPC_LANGUAGE,
    RPC_SHOW,
    RPC_STOP,
    TOPIC_CHAT,
    TOPIC_NOTICE,
    TOPIC_RESULTS,
    TOPIC_TRANSCRIPTION,
)
from contracts.problems import Problem
from contracts.room import LanguageRequest, NoticeMessage, ResultsMessage, ShowReply, ShowRequest, StopReply
from contracts.sessions import SessionRequest, SessionStarted, SessionStatus

API_TIMEOUT = 10.0
READY_SECONDS = 15.0
ANSWER_SECONDS = 30.0
"""Words are paced with the speech that says them, so a long answer ends late."""
SEND_QUEUE_MS = 200
"""Sound that waits to be sent: enough that a busy machine leaves no gaps in the speech, and known to every timing."""
SEND_SAMPLES = 4 * FRAME_SAMPLES
"""Handed over at once: every piece costs as much as another."""
HEARD_MS = 20
"""Milliseconds of sound that are taken in at once; for the same reason."""
SETTLED_SECONDS = 0.8
"""Silence after which an answer counts as finished."""

FILLERS = {line for entry in LANGUAGES.values() for line in (entry.lines.searching, entry.lines.still_searching)}


def is_filler(text: str) -> bool:
    """Whether words only tell that the assistant is searching, also where they were cut short."""
    return any(line.startswith(text) for line in FILLERS)


Message = TypeVar("Message", ResultsMessage, NoticeMessage)


class CallError(Exception):
    """The call cannot go on; the message says at which link of the chain."""


@dataclass(frozen=True)
class Heard:
    """One finished transcript."""

    speaker: str
    """`user` or `assistant`."""
    text: str
    at: float
    """Monotonic seconds of its arrival."""


@dataclass
class Traveller:
    """One call. Everything received is kept, with the monotonic second of its arrival."""

    http: httpx2.AsyncClient
    session: SessionStarted
    room: rtc.Room
    ear: Ear = field(default_factory=Ear)
    transcripts: list[Heard] = field(default_factory=list)
    results: list[tuple[float, ResultsMessage]] = field(default_factory=list)
    notices: list[tuple[float, NoticeMessage]] = field(default_factory=list)
    agent_states: list[tuple[float, str]] = field(default_factory=list)
    joined_at: float = 0.0
    lost: str | None = None
    """Why the room is gone, when it is: the library has given up on it, or it was ended by the other side."""
    _source: rtc.AudioSource | None = None
    _sending: asyncio.Task[None] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _to_say: deque[tuple[Samples, asyncio.Future[float]]] = field(default_factory=deque)

    @classmethod
    @asynccontextmanager
    async def call(
        cls, api_url: str, request: SessionRequest | None = None, *, microphone: bool = True, listening: bool = True
    ) -> AsyncIterator[Self]:
        """Start a session and join it, deaf until `listen` when not listening; leaves the room at the end."""
        async with httpx2.AsyncClient(base_url=api_url, timeout=API_TIMEOUT) as http:
            session = await start_session(http, request or SessionRequest())
            async with cls.inside(http, session, microphone=microphone, listening=listening) as traveller:
                yield traveller

    @classmethod
    @asynccontextmanager
    async def inside(
        cls, http: httpx2.AsyncClient, session: SessionStarted, *, microphone: bool = True, listening: bool = True
    ) -> AsyncIterator[Self]:
        """Join the room of a session that was started elsewhere."""
        traveller = cls(http, session, rtc.Room())
        try:
            await traveller._join(microphone=microphone, listening=listening)
            yield traveller
        finally:
            await traveller.leave()

    async def _join(self, *, microphone: bool, listening: bool) -> None:
        room = self.room
        room.on("track_subscribed", self._on_track)
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("participant_connected", self._note_state)
        room.on("disconnected", self._note_loss)
        room.register_text_stream_handler(TOPIC_TRANSCRIPTION, self._on_transcription)
        room.register_text_stream_handler(TOPIC_RESULTS, self._on_results)
        room.register_text_stream_handler(TOPIC_NOTICE, self._on_notice)
        try:
            options = rtc.RoomOptions(auto_subscribe=listening)
            await room.connect(self.session.server_url, self.session.participant_token, options)
        except rtc.ConnectError as error:
            # The library's text can hold the token.
            raise CallError(f"could not join the room at {self.session.server_url}") from error
        room.local_participant.register_rpc_method(RPC_SHOW, self._on_show)
        self.joined_at = time.monotonic()
        for participant in room.remote_participants.values():
            self._note_state(participant)
        if microphone:
            self._source = rtc.AudioSource(RATE, 1, queue_size_ms=SEND_QUEUE_MS)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            published = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await room.local_participant.publish_track(track, published)
            self._sending = self._spawn(self._send())

    async def leave(self) -> None:
        """Leave the room."""
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.room.disconnect()

    # -- doing ----------------------------------------------------------------------------------------------------

    async def say(self, samples: Samples) -> float:
        """Speak in real time; returns the monotonic second at which the last sample is sent."""
        if self._sending is None:
            raise CallError("this traveller has no microphone")
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._to_say.append((samples, done))
        waited: set[asyncio.Future[Any]] = {done, self._sending}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            raise CallError(f"what was said was not sent: {self.lost or 'the microphone broke off'}")
        return done.result()

    async def write(self, text: str) -> float:
        """Type into the chat; returns when it was sent."""
        at = time.monotonic()
        try:
            await self.room.local_participant.send_text(text, topic=TOPIC_CHAT)
        except ConnectionError as error:
            raise CallError(f"what was typed was not sent: {self.lost or error}") from error
        return at

    async def stop(self) -> StopReply:
        """Press the stop button."""
        return StopReply.model_validate_json(await self._rpc(RPC_STOP, ""))

    def listen(self) -> None:
        """Subscribe to what is in the room, as a page does that was slow to."""
        for participant in self.room.remote_participants.values():
            for publication in participant.track_publications.values():
                publication.set_subscribed(True)

    async def choose_language(self, code: str) -> None:
        """Pick a language from the menu."""
        await self._rpc(RPC_LANGUAGE, LanguageRequest(language=code).model_dump_json())

    @property
    def credentials(self) -> dict[str, str]:
        """What opens this session at the API: the token of its room."""
        return {"Authorization": f"Bearer {self.session.participant_token}"}

    async def status(self) -> SessionStatus:
        """The API's verdict on the call; CallError when it gives none."""
        try:
            response = (
                await self.http.get(f"/v1/sessions/{self.session.session_id}", headers=self.credentials)
            ).raise_for_status()
        except httpx2.HTTPError as error:
            raise CallError(f"the API does not tell of the session: {type(error).__name__}") from error
        return SessionStatus.model_validate_json(response.content)

    # -- waiting --------------------------------------------------------------------------------------------------

    async def until(self, what: str, check: Callable[[], Any], seconds: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401
        """Wait until the check gives something true, and return it; CallError that says what did not come."""
        deadline = time.monotonic() + seconds
        while True:
            if (value := check()) is not None and value is not False:
                return value
            if self.lost:
                raise CallError(f"no {what}: {self.lost}; {self.summary()}")
            if time.monotonic() > deadline:
                raise CallError(f"no {what} within {seconds:.0f} s; {self.summary()}")
            await asyncio.sleep(0.02)

    async def ready(self, seconds: float = READY_SECONDS) -> float:
        """Wait until the agent can hear; seconds since joining."""
        at: float = await self.until(
            "agent",
            lambda: next(
                (at for at, state in self.agent_states if state in ("listening", "speaking", "thinking")), None
            ),
            seconds,
        )
        return max(0.0, at - self.joined_at)

    async def answer(self, after: float, seconds: float = ANSWER_SECONDS) -> Heard:
        """Wait for the assistant's next finished words after a moment, other than that it is searching."""
        heard: Heard = await self.until(
            "answer",
            lambda: next(
                (t for t in self.transcripts if t.speaker == "assistant" and t.at >= after and not is_filler(t.text)),
                None,
            ),
            seconds,
        )
        return heard

    async def greeted(self, seconds: float = READY_SECONDS) -> Heard:
        """Wait until the agent has said its first words to the end."""
        await self.ready(seconds)
        return await self.answer(0.0, seconds)

    async def cards(self, after: float, seconds: float = ANSWER_SECONDS) -> ResultsMessage:
        """Wait for cards that arrive after a moment."""
        message: ResultsMessage = await self.until(
            "cards", lambda: next((m for at, m in self.results if at >= after), None), seconds
        )
        return message

    async def told(self, kind: str, after: float = 0.0, seconds: float = ANSWER_SECONDS) -> NoticeMessage:
        """Wait for a notice of that kind."""
        message: NoticeMessage = await self.until(
            f"notice {kind}",
            lambda: next((m for at, m in self.notices if m.kind == kind and at >= after), None),
            seconds,
        )
        return message

    async def sound(self, after: float, seconds: float = ANSWER_SECONDS) -> float:
        """Wait for sound from the assistant after a moment; when it was heard."""
        at: float = await self.until("sound", lambda: self.ear.first_sound(after), seconds)
        return at

    async def quiet(self, seconds: float = ANSWER_SECONDS, settled: float = SETTLED_SECONDS) -> float:
        """Wait until the assistant has been silent for `settled`; when it was last heard (0.0: never)."""

        def silent() -> float | None:
            last = self.ear.last_sound() or 0.0
            return last or 0.001 if time.monotonic() - last >= settled else None

        at: float = await self.until("silence", silent, seconds)
        return at

    async def hush(self) -> float:
        """Cut the greeting short, as a caller in a hurry does; when the assistant was last heard."""
        await self.sound(0.0)
        await self.stop()
        return await self.quiet()

    def summary(self) -> str:
        """What was received so far, for an error message: counts and kinds, not what was said."""
        kinds = [message.kind.value for _, message in self.notices]
        states = [state for _, state in self.agent_states]
        return (
            f"agent states {states}, {len(self.transcripts)} transcripts, {len(self.results)} results, notices {kinds}"
        )

    # -- receiving ------------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        """The open microphone: speech when there is some, else silence; the only one to hand over frames."""
        source = self._source
        if source is None:
            return
        silence = _frame(np.zeros(SEND_SAMPLES, dtype=np.int16))
        while True:
            if not self._to_say:
                await source.capture_frame(silence)
                continue
            samples, done = self._to_say.popleft()
            for start in range(0, len(samples), SEND_SAMPLES):
                await source.capture_frame(_frame(samples[start : start + SEND_SAMPLES]))
            if not done.done():
                done.set_result(time.monotonic() + SEND_QUEUE_MS / 1000)

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO and _is_agent(participant):
            self._spawn(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=HEARD_MS)
        try:
            async for event in stream:
                self.ear.hear(time.monotonic(), np.frombuffer(event.frame.data, dtype=np.int16).copy())
        finally:
            await stream.aclose()

    def _on_attributes(self, _changed: dict[str, str], participant: rtc.Participant) -> None:
        self._note_state(participant)

    def _note_state(self, participant: rtc.Participant) -> None:
        state = participant.attributes.get(ATTRIBUTE_AGENT_STATE)
        if state and (not self.agent_states or self.agent_states[-1][1] != state):
            self.agent_states.append((time.monotonic(), state))

    def _on_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._spawn(self._read_transcription(reader, identity))

    def _note_loss(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self.lost = f"the room is gone ({rtc.DisconnectReason.Name(reason)})"

    async def _read_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        try:
            text = await reader.read_all()
        except rtc.StreamError:
            return  # Whoever sent it has gone in the middle.
        attributes = reader.info.attributes or {}
        if attributes.get(ATTRIBUTE_TRANSCRIPTION_FINAL) == "true" and text.strip():
            speaker = "user" if identity == self.room.local_participant.identity else "assistant"
            self.transcripts.append(Heard(speaker, text.strip(), time.monotonic()))

    def _on_results(self, reader: rtc.TextStreamReader, _identity: str) -> None:
        self._spawn(self._read(reader, ResultsMessage, self.results))

    def _on_notice(self, reader: rtc.TextStreamReader, _identity: str) -> None:
        self._spawn(self._read(reader, NoticeMessage, self.notices))

    async def _read(
        self, reader: rtc.TextStreamReader, model: type[Message], into: list[tuple[float, Message]]
    ) -> None:
        with contextlib.suppress(rtc.StreamError):
            into.append((time.monotonic(), model.model_validate_json(await reader.read_all())))

    async def _on_show(self, data: rtc.RpcInvocationData) -> str:
        request = ShowRequest.model_validate_json(data.payload)
        latest = self.results[-1][1] if self.results else None
        shown = tuple(range(1, len(latest.result.offers) + 1)) if latest else ()
        return ShowReply(search_id=request.search_id, shown=shown).model_dump_json()

    async def _rpc(self, method: str, payload: str) -> str:
        agent = next((p for p in self.room.remote_participants.values() if _is_agent(p)), None)
        if agent is None:
            raise CallError("there is no agent in the room")
        return await self.room.local_participant.perform_rpc(
            destination_identity=agent.identity, method=method, payload=payload
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def start_session(http: httpx2.AsyncClient, request: SessionRequest) -> SessionStarted:
    """`POST /v1/sessions`; CallError with the API's own words when it refuses."""
    try:
        response = await http.post("/v1/sessions", json=request.model_dump(mode="json", exclude_none=True))
    except httpx2.HTTPError as error:
        raise CallError(f"the API at {http.base_url} does not answer: {type(error).__name__}") from error
    if not response.is_success:
        detail = f"status {response.status_code}"
        with contextlib.suppress(ValueError):
            detail = Problem.model_validate_json(response.content).detail
        raise CallError(f"the API refused the session: {detail}")
    return SessionStarted.model_validate_json(response.content)


def _frame(samples: Samples) -> rtc.AudioFrame:
    """The samples and as much silence as fills a hundredth of a second, and no more: it ends with the speech."""
    padded = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
    return rtc.AudioFrame(padded.tobytes(), RATE, 1, len(padded))


def _is_agent(participant: rtc.Participant) -> bool:
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
