"""One call of one socket: a session of the API, its room, and the bridge between room and client."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Final, Protocol

import structlog

from api.gateway import audio
from api.gateway.answers import Answers
from api.gateway.limits import GatewayLimits
from api.gateway.link import Link, LinkError
from api.gateway.microphone import Microphone
from api.gateway.outbox import NORMAL, TRY_LATER, UNEXPECTED, Ending
from api.gateway.schemas import (
    AudioMessage,
    ClientMessage,
    ConfigMessage,
    ErrorMessage,
    InterruptMessage,
    PingMessage,
    Pong,
    ServerMessage,
    UserTranscript,
)
from api.livekit.tokens import Grant
from contracts.languages import is_stop, is_wait
from contracts.languages import language as language_of
from contracts.names import RPC_LANGUAGE, RPC_STOP
from contracts.problems import PolyglotError, TooManyRequests
from contracts.room import LanguageRequest, NoticeKind, NoticeMessage
from contracts.sessions import AgentVerdict, SessionStatus

log = structlog.get_logger("polyglot.gateway")

_READY: Final = ("listening", "thinking", "speaking")
_NO_AGENT: Final = "No assistant could join the call; try again in a moment."


class Sessions(Protocol):
    """What a call needs of the API: a session by the same rules as over HTTP."""

    async def start(self, language: str) -> tuple[str, Grant]:
        """The session's id and a token for its room. PolyglotError when there is none to be had."""
        ...

    async def status(self, session_id: str) -> SessionStatus:
        """Whether its agent has come."""
        ...

    async def end(self, session_id: str) -> object:
        """Close the room and forget the call."""
        ...


class Call:
    """Listens to the room, acts for the client. Nothing happens in a room until the client sends sound or a choice."""

    def __init__(
        self,
        sessions: Sessions,
        link: Link,
        url: str,
        send: Callable[[ServerMessage], None],
        limits: GatewayLimits,
    ) -> None:
        self._sessions = sessions
        self._link = link
        self._url = url
        self._send = send
        self._limits = limits
        self._answers = Answers(send, limits)
        self._microphone = Microphone(link.send, limits)
        self._session_id: str | None = None
        self._joining: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._agent_ready = asyncio.Event()
        self._agent_language: str | None = None
        self._wanted = "auto"
        self._applied = "auto"
        self._language_lock = asyncio.Lock()
        self._requests = 0
        self.ended: asyncio.Future[Ending | None] = asyncio.get_running_loop().create_future()
        """Done when the call has ended from this side."""

    # -- the client -----------------------------------------------------------------------------------------------

    async def handle(self, message: ClientMessage) -> None:
        """Do what a message asks. InvalidInput when its sound cannot be used; then it has had no effect."""
        match message:
            case PingMessage():
                self._send(Pong())
            case InterruptMessage():
                self._interrupt()
            case ConfigMessage():
                self._choose(message)
                self._open(greeted=True)
            case AudioMessage():
                samples = await asyncio.to_thread(audio.decode, message.audio, self._limits.audio)
                self._microphone.say(samples)
                self._choose(message)
                self._open(greeted=False)

    def _choose(self, message: AudioMessage | ConfigMessage) -> None:
        if message.continuous is not None:
            self._microphone.keep_open(continuous=message.continuous)
        if message.language is not None:
            self._wanted = message.language
            if self._joining is not None:
                self._request(self._apply_language())

    def _interrupt(self) -> None:
        self._microphone.clear()
        self._link.unsend()
        self._answers.mute()
        if self._agent_ready.is_set():
            self._request(self._stop())

    async def _stop(self) -> None:
        await self._link.rpc(RPC_STOP, "")

    async def _apply_language(self) -> None:
        await self._agent_ready.wait()
        async with self._language_lock:
            if (wanted := self._wanted) != self._applied:
                await self._link.rpc(RPC_LANGUAGE, LanguageRequest(language=wanted).model_dump_json())
                self._applied = wanted

    def _request(self, work: Coroutine[None, None, None]) -> None:
        """Ask the agent in the background, so that neither pings nor sound wait for its answer."""

        async def asked() -> None:
            try:
                await work
            except LinkError as error:
                self._send(ErrorMessage(error=str(error)))
            finally:
                self._requests -= 1

        if self._requests >= self._limits.requests:
            work.close()
            self._send(ErrorMessage(error="Too many requests are waiting for the assistant; try again in a moment."))
            return
        self._requests += 1
        self._spawn(asked())

    # -- the session ----------------------------------------------------------------------------------------------

    def _open(self, *, greeted: bool) -> None:
        """Start the session, once. `greeted`: the client is there to listen to the greeting."""
        if self._joining is not None:
            return
        self._answers.ignoring = not greeted
        self._applied = self._wanted
        self._joining = asyncio.create_task(self._join(self._wanted))
        self._spawn(self._supervise(self._joining, greeted=greeted))

    async def _join(self, language: str) -> None:
        self._session_id, grant = await self._sessions.start(language)
        log.info("gateway call", session_id=self._session_id)
        await self._link.join(self._url, grant.token, self)

    async def _supervise(self, joining: asyncio.Task[None], *, greeted: bool) -> None:
        """Everything that runs as long as the call."""
        try:
            await asyncio.shield(joining)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch_agent())
                group.create_task(self._look())
                group.create_task(self._speak(greeted=greeted))
        except TooManyRequests as error:
            self._end(Ending(TRY_LATER, error.detail))
        except PolyglotError as error:
            log.warning("gateway call not started", problem=error.slug, detail=error.detail)
            self._end(Ending(TRY_LATER, error.detail))
        except LinkError as error:
            self._end(Ending(TRY_LATER, str(error)))
        except Exception:
            log.exception("gateway call failed", session_id=self._session_id)
            self._end(UNEXPECTED)

    async def _watch_agent(self) -> None:
        """While there is no agent, ask the API's own watch whether one will still come."""
        while True:
            await asyncio.sleep(self._limits.agent)
            if self._agent_ready.is_set() or self._session_id is None:
                continue
            try:
                status = await self._sessions.status(self._session_id)
            except PolyglotError:
                continue
            if status.verdict is AgentVerdict.ENDED:
                self.on_gone()
            elif status.gave_up or status.verdict is AgentVerdict.REJECTED:
                self._end(Ending(TRY_LATER, status.message or _NO_AGENT))

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._limits.settled / 8)
            self._answers.look()

    async def _speak(self, *, greeted: bool) -> None:
        await self._agent_ready.wait()
        # An agent is ready some time before the media server sends it the microphone, longest where many calls begin.
        await self._link.listened_to()
        if not greeted:
            # The client has asked already: its question talks over the greeting, which is not sent.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.greeting):
                    await self._answers.begun.wait()
            self._answers.ignoring = False
        await self._microphone.run()

    def _end(self, ending: Ending) -> None:
        if not self.ended.done():
            self.ended.set_result(ending)

    async def aclose(self) -> None:
        """Leave the room, end the session, stop everything. Never raises."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._joining is not None:
            # A join that is cut off half-way could still put somebody into the room: let it come to its own end.
            await asyncio.wait([self._joining], timeout=self._limits.join + self._limits.leave)
            self._joining.cancel()
            await asyncio.gather(self._joining, return_exceptions=True)
        await self._link.leave()
        if self._session_id is not None:
            await _quietly(self._sessions.end(self._session_id), self._limits.leave)
        self.ended.cancel()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the room -------------------------------------------------------------------------------------------------

    def on_agent(self, state: str, language: str | None) -> None:
        """The agent's state and language."""
        if language:
            self._agent_language = language
            self._answers.language = language_of(language).code
        ready = state in _READY
        if ready and not self._agent_ready.is_set():
            self._agent_ready.set()
            if self._wanted != self._applied:
                self._request(self._apply_language())
        elif not ready and self._agent_ready.is_set():
            self._agent_ready.clear()
            self._applied = ""  # the next agent starts in the session's own language
        self._answers.state(state)

    def on_sound(self, frame: audio.Samples) -> None:
        """The agent's voice."""
        self._answers.sound(frame)

    def on_agent_words(self, segment: str, text: str, *, final: bool) -> None:
        """The agent's words."""
        self._answers.words(segment, text, final=final)

    def on_user_words(self, text: str) -> None:
        """The user's words."""
        if is_stop(text):
            # Who asks for a moment while a search runs is told what it finds all the same.
            if not (is_wait(text) and self._answers.looking):
                self._answers.stopped()
        else:
            self._answers.user_said(text)
        self._spawn(self._tell_user_words(text))

    async def _tell_user_words(self, text: str) -> None:
        await asyncio.sleep(self._limits.language)
        self._send(UserTranscript(text=text, language=self._answers.language))

    def on_notice(self, notice: NoticeMessage) -> None:
        """Something that the user must be told."""
        if notice.kind is NoticeKind.STOPPED:
            self._answers.stopped()
        else:
            self._answers.searching(running=notice.kind is NoticeKind.SEARCHING)
        if notice.severity != "info":
            self._send(ErrorMessage(error=notice.text or notice.kind.value.replace("_", " ")))

    def on_results(self) -> None:
        """A search has ended."""
        self._answers.searching(running=False)

    def on_gone(self) -> None:
        """The call is over."""
        self._end(Ending(NORMAL, "The call has ended; connect again for another one."))


async def _quietly(work: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await work
    except (PolyglotError, TimeoutError) as error:
        # The room is empty now, so it closes by itself.
        log.warning("gateway session not ended", error=type(error).__name__)
