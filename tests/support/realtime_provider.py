"""A realtime provider as the library sees it, in virtual time: it hears, answers by itself, searches, and fails as it is told.

It behaves as OpenAI's does with turns of its own: speech ends what it says and, once over, is answered; one response at a
time; words of what it heard come when they come. It answers every question of the conversation that it has not answered yet.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from livekit import rtc
from livekit.agents import llm, utils
from sounding import Labels

from agent.call.response_recovery import ALREADY_ANSWERING
from contracts.tools import TOOL_SEARCH

SILENCE: Final = 0.4
"""Seconds that end a turn."""
CHATTER: Final = "go on"


@dataclass
class Asked:
    """A question that the provider knows."""

    name: str
    search: float | None = None
    """Seconds of the search that it takes; None where none."""
    call_id: str | None = None
    result: bool = False
    words: bool = False
    """They are known; of a question without words a new connection knows nothing."""


@dataclass
class Plan:
    """How responses go, one after another; the rest are well."""

    outcomes: list[str] = field(default_factory=list)
    """`ok`, `failed`, `limited` (failed, and the account may ask again in two seconds), `incomplete` (after some of its sound),
    `cut` (before any), `mute` (nothing of it ever comes)."""
    first_sound: float = 0.5

    def next(self) -> str:
        return self.outcomes.pop(0) if self.outcomes else "ok"


class Response:
    """One response of the provider."""

    def __init__(self, number: int) -> None:
        self.id = f"resp_{number}"
        self.messages: utils.aio.Chan[llm.MessageGeneration] = utils.aio.Chan()
        self.calls: utils.aio.Chan[llm.FunctionCall] = utils.aio.Chan()
        self.text: utils.aio.Chan[str] = utils.aio.Chan()
        self.audio: utils.aio.Chan[rtc.AudioFrame] = utils.aio.Chan()
        self.task: asyncio.Task[None] | None = None
        self.created: asyncio.Future[llm.GenerationCreatedEvent] | None = None

    def end(self) -> None:
        for channel in (self.messages, self.calls, self.text, self.audio):
            channel.close()


class Provider(llm.RealtimeModel):
    def __init__(self, labels: Labels, plan: Plan) -> None:
        super().__init__(
            capabilities=llm.RealtimeCapabilities(
                message_truncation=True,
                turn_detection=True,
                user_transcription=True,
                auto_tool_reply_generation=False,
                audio_output=True,
                manual_function_calls=True,
                mutable_chat_context=True,
                mutable_instructions=True,
                mutable_tools=True,
            )
        )
        self.labels, self.plan = labels, plan
        self.links: list[Link] = []
        self.known: dict[str, Asked] = {}
        """Questions by their words."""
        self.heard: Callable[[str], bool] = lambda _text: True
        """Whether anything of an answer has been heard; one that was not is no part of the conversation."""
        self.searching: list[float] = []
        """Seconds of the searches that were asked for and have not begun."""
        self.refused: list[str] = []
        """Messages that it was told to cut and has not said."""
        self.replaced = 0
        """How often a connection was replaced by another, which has not heard what was said before."""
        self.asked_for = 0
        """Responses that were asked for, and not refused."""

    def session(self, *, turn_detection_disabled: bool = False) -> "Link":  # noqa: ARG002
        self.links.append(Link(self))
        return self.links[-1]

    async def aclose(self) -> None:
        """Nothing is open."""


class Link(llm.RealtimeSession[str]):
    """One connection."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self._provider = provider
        self._numbers = itertools.count(1)
        self._chat = llm.ChatContext.empty()
        self._tools = llm.ToolContext.empty()
        self._active: Response | None = None
        self._speech: str | None = None
        self._talks = self._dead = False
        self.open: list[Asked] = []
        """Questions without an answer."""
        self.told: list[tuple[str, list[Asked]]] = []
        """Answers, with what they answer."""
        self.given_up: list[str] = []
        """Questions whose search was stopped, or overtaken by a newer one."""
        self._later: set[asyncio.Task[None]] = set()
        self._known: dict[str, None] = {}
        """Names of questions that it was asked."""
        self._items: dict[str, Asked | None] = {}
        """What was said, by the ids of this connection's items."""
        self._said: set[str] = set()
        """Ids of its messages."""

    # -- the user ------------------------------------------------------------------------------------------------

    def speech_begins(self) -> str:
        if self._dead:
            return ""
        self._speech, self._talks = f"item_{next(self._numbers)}", True
        self._raw("input_audio_buffer.speech_started", item_id=self._speech)
        self.emit("input_speech_started", llm.InputSpeechStartedEvent())
        self.interrupt()
        return self._speech

    def speech_ends(self, asked: Asked | None) -> str | None:
        """Its id, where it was heard."""
        item, self._speech, self._talks = self._speech, None, False
        if item is None:
            return None
        self._items[item] = asked
        if asked is not None:
            self._known[asked.name] = None
            self.open.append(asked)
        self._raw("input_audio_buffer.speech_stopped", item_id=item)
        self.emit("input_speech_stopped", llm.InputSpeechStoppedEvent(user_transcription_enabled=True))
        if self._active is None:
            self._respond()
        return item

    def words(self, item: str, text: str | None) -> None:
        """What the provider makes of an item; None where it fails to."""
        if item not in self._items or self._dead:
            return  # of the connection before
        asked = self._items[item]
        if asked is not None:
            asked.words = asked.words or bool(text)
        if text is None:
            self._raw("conversation.item.input_audio_transcription.failed", item_id=item)
        else:
            done = llm.InputTranscriptionCompleted(item_id=item, transcript=text, is_final=True)
            self.emit("input_audio_transcription_completed", done)

    # -- the client ----------------------------------------------------------------------------------------------

    @property
    def chat_ctx(self) -> llm.ChatContext:
        return self._chat.copy()

    @property
    def tools(self) -> llm.ToolContext:
        return self._tools

    async def update_instructions(self, instructions: str) -> None:
        """Taken."""

    async def update_chat_ctx(self, chat_ctx: llm.ChatContext) -> None:
        before = {item.id for item in self._chat.items}
        self._chat = chat_ctx.copy()
        for item in chat_ctx.items:
            if item.id in before:
                continue
            if isinstance(item, llm.FunctionCallOutput):
                for one in self.open:
                    one.result = one.result or one.call_id == item.call_id
                stopped = any(f'"{status}"' in item.output for status in ("stopped", "superseded"))
                if stopped:
                    self.given_up += [one.name for one in self.open if one.call_id == item.call_id]
                    self.open = [one for one in self.open if one.call_id != item.call_id]
            elif isinstance(item, llm.ChatMessage) and item.role == "user":
                asked = self._provider.known.get(item.text_content or "")
                if asked is not None and asked.name not in self._known:
                    self._known[asked.name] = None
                    self.open.append(replace(asked, call_id=None, result=False, words=True))
            elif isinstance(item, llm.ChatMessage) and item.role == "assistant":
                answered = (item.text_content or "").split()
                self.open = [one for one in self.open if one.name not in answered]

    async def update_tools(self, tools: list[llm.Tool]) -> None:
        self._tools = llm.ToolContext(tools)

    def update_options(self, **_: Any) -> None:
        """Taken."""

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Heard by the script instead."""

    def push_video(self, frame: rtc.VideoFrame) -> None:
        """Not seen."""

    def commit_audio(self) -> None:
        """Turns are the provider's."""

    def clear_audio(self) -> None:
        """What was begun is over by the provider's own silence."""

    def truncate(self, *, message_id: str, modalities: list[Any], **_: Any) -> None:
        """Heard so far; a service refuses to cut what it has not said."""
        if modalities and message_id not in self._said:
            self._provider.refused.append(message_id)

    def generate_reply(self, **_: Any) -> asyncio.Future[llm.GenerationCreatedEvent]:
        created: asyncio.Future[llm.GenerationCreatedEvent] = asyncio.get_running_loop().create_future()
        if self._dead:
            lost = llm.RealtimeError("generate_reply timed out.")
            self._in(10.0, lambda: None if created.done() else created.set_exception(lost))
        elif self._active is not None:
            refusal = llm.RealtimeError("busy", code=ALREADY_ANSWERING)
            self._in(0.05, lambda: None if created.done() else created.set_exception(refusal))
        else:
            self._provider.asked_for += 1
            self._respond(created)
        return created

    def interrupt(self) -> None:
        active, self._active = self._active, None
        if active is not None:
            if active.task is not None:
                active.task.cancel()
            active.end()
            self._raw("response.done", response={"id": active.id, "status": "cancelled"})

    async def aclose(self) -> None:
        self.interrupt()
        for task in self._later:
            task.cancel()

    # -- answers -------------------------------------------------------------------------------------------------

    def _respond(self, created: asyncio.Future[llm.GenerationCreatedEvent] | None = None) -> None:
        if self._dead:
            return
        response = self._active = Response(next(self._numbers))
        response.created = created
        response.task = asyncio.create_task(self._response(response, created))

    async def _response(self, response: Response, created: asyncio.Future[llm.GenerationCreatedEvent] | None) -> None:
        plan = self._provider.plan
        outcome = plan.next()
        await asyncio.sleep(0.1)
        event = llm.GenerationCreatedEvent(
            message_stream=response.messages,
            function_stream=response.calls,
            user_initiated=created is not None,
            response_id=response.id,
        )
        if created is not None:
            if created.done():
                self.interrupt()
                return
            created.set_result(event)
        self.emit("generation_created", event)
        await asyncio.sleep(plan.first_sound)
        if outcome == "mute":
            await asyncio.sleep(1e5)
        if outcome == "limited":
            limit = {"name": "requests", "remaining": 0, "reset_seconds": 2.0}
            self._raw("rate_limits.updated", rate_limits=[limit])
        if outcome in ("failed", "limited", "cut"):
            self._done(response, "incomplete" if outcome == "cut" else "failed")
            return
        self._forget_the_unheard()
        search = next((one for one in self.open if one.search is not None and one.call_id is None), None)
        told = [one for one in self.open if one.search is None or one.result]
        if told:
            outcome = "ok" if search is not None else outcome
            self.open = [one for one in self.open if one not in told]
            text = " ".join(one.name for one in told)
            self.told.append((text, told))
            await self._speak(response, text, pieces=8 if outcome == "incomplete" else 25)
            if outcome == "incomplete":
                self._done(response, "incomplete")
                return
        if search is not None:
            search.call_id = f"call_{next(self._numbers)}"
            self._provider.searching.append(search.search or 0.0)
            arguments = {"origin": "MAD", "destination": "BER", "departure_date": "2026-11-22"}
            call = llm.FunctionCall(call_id=search.call_id, name=TOOL_SEARCH, arguments=json.dumps(arguments))
            self._chat.items.append(call)
            response.calls.send_nowait(call)
        elif not told:
            await self._speak(response, CHATTER, pieces=10)
        self._done(response, "completed")

    async def _speak(self, response: Response, text: str, *, pieces: int) -> None:
        modalities: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        modalities.set_result(["text", "audio"])
        item = f"item_{next(self._numbers)}"
        self._said.add(item)
        response.messages.send_nowait(
            llm.MessageGeneration(
                message_id=item,
                text_stream=response.text,
                audio_stream=response.audio,
                modalities=modalities,
            )
        )
        response.text.send_nowait(text)
        for _ in range(pieces):
            response.audio.send_nowait(self._provider.labels.sound(text, 0.1))
            await asyncio.sleep(0.03)

    def _forget_the_unheard(self) -> None:
        for text, asked in [one for one in self.told if not self._provider.heard(one[0])]:
            self.told.remove((text, asked))
            self.open += asked

    def reconnects(self) -> None:
        """Another connection takes over, with the conversation so far; what was being answered is lost (livekit-agents 1.8)."""
        self._items.clear()
        self._provider.replaced += 1
        last = list(self._known)[-1:]
        self.given_up += [one.name for one in self.open if not (one.words or one.call_id) and [one.name] != last]
        self.open = [one for one in self.open if one.words or one.call_id]
        speaking, self._speech = self._speech, None
        active, self._active = self._active, None
        if active is not None:
            if active.task is not None:
                active.task.cancel()
            active.end()
            if active.created is not None and not active.created.done():
                active.created.set_exception(
                    llm.RealtimeError("pending response discarded due to session reconnection")
                )
        self.emit("session_reconnected", llm.RealtimeSessionReconnectedEvent())
        if speaking is not None:
            # It hears the rest of what is being said.
            self._in(0.15, lambda: self.speech_begins() if self._talks else None)

    def dies(self) -> None:
        """Nothing comes of it any more; what it is asked for takes until the library gives it up (livekit-agents 1.8)."""
        self._dead = True
        active, self._active = self._active, None
        if active is not None:
            if active.task is not None:
                active.task.cancel()
            active.end()

    def silenced(self) -> None:
        """The user wants none of it."""
        self.open.clear()
        self.told.clear()

    def _done(self, response: Response, status: str) -> None:
        response.end()
        if self._active is response:
            self._active = None
        self._raw("response.done", response={"id": response.id, "status": status})

    def _raw(self, kind: str, **fields: Any) -> None:
        if self._dead:
            return
        self.emit("openai_server_event_received", {"type": kind, **fields})

    def _in(self, seconds: float, then: Callable[[], object]) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            then()

        task = asyncio.create_task(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def nothing() -> AsyncIterator[rtc.AudioFrame]:
    """A microphone that is never read."""
    await asyncio.Event().wait()
    yield rtc.AudioFrame(b"", 8000, 1, 0)
