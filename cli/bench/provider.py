"""The baseline of answer latency: the same provider, called directly, without Polyglot around it."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np

from cli.traveller.audio import RATE, Samples
from contracts.models import REGISTRY, Stage
from emulator.catalog import default

PROVIDER_RATE = 24_000
CHUNK_SECONDS = 0.05
TIMEOUT = aiohttp.ClientTimeout(total=30)
HEADERS = {"Authorization": "Bearer bench"}


async def cascade_once(base_url: str, wav: bytes) -> float:
    """Seconds for transcription, the chat model's first sentence and the first byte of its speech, one after another."""
    async with aiohttp.ClientSession(headers=HEADERS, timeout=TIMEOUT) as http:
        begun = time.monotonic()
        form = aiohttp.FormData()
        form.add_field("file", wav, filename="speech.wav", content_type="audio/wav")
        form.add_field("model", default(Stage.TRANSCRIPTION))
        async with http.post(f"{base_url}/audio/transcriptions", data=form) as response:
            heard = (await response.json())["text"]
        chat = {"model": default(Stage.CHAT), "messages": [{"role": "user", "content": heard}]}
        async with http.post(f"{base_url}/chat/completions", json=chat) as response:
            said = (await response.json())["choices"][0]["message"]["content"]
        speech = {
            "model": default(Stage.SPEECH),
            "voice": REGISTRY.openai(Stage.SPEECH).default_voice,
            "input": said,
            "response_format": "pcm",
        }
        async with http.post(f"{base_url}/audio/speech", json=speech) as response:
            await response.content.readany()
        return time.monotonic() - begun


async def realtime_once(base_url: str, samples: Samples, silence_ms: int) -> float:
    """Seconds from the end of streamed speech to the first audio of the answer, over one WebSocket."""
    url = f"{base_url.replace('http', 'ws', 1)}/realtime?model={default(Stage.REALTIME)}"
    async with aiohttp.ClientSession(headers=HEADERS, timeout=TIMEOUT) as http, http.ws_connect(url) as socket:
        await socket.send_json({"type": "session.update", "session": _session(silence_ms)})
        audio = samples[:: RATE // PROVIDER_RATE]
        ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        sender = asyncio.create_task(_stream(socket, audio, ended))
        try:
            async for event in _events(socket):
                if event["type"] == "response.output_audio.delta":
                    return time.monotonic() - await ended
        finally:
            sender.cancel()
    raise RuntimeError("the provider closed the connection without an answer")


def _session(silence_ms: int) -> dict[str, Any]:
    pcm = {"type": "audio/pcm", "rate": PROVIDER_RATE}
    detection = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": silence_ms, "create_response": True}
    return {
        "type": "realtime",
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": pcm,
                "turn_detection": detection,
                "transcription": {"model": default(Stage.TRANSCRIPTION)},
            },
            "output": {"format": pcm, "voice": REGISTRY.openai(Stage.REALTIME).default_voice},
        },
    }


async def _stream(socket: aiohttp.ClientWebSocketResponse, audio: Samples, ended: asyncio.Future[float]) -> None:
    """Send speech, then silence, at the speed of life."""
    size = int(PROVIDER_RATE * CHUNK_SECONDS)
    silence = np.zeros(size, dtype=np.int16)
    start, sent = time.monotonic(), 0
    while True:
        chunk = audio[sent * size : (sent + 1) * size]
        if not len(chunk) and not ended.done():
            ended.set_result(time.monotonic())
        data = (chunk if len(chunk) else silence).tobytes()
        await socket.send_json({"type": "input_audio_buffer.append", "audio": base64.b64encode(data).decode()})
        sent += 1
        await asyncio.sleep(max(0.0, start + sent * CHUNK_SECONDS - time.monotonic()))


async def _events(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            yield json.loads(message.data)
