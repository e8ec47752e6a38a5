"""One response of a realtime session: thinks, then speaks, writes or calls a tool, event by event."""

import asyncio
import base64
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from pydantic import JsonValue

from emulator.audio import OUTPUT_RATE
from emulator.mind.conversation import Reply, Request
from emulator.mind.dialogue import think
from emulator.realtime.config import Modality, ResponseParams, SessionConfig, choice_name
from emulator.realtime.conversation import CallItem, Content, Conversation, MessageItem, OutputItem
from emulator.runtime import Runtime
from emulator.tokens import count, pieces
from emulator.voice.speaker import sentences

Json = dict[str, JsonValue]
Send = Callable[[Json], Awaitable[None]]
Status = Literal["in_progress", "completed", "cancelled", "failed", "incomplete"]

_CHUNK: Final = OUTPUT_RATE // 10
"""Samples of one audio delta."""
_CHUNK_PAUSE: Final = 0.012
"""Seconds between audio deltas: eight times as fast as speech, so that it can be cancelled in the middle."""
_ARGUMENT_PIECE: Final = 16


class Response:
    """Runs once; after `run` ended or was cancelled, `finish` says how."""

    def __init__(
        self, runtime: Runtime, config: SessionConfig, conversation: Conversation, params: ResponseParams, send: Send
    ) -> None:
        self.id = f"resp_{uuid.uuid4().hex[:20]}"
        self._runtime = runtime
        self._config = config
        self._conversation = conversation
        self._params = params
        self._send = send
        self._item: MessageItem | CallItem | None = None
        self._open = False
        self._output: list[JsonValue] = []
        self._tokens = 0
        self.samples: dict[str, int] = {}
        """Length of the speech of each item, for truncation."""

    @property
    def _modality(self) -> Modality:
        return (self._params.output_modalities or self._config.output_modalities)[0]

    async def announce(self) -> None:
        """Sends response.created."""
        await self._send({"type": "response.created", "response": self._object("in_progress")})

    async def run(self, heard: Awaitable[None]) -> None:
        """Produces the output; `heard` ends when the conversation holds what it is to answer."""
        hearing = asyncio.ensure_future(heard)
        reply, *_ = await asyncio.gather(self._think(hearing), self._runtime.world.before_first_token(), hearing)
        if reply.tool:
            await self._call(reply)
        elif reply.text:
            await self._message(reply)

    async def _think(self, heard: Awaitable[None]) -> Reply:
        await heard
        return await self._runtime.compute(think, self._request())

    async def finish(self, status: Status, reason: str | None = None, error: Json | None = None) -> None:
        """Closes what is open and sends response.done."""
        if self._open and self._item is not None:
            await self._close_item("incomplete")
        details: Json | None = {"type": status, "reason": reason} if reason else None
        if error is not None:
            details = {"type": status, "error": error}
        await self._send({"type": "response.done", "response": self._object(status, details)})

    def _request(self) -> Request:
        own = self._params.instructions
        instructions = self._config.instructions if own is None else own
        system = self._conversation.system_text
        offered = self._config.tools if self._params.tools is None else self._params.tools
        tools = tuple(tool.to_tool() for tool in offered)
        choice = self._config.tool_choice if self._params.tool_choice is None else self._params.tool_choice
        text = "\n".join(filter(None, (instructions, system)))
        return Request(text, self._conversation.to_items(), tools, choice_name(choice))

    async def _call(self, reply: Reply) -> None:
        arguments = json.dumps(dict(reply.arguments), ensure_ascii=False)
        item = CallItem(
            id=f"item_{uuid.uuid4().hex[:20]}",
            type="function_call",
            status="in_progress",
            call_id=f"call_{uuid.uuid4().hex[:16]}",
            name=reply.tool or "",
        )
        await self._open_item(item)
        place: Json = {**self._place(item.id), "call_id": item.call_id}
        for start in range(0, len(arguments), _ARGUMENT_PIECE):
            delta = arguments[start : start + _ARGUMENT_PIECE]
            await self._send({"type": "response.function_call_arguments.delta", **place, "delta": delta})
        item.arguments = arguments
        self._tokens += count(arguments)
        done: Json = {"type": "response.function_call_arguments.done", **place, "name": item.name}
        await self._send({**done, "arguments": arguments})
        await self._close_item("completed")

    async def _message(self, reply: Reply) -> None:
        item = MessageItem(id=f"item_{uuid.uuid4().hex[:20]}", type="message", status="in_progress", role="assistant")
        await self._open_item(item)
        spoken = self._modality == "audio"
        await self._send(self._part_event("added", item.id, ""))
        item.content = [Content(type="output_audio" if spoken else "output_text")]
        await (self._speak(item, reply) if spoken else self._write(item, reply.text))
        await self._send(self._part_event("done", item.id, item.text))
        await self._close_item("completed")

    async def _write(self, item: MessageItem, text: str) -> None:
        place = self._content_place(item.id)
        for piece in pieces(text):
            item.content[0].text = (item.content[0].text or "") + piece
            await self._send({"type": "response.output_text.delta", **place, "delta": piece})
            await asyncio.sleep(0)
        self._tokens += count(text)
        await self._send({"type": "response.output_text.done", **place, "text": text})

    async def _speak(self, item: MessageItem, reply: Reply) -> None:
        place = self._content_place(item.id)
        output = self._config.audio.output
        for number, sentence in enumerate(sentences(reply.text)):
            speaking = self._runtime.speak(sentence, output.voice, speed=output.speed, fallback=reply.language)
            begins = self._runtime.world.before_first_audio if number == 0 else _at_once
            samples, _ = await asyncio.gather(speaking, begins())
            piece = f" {sentence}" if number and reply.language not in ("ja", "zh") else sentence
            item.content[0].transcript = (item.content[0].transcript or "") + piece
            await self._send({"type": "response.output_audio_transcript.delta", **place, "delta": piece})
            for start in range(0, samples.size, _CHUNK):
                delta = base64.b64encode(samples[start : start + _CHUNK].tobytes()).decode()
                await self._send({"type": "response.output_audio.delta", **place, "delta": delta})
                self.samples[item.id] = self.samples.get(item.id, 0) + min(_CHUNK, samples.size - start)
                await asyncio.sleep(_CHUNK_PAUSE)
        self._tokens += count(reply.text)
        await self._send({"type": "response.output_audio.done", **place})
        await self._send({"type": "response.output_audio_transcript.done", **place, "transcript": item.text})

    async def _open_item(self, item: MessageItem | CallItem) -> None:
        self._item, self._open = item, True
        place: Json = {"response_id": self.id, "output_index": len(self._output)}
        await self._send({"type": "response.output_item.added", **place, "item": dump(item)})
        if self._params.conversation == "auto":
            previous = self._conversation.add(item)
            await self._send({"type": "conversation.item.added", "previous_item_id": previous, "item": dump(item)})

    async def _close_item(self, status: Literal["completed", "incomplete"]) -> None:
        if self._item is None:
            return
        self._open = False
        self._item.status = status
        shown = dump(self._item)
        place: Json = {"response_id": self.id, "output_index": len(self._output)}
        self._output.append(shown)
        await self._send({"type": "response.output_item.done", **place, "item": shown})
        if self._params.conversation == "auto":
            await self._send({"type": "conversation.item.done", "previous_item_id": None, "item": shown})

    def _part_event(self, what: Literal["added", "done"], item_id: str, text: str) -> Json:
        part: Json = {"type": "audio", "transcript": text}
        if self._modality == "text":
            part = {"type": "text", "text": text}
        return {"type": f"response.content_part.{what}", **self._content_place(item_id), "part": part}

    def _place(self, item_id: str) -> Json:
        return {"response_id": self.id, "item_id": item_id, "output_index": len(self._output)}

    def _content_place(self, item_id: str) -> Json:
        return {**self._place(item_id), "content_index": 0}

    def _object(self, status: Status, details: Json | None = None) -> Json:
        usage: Json = {
            "total_tokens": self._tokens,
            "input_tokens": 0,
            "output_tokens": self._tokens,
            "input_token_details": {"text_tokens": 0, "audio_tokens": 0, "cached_tokens": 0},
            "output_token_details": {"text_tokens": self._tokens, "audio_tokens": 0},
        }
        return {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": list(self._output),
            "output_modalities": [self._modality],
            "metadata": self._params.metadata,
            "usage": None if status == "in_progress" else usage,
        }


def dump(item: MessageItem | CallItem | OutputItem) -> Json:
    """An item as the events show it."""
    shown: Json = item.model_dump(mode="json", exclude_none=True)
    return shown


async def _at_once() -> None:
    """No delay."""
