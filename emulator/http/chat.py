"""POST /v1/chat/completions, whole or as a stream of server-sent events."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Final

from aiohttp import web
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import JsonValue, ValidationError

from contracts.models import Stage
from emulator.errors import ApiError, check_model, invalid_body
from emulator.faults import Struck
from emulator.http.chat_schemas import ChatBody
from emulator.http.middleware import ENTRY, STRIKER, cut, first_byte
from emulator.mind.conversation import Reply
from emulator.mind.dialogue import think
from emulator.runtime import RUNTIME
from emulator.strict import check_answer, check_chat
from emulator.tokens import count, pieces

_ARGUMENT_PIECE: Final = 16
"""Characters of tool arguments in one delta."""
Json = dict[str, JsonValue]


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """Answers one conversation."""
    try:
        body = ChatBody.model_validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    request[ENTRY].model = body.model
    check_model(body.model, Stage.CHAT)
    check_chat(await request.json())
    if isinstance(body.tool_choice, str) and body.tool_choice == "required" and not body.tools:
        raise ApiError(400, "'tool_choice' is only allowed when 'tools' are specified.", param="tool_choice")
    runtime = request.app[RUNTIME]
    reply, _ = await asyncio.gather(runtime.compute(think, body.to_request()), runtime.world.before_first_token())
    completion = _Completion(body, reply)
    if body.stream:
        return await _stream(request, completion)
    return await _whole(request, completion)


class _Completion:
    """One answer in the API's words."""

    def __init__(self, body: ChatBody, reply: Reply) -> None:
        self.body = body
        self.reply = reply
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._call_id = f"call_{uuid.uuid4().hex[:24]}"
        self._arguments = json.dumps(dict(reply.arguments), ensure_ascii=False)

    cut_short = False

    @property
    def finish_reason(self) -> str:
        if self.cut_short:
            return "length"
        return "tool_calls" if self.reply.tool else "stop"

    @property
    def usage(self) -> Json:
        prompt = sum(count(message.text) for message in self.body.messages)
        answer = count(self.reply.text or self._arguments)
        return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}

    def whole(self) -> Json:
        message: Json = {"role": "assistant", "content": None if self.reply.tool else self.reply.text, "refusal": None}
        if self.reply.tool:
            function: Json = {"name": self.reply.tool, "arguments": self._arguments}
            message["tool_calls"] = [{"id": self._call_id, "type": "function", "function": function}]
        choice: Json = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish_reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self.usage}

    def chunks(self) -> Iterator[Json]:
        yield self._chunk({"role": "assistant", "content": None if self.reply.tool else "", "refusal": None})
        if self.reply.tool:
            yield self._call_chunk({"id": self._call_id, "type": "function"}, self.reply.tool, "")
            for start in range(0, len(self._arguments), _ARGUMENT_PIECE):
                yield self._call_chunk({}, None, self._arguments[start : start + _ARGUMENT_PIECE])
        for piece in pieces(self.reply.text):
            yield self._chunk({"content": piece})
        yield from self.last()

    def last(self) -> Iterator[Json]:
        """What ends a stream."""
        yield self._chunk({}, finish_reason=self.finish_reason)
        if self.body.stream_options and self.body.stream_options.include_usage:
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage}

    def _call_chunk(self, head: Json, name: str | None, arguments: str) -> Json:
        function: Json = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
        return self._chunk({"tool_calls": [{"index": 0, **head, "function": function}]})

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice], "usage": None}

    def _head(self, kind: str) -> Json:
        return {"id": self._id, "object": kind, "created": self._created, "model": self.body.model}


async def _whole(request: web.Request, completion: _Completion) -> web.StreamResponse:
    try:
        await request[STRIKER].chunk()
    except Struck as struck:
        if struck.kind == "malformed":
            return web.Response(body=b'{"id": "chatcmpl-', content_type="application/json")
        if struck.kind == "empty":
            completion.reply = Reply(completion.reply.language)
        elif struck.kind == "incomplete":
            completion.cut_short = True
        else:
            cut(request)
    first_byte(request)
    whole = completion.whole()
    check_answer(ChatCompletion, whole)
    return web.json_response(whole)


async def _stream(request: web.Request, completion: _Completion) -> web.StreamResponse:
    response = event_stream()
    striker = request[STRIKER]
    try:
        for chunk in completion.chunks():
            await striker.chunk()
            check_answer(ChatCompletionChunk, chunk)
            await send_event(request, response, chunk)
    except Struck as struck:
        if struck.kind == "disconnect":
            cut(request)
        if struck.kind == "incomplete":
            completion.cut_short = True
            for chunk in completion.last():
                await send_event(request, response, chunk)
        if not response.prepared:
            await response.prepare(request)
        await response.write(b"data: {not json\n\n" if struck.kind == "malformed" else b"")
    await response.write(b"data: [DONE]\n\n")
    return response


def event_stream() -> web.StreamResponse:
    """A response that carries server-sent events."""
    headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    return web.StreamResponse(headers=headers)


async def send_event(request: web.Request, response: web.StreamResponse, event: Mapping[str, JsonValue]) -> None:
    """Sends one event, and the headers before the first."""
    if not response.prepared:
        await response.prepare(request)
        first_byte(request)
    await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
