"""POST /v1/audio/speech."""

import asyncio
import base64
from typing import Annotated, Final, Literal

import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from contracts.models import Stage
from emulator.audio import OUTPUT_RATE, to_wav
from emulator.catalog import voices
from emulator.errors import check_model, invalid_body, unknown_voice
from emulator.faults import Struck
from emulator.http.chat import event_stream, send_event
from emulator.http.middleware import ENTRY, STRIKER, cut, first_byte
from emulator.runtime import RUNTIME
from emulator.strict import check_speech
from emulator.tokens import count
from emulator.voice.speaker import FASTEST, SLOWEST, VOICES

_CHUNK: Final = OUTPUT_RATE // 5 * 2
"""Bytes of a fifth of a second."""


class SpeechBody(BaseModel):
    """The body of a speech request."""

    model_config = ConfigDict(extra="allow")

    model: str
    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: str
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    """The emulator has no encoder: it answers the compressed formats with WAV and says so in the content type."""
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] = 1.0
    stream_format: Literal["sse", "audio"] = "audio"
    instructions: str | None = None


async def speech(request: web.Request) -> web.StreamResponse:
    """Speaks a text."""
    try:
        body = SpeechBody.model_validate_json(await request.read())
    except ValidationError as error:
        raise invalid_body(error) from error
    request[ENTRY].model = body.model
    check_model(body.model, Stage.SPEECH)
    check_speech(await request.json())
    if body.voice not in VOICES:
        raise unknown_voice(body.voice, voices(Stage.SPEECH))
    runtime = request.app[RUNTIME]
    samples, _ = await asyncio.gather(
        runtime.speak(body.input, body.voice, speed=body.speed), runtime.world.before_first_audio()
    )
    data = samples.tobytes() if body.response_format == "pcm" else to_wav(samples, OUTPUT_RATE)
    # An event stream leaves the format to what was asked for, so WAV in the place of MP3 must go as plain audio.
    if body.stream_format == "sse" and body.response_format in ("pcm", "wav"):
        return await _events(request, data, body)
    return await _audio(request, data, "audio/pcm" if body.response_format == "pcm" else "audio/wav", samples)


async def _audio(
    request: web.Request, data: bytes, content_type: str, samples: NDArray[np.int16]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type})
    try:
        for start in range(0, len(data), _CHUNK):
            await request[STRIKER].chunk()
            await _begin(request, response)
            await response.write(data[start : start + _CHUNK])
    except Struck as struck:
        if struck.kind == "disconnect":
            cut(request)
        await _begin(request, response)
        if struck.kind == "malformed":
            await response.write(b"this is no audio" * 64)
        elif content_type == "audio/wav" and request[STRIKER].strikes_first:
            await response.write(to_wav(samples[:0], OUTPUT_RATE))
    return response


async def _events(request: web.Request, data: bytes, body: SpeechBody) -> web.StreamResponse:
    response = event_stream()
    try:
        for start in range(0, len(data), _CHUNK):
            await request[STRIKER].chunk()
            delta = base64.b64encode(data[start : start + _CHUNK]).decode()
            await send_event(request, response, {"type": "speech.audio.delta", "audio": delta})
    except Struck as struck:
        if struck.kind == "disconnect":
            cut(request)
        await _begin(request, response)
        if struck.kind == "malformed":
            await response.write(b"data: {not json\n\n")
    spoken, heard = count(body.input), len(data) // _CHUNK
    usage: dict[str, JsonValue] = {
        "input_tokens": spoken,
        "output_tokens": heard,
        "total_tokens": spoken + heard,
    }
    await send_event(request, response, {"type": "speech.audio.done", "usage": usage})
    return response


async def _begin(request: web.Request, response: web.StreamResponse) -> None:
    if not response.prepared:
        await response.prepare(request)
        first_byte(request)
