"""One realtime session: client events in, server events out."""

import asyncio
import base64
import binascii
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from emulator.audio import OUTPUT_RATE
from emulator.ears.heard import Heard, TooMuchToHear
from emulator.errors import ApiError, invalid_body
from emulator.faults import Fault
from emulator.realtime.config import Json, ResponseParams, SessionConfig, invalid_event
from emulator.realtime.conversation import Content, Conversation, MessageItem, StoredItem
from emulator.realtime.listening import InputBuffer, Turn, milliseconds
from emulator.realtime.response import Response, dump
from emulator.realtime.vad import Edge
from emulator.runtime import Runtime
from emulator.strict import check_event

_ITEMS: Final[TypeAdapter[StoredItem]] = TypeAdapter(StoredItem)
Deliver = Callable[[Json], Awaitable[None]]
Handler = Callable[[Json], Awaitable[None]]


class Session:
    """State and behaviour of one connection; `deliver` puts an event on the wire."""

    def __init__(self, runtime: Runtime, model: str, deliver: Deliver) -> None:
        self._runtime = runtime
        self._deliver = deliver
        self._id = f"sess_{uuid.uuid4().hex[:20]}"
        self._expires_at = int(time.time() + runtime.settings.session_seconds)
        self._config = SessionConfig(model=model)
        self._conversation = Conversation()
        self._input = InputBuffer(self._config.audio.input.turn_detection)
        self._speech_item = ""
        self._response: Response | None = None
        self._running: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._samples: dict[str, int] = {}
        self._guess: asyncio.Future[Heard] | None = None
        """What is being made of speech that has probably ended."""
        self._edges: dict[str, Callable[[Edge], Awaitable[None]]] = {
            "started": self._speech_started,
            "paused": self._speech_paused,
            "stopped": self._speech_stopped,
        }
        self._handlers: dict[str, Handler] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.truncate": self._truncate_item,
            "conversation.item.retrieve": self._retrieve_item,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }

    async def open(self) -> None:
        """Greets the client as the service does."""
        await self._send({"type": "session.created", "session": self._shown()})

    async def handle(self, event: JsonValue) -> None:
        """Carries out one client event; what is wrong with it goes back as an error event."""
        try:
            if not isinstance(event, dict) or not isinstance(event.get("type"), str):
                raise invalid_event("Invalid event: 'type' is required.", "type")
            handler = self._handlers.get(str(event["type"]))
            if handler is None:
                raise invalid_event(f"Invalid value: '{event['type']}'. Unknown event type.", "type")
            check_event(event)
            await handler(event)
        except ValidationError as error:
            await self.refuse(invalid_body(error), event)
        except ApiError as error:
            await self.refuse(error, event)

    async def refuse(self, error: ApiError, event: JsonValue = None) -> None:
        """Sends an error event."""
        cause = event.get("event_id") if isinstance(event, dict) else None
        await self._send({"type": "error", "error": {**error.body(), "event_id": cause}})

    async def close(self) -> None:
        """Ends everything that still runs."""
        running = [task for task in (*self._tasks, self._running, self._guess) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _send(self, event: Json) -> None:
        await self._deliver({"event_id": f"event_{uuid.uuid4().hex[:20]}", **event})

    def _shown(self) -> Json:
        shown: Json = self._config.model_dump(mode="json", exclude_none=False)
        return {"id": self._id, "object": "realtime.session", "expires_at": self._expires_at, **shown}

    async def _update(self, event: Json) -> None:
        changes = event.get("session")
        if not isinstance(changes, dict):
            raise invalid_event("Missing required parameter: 'session'.", "session")
        before = self._config.audio.input.turn_detection
        self._config = self._config.updated(changes)
        after = self._config.audio.input.turn_detection
        if after != before:
            self._input.detect_by(after)
        await self._send({"type": "session.updated", "session": self._shown()})

    async def _append(self, event: Json) -> None:
        try:
            data = base64.b64decode(str(event.get("audio", "")), validate=True)
        except binascii.Error as error:
            raise invalid_event("Invalid 'audio': it must be base64.", "audio") from error
        for edge in self._input.append(data):
            await self._edges[edge.kind](edge)

    async def _speech_started(self, edge: Edge) -> None:
        self._speech_item = _item_id()
        started: Json = {"type": "input_audio_buffer.speech_started", "audio_start_ms": milliseconds(edge.at)}
        await self._send({**started, "item_id": self._speech_item})
        detection = self._config.audio.input.turn_detection
        if detection and detection.interrupt_response:
            await self._stop_response("turn_detected")

    async def _speech_paused(self, edge: Edge) -> None:
        """Begins to work out the words: most pauses are ends, and the answer can then come sooner."""
        if self._guess:
            self._guess.cancel()
        self._guess = self._listen(self._input.peek(edge))

    def _listen(self, turn: Turn) -> asyncio.Future[Heard]:
        transcription = self._config.audio.input.transcription
        languages = transcription.spoken if transcription else ()
        return asyncio.ensure_future(self._runtime.ears.transcribe(turn.samples, OUTPUT_RATE, languages))

    async def _speech_stopped(self, edge: Edge) -> None:
        stopped: Json = {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": milliseconds(edge.at)}
        await self._send({**stopped, "item_id": self._speech_item})
        turn = self._input.cut(edge)
        guess, self._guess = self._guess or self._listen(turn), None
        heard = await self._add_turn(turn, self._speech_item, guess)
        detection = self._config.audio.input.turn_detection
        if detection and detection.create_response:
            await self._stop_response("turn_detected")
            await self._respond(ResponseParams(), heard)

    async def _commit(self, _event: Json) -> None:
        turn = self._input.take()
        await self._add_turn(turn, _item_id(), self._listen(turn))

    async def _clear(self, _event: Json) -> None:
        self._input.clear()
        await self._send({"type": "input_audio_buffer.cleared"})

    async def _add_turn(self, turn: Turn, item_id: str, words: asyncio.Future[Heard]) -> asyncio.Task[None]:
        """Adds speech to the conversation; the task ends when its words are known."""
        item = MessageItem(id=item_id, type="message", role="user", content=[Content(type="input_audio")])
        previous = self._conversation.add(item)
        place: Json = {"previous_item_id": previous, "item_id": item_id}
        await self._send({"type": "input_audio_buffer.committed", **place})
        await self._show_item(item, previous)
        task = asyncio.create_task(self._transcribe(turn, item, words))
        self._keep(task)
        return task

    async def _transcribe(self, turn: Turn, item: MessageItem, words: asyncio.Future[Heard]) -> None:
        began = time.perf_counter()
        try:
            text: str | None = (await words).text
        except TooMuchToHear:
            text = None
        item.content[0].transcript = text or ""
        if self._config.audio.input.transcription is None:
            return
        late = self._runtime.world.drawn(self._runtime.world.transcription_ms) - (time.perf_counter() - began)
        self._keep(asyncio.create_task(self._tell_transcript(item.id, text, turn.seconds, late)))
        # The words go out before the answer to them does, where no delay is asked for.
        await asyncio.sleep(0)

    async def _tell_transcript(self, item_id: str, text: str | None, seconds: float, late: float) -> None:
        """Sends the words, or (None) that they could not be made out."""
        if late > 0:
            await asyncio.sleep(late)
        place: Json = {"item_id": item_id, "content_index": 0}
        if text is None or self._runtime.faults.take_event("unheard") is not None:
            error: Json = {"type": "server_error", "code": "transcription_failed", "message": "Not transcribed."}
            failed = "conversation.item.input_audio_transcription.failed"
            await self._send({"type": failed, **place, "error": error})
            return
        if text:
            await self._send({"type": "conversation.item.input_audio_transcription.delta", **place, "delta": text})
        usage: Json = {"type": "duration", "seconds": seconds}
        done: Json = {"type": "conversation.item.input_audio_transcription.completed", **place, "transcript": text}
        await self._send({**done, "usage": usage})

    async def _create_item(self, event: Json) -> None:
        raw = event.get("item")
        if not isinstance(raw, dict):
            raise invalid_event("Missing required parameter: 'item'.", "item")
        item = _ITEMS.validate_python({"id": _item_id(), **{k: v for k, v in raw.items() if v is not None}})
        item.status = "completed"
        after = event.get("previous_item_id")
        await self._show_item(item, self._conversation.add(item, str(after) if after is not None else None))

    async def _show_item(self, item: StoredItem, previous: str | None) -> None:
        shown: Json = {"previous_item_id": previous, "item": dump(item)}
        await self._send({"type": "conversation.item.added", **shown})
        await self._send({"type": "conversation.item.done", **shown})

    async def _delete_item(self, event: Json) -> None:
        item_id = str(event.get("item_id", ""))
        self._conversation.remove(item_id)
        await self._send({"type": "conversation.item.deleted", "item_id": item_id})

    async def _retrieve_item(self, event: Json) -> None:
        item = self._conversation.get(str(event.get("item_id", "")))
        await self._send({"type": "conversation.item.retrieved", "item": dump(item)})

    async def _truncate_item(self, event: Json) -> None:
        """Shortens what was said to what was heard of it."""
        item_id, end = str(event.get("item_id", "")), event.get("audio_end_ms")
        item = self._conversation.get(item_id, "item_truncate_invalid_item_id")
        if not isinstance(item, MessageItem) or item.role != "assistant":
            raise invalid_event("Only model output audio messages can be truncated.", "item_id")
        if not isinstance(end, int) or end < 0:
            raise invalid_event("Invalid 'audio_end_ms': it must be a whole number from 0.", "audio_end_ms")
        total = milliseconds(self._spoken_samples(item_id))
        for part in item.content:
            if part.transcript and total:
                part.transcript = part.transcript[: len(part.transcript) * min(end, total) // total]
        place: Json = {"item_id": item_id, "content_index": 0, "audio_end_ms": end}
        await self._send({"type": "conversation.item.truncated", **place})

    def _spoken_samples(self, item_id: str) -> int:
        if self._response is not None:
            self._samples |= self._response.samples
        return self._samples.get(item_id, 0)

    async def _create_response(self, event: Json) -> None:
        params = ResponseParams.model_validate(event.get("response") or {})
        if self._running is not None and not self._running.done():
            message = "Conversation already has an active response in progress. Wait until it is finished."
            raise ApiError(400, message, code="conversation_already_has_active_response")
        await self._respond(params, self._all_heard())

    async def _all_heard(self) -> None:
        """Waits for the words of every turn that was committed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _respond(self, params: ResponseParams, heard: Awaitable[None]) -> None:
        if self._response is not None:
            self._samples |= self._response.samples
        response = Response(self._runtime, self._config, self._conversation, params, self._send)
        self._response = response
        await response.announce()
        fault = self._runtime.faults.take_event("failed", "incomplete", "rate_limited")
        if not self._runtime.limit.take():
            fault = Fault(route="realtime", kind="rate_limited")
        limited = fault is not None and fault.kind == "rate_limited"
        await self._send(self._runtime.limit.event(used_up=limited))
        self._running = asyncio.create_task(self._run(response, heard, fault))

    async def _run(self, response: Response, heard: Awaitable[None], fault: Fault | None) -> None:
        try:
            if fault is not None:
                await self._break_off(response, heard, fault)
                return
            await response.run(heard)
        except ConnectionError:
            return
        await response.finish("completed")

    async def _break_off(self, response: Response, heard: Awaitable[None], fault: Fault) -> None:
        """Let a response fail as the service does by itself or when a limit is reached, or stop before its end."""
        if fault.kind in ("failed", "rate_limited"):
            await heard
            failed: Json = {"type": "server_error", "code": "server_error"}
            limited: Json = {"type": "requests", "code": "rate_limit_exceeded"}
            await response.finish("failed", error=limited if fault.kind == "rate_limited" else failed)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds or 0):
                await response.run(heard)
        await response.finish("incomplete", "max_output_tokens")

    async def _cancel_response(self, event: Json) -> None:
        wanted = event.get("response_id")
        named = self._response is not None and wanted in (None, self._response.id)
        if not named or not await self._stop_response("client_cancelled"):
            message = "Cancellation failed: no active response found"
            raise ApiError(400, message, code="response_cancel_not_active")

    async def _stop_response(self, reason: str) -> bool:
        """Cancels the running response; whether there was one."""
        task, response = self._running, self._response
        if task is None or response is None or task.done():
            return False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await response.finish("cancelled", reason)
        return True

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _item_id() -> str:
    return f"item_{uuid.uuid4().hex[:20]}"
