"""Requests, refusals and faults over HTTP."""

import asyncio
import base64
import json
import time
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import TestServer

from contracts.models import Stage
from emulator.app import build_app
from emulator.audio import OUTPUT_RATE, from_wav, to_wav
from emulator.catalog import ALL_MODELS, default
from emulator.settings import EmulatorSettings

CHAT = {"model": default(Stage.CHAT), "messages": [{"role": "user", "content": "hello"}]}
SPEECH = {"model": default(Stage.SPEECH), "voice": "nova", "input": "Good morning."}


async def refused(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    assert answer.content_type == "application/json"
    assert answer.headers["x-request-id"]
    error: dict[str, Any] = (await answer.json())["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


async def test_models_are_those_of_the_registry(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/models") as answer:
        listed = [model["id"] for model in (await answer.json())["data"]]
    assert listed == list(ALL_MODELS)
    async with client.get(f"/v1/models/{listed[0]}") as answer:
        assert (await answer.json())["id"] == listed[0]
    async with client.get("/v1/models/gpt-99") as answer:
        assert answer.status == 404
        assert (await refused(answer))["code"] == "model_not_found"


async def test_a_key_is_needed(server: TestServer) -> None:
    async with aiohttp.ClientSession(server.make_url("/")) as anonymous, anonymous.get("/v1/models") as answer:
        assert answer.status == 401
        assert (await refused(answer))["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("chat/completions", CHAT | {"model": "gpt-99"}, (404, None, "model_not_found")),
        ("chat/completions", CHAT | {"model": default(Stage.SPEECH)}, (404, None, "model_not_found")),
        ("chat/completions", {"model": "gpt-4o"}, (400, "messages", "missing_required_parameter")),
        ("chat/completions", CHAT | {"messages": [{"role": "boss"}]}, (400, "messages[0].role", "invalid_value")),
        ("chat/completions", CHAT | {"tool_choice": "required"}, (400, "tool_choice", None)),
        ("audio/speech", SPEECH | {"voice": "nobody"}, (400, "voice", "invalid_value")),
        ("audio/speech", SPEECH | {"model": "tts-99"}, (404, None, "model_not_found")),
        ("audio/speech", SPEECH | {"input": ""}, (400, "input", "invalid_value")),
        ("audio/speech", SPEECH | {"speed": 9}, (400, "speed", "invalid_value")),
        ("audio/transcriptions", {}, (400, None, None)),
    ],
)
async def test_wrong_bodies_name_what_is_wrong(
    client: aiohttp.ClientSession, path: str, body: dict[str, Any], expected: tuple[int, str | None, str | None]
) -> None:
    async with client.post(f"/v1/{path}", json=body) as answer:
        error = await refused(answer)
        assert (answer.status, error["param"], error["code"]) == expected


async def test_a_body_that_is_no_json_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/chat/completions", data=b"{") as answer:
        assert answer.status == 400
        await refused(answer)


async def test_unknown_routes_are_refused_in_the_same_shape(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/videos") as answer:
        assert answer.status == 404
        await refused(answer)


@pytest.mark.parametrize("data", [b"", b"no audio", to_wav(np.zeros(10, np.int16), 16_000)[:40]])
async def test_files_that_are_no_wav_are_refused(client: aiohttp.ClientSession, data: bytes) -> None:
    form = aiohttp.FormData({"model": default(Stage.TRANSCRIPTION)})
    form.add_field("file", data, filename="a.wav")
    async with client.post("/v1/audio/transcriptions", data=form) as answer:
        assert answer.status == 400
        assert (await refused(answer))["param"] == "file"


async def test_the_stream_is_what_the_whole_answer_is(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/chat/completions", json=CHAT) as answer:
        whole = await answer.json()
    options = {"stream": True, "stream_options": {"include_usage": True}}
    async with client.post("/v1/chat/completions", json=CHAT | options) as answer:
        assert answer.content_type == "text/event-stream"
        lines = [line[6:] for line in (await answer.text()).split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    *chunks, usage = map(json.loads, lines)
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert text == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"] == whole["usage"]


async def test_who_hears_and_speaks_is_told_with_the_models_that_do(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/models") as answer:
        models = {model["id"]: model for model in (await answer.json())["data"]}
    ears = {name: model.get("ears") for name, model in models.items()}
    voice = {name: model.get("voice") for name, model in models.items()}
    assert voice[default(Stage.SPEECH)] == voice[default(Stage.REALTIME)] == "espeak-ng"
    assert voice[default(Stage.CHAT)] is None
    assert ears[default(Stage.TRANSCRIPTION)] == ears[default(Stage.REALTIME)] == "clips"
    assert ears[default(Stage.CHAT)] is None
    assert ears[default(Stage.SPEECH)] is None


def clip(samples: np.ndarray[Any, Any], rate: int = 16_000) -> str:
    return base64.b64encode(to_wav(samples.astype(np.int16), rate)).decode()


WARBLE = 9000 * np.sin(np.cumsum(0.2 + 0.15 * np.sin(np.arange(24_000) / 900)))


async def test_a_registered_clip_is_heard_until_it_is_forgotten(client: aiohttp.ClientSession) -> None:
    async def heard() -> dict[str, Any]:
        form = aiohttp.FormData({"model": "whisper-1", "response_format": "verbose_json"})
        form.add_field("file", to_wav(WARBLE.astype(np.int16), 16_000), filename="a.wav")
        async with client.post("/v1/audio/transcriptions", data=form) as answer:
            told: dict[str, Any] = await answer.json()
        return told

    assert (await heard())["text"] == ""
    body = {"text": "Un vol pour Nice", "language": "fr", "wav": clip(WARBLE)}
    async with client.post("/_control/clips", json=body) as answer:
        assert (await answer.json())["clips"] > 1
    told = await heard()
    assert (told["text"], told["language"]) == ("Un vol pour Nice", "french")
    async with client.delete("/_control/clips") as answer:
        assert answer.status == 204
    assert (await heard())["text"] == ""


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"wav": "bm8gV0FW"}, "wav"),
        ({"wav": clip(np.zeros(16_000))}, "wav"),
        ({"language": "tlh"}, "language"),
        ({"text": ""}, "text"),
        ({"voice": "x"}, "voice"),
    ],
)
async def test_a_clip_that_cannot_be_known_is_refused(
    client: aiohttp.ClientSession, change: dict[str, str], param: str
) -> None:
    body = {"text": "Hello", "language": "en", "wav": clip(WARBLE)} | change
    async with client.post("/_control/clips", json=body) as answer:
        assert answer.status == 400
        assert (await refused(answer))["param"] == param


@pytest.mark.parametrize("fields", [[("language", "tlh")], [("languages[]", "en"), ("languages[]", "tlh")]])
async def test_a_language_that_nobody_hears_is_refused(
    client: aiohttp.ClientSession, fields: list[tuple[str, str]]
) -> None:
    form = aiohttp.FormData([("model", "gpt-transcribe"), *fields])
    form.add_field("file", to_wav(np.zeros(16_000, np.int16), 16_000), filename="a.wav")
    async with client.post("/v1/audio/transcriptions", data=form) as answer:
        assert answer.status == 400
        error = await refused(answer)
    assert error["param"].startswith("language")
    assert "en, es, fr" in error["message"]


async def test_silence_has_no_words(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData({"model": "whisper-1", "response_format": "verbose_json", "language": "de"})
    form.add_field("file", to_wav(np.zeros(16_000, np.int16), 16_000), filename="a.wav")
    async with client.post("/v1/audio/transcriptions", data=form) as answer:
        heard = await answer.json()
    assert (heard["text"], heard["language"], heard["duration"]) == ("", "german", 1.0)


async def test_formats_say_what_they_are(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/audio/speech", json=SPEECH) as answer:
        assert answer.content_type == "audio/wav"
        samples, rate = from_wav(await answer.read())
    assert rate == OUTPUT_RATE
    async with client.post("/v1/audio/speech", json=SPEECH | {"response_format": "pcm"}) as answer:
        assert answer.content_type == "audio/pcm"
        assert len(await answer.read()) == pytest.approx(samples.nbytes, rel=0.01)


async def order(client: aiohttp.ClientSession, *faults: dict[str, Any]) -> None:
    async with client.put("/_control/faults", json=list(faults)) as answer:
        assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_status_strikes_and_heals(client: aiohttp.ClientSession, status: int) -> None:
    await order(client, {"route": "chat", "kind": "status", "status": status, "times": 1})
    async with client.post("/v1/chat/completions", json=CHAT) as answer:
        assert answer.status == status
        await refused(answer)
    async with client.post("/v1/chat/completions", json=CHAT) as answer:
        assert answer.status == 200
    async with client.get("/_control/log") as answer:
        seen = (await answer.json())["requests"]
    assert [entry["status"] for entry in seen] == [status, 200]
    assert seen[1]["model"] == CHAT["model"]


async def test_a_stream_breaks_after_its_chunks(client: aiohttp.ClientSession) -> None:
    await order(client, {"route": "chat", "kind": "disconnect", "after": 2})
    lines: list[bytes] = []

    async def read() -> None:
        async with client.post("/v1/chat/completions", json=CHAT | {"stream": True}) as answer:
            async for line in answer.content:
                lines.append(line)  # noqa: PERF401 - what came before the break must be kept

    with pytest.raises(aiohttp.ClientError):
        await read()
    assert sum(bool(line.strip()) for line in lines) == 2
    async with client.delete("/_control/faults") as answer:
        assert answer.status == 204
    async with client.post("/v1/chat/completions", json=CHAT | {"stream": True}) as answer:
        assert (await answer.text()).endswith("[DONE]\n\n")


@pytest.mark.parametrize(
    ("route", "path", "body"),
    [("chat", "chat/completions", CHAT), ("speech", "audio/speech", SPEECH)],
)
async def test_a_stall_is_no_answer(client: aiohttp.ClientSession, route: str, path: str, body: dict[str, Any]) -> None:
    await order(client, {"route": route, "kind": "stall"})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4), client.post(f"/v1/{path}", json=body):
            pass


async def test_a_delay_is_a_late_answer(client: aiohttp.ClientSession) -> None:
    await order(client, {"route": "models", "kind": "delay", "seconds": 0.3})
    began = time.perf_counter()
    async with client.get("/v1/models") as answer:
        assert answer.status == 200
    assert time.perf_counter() - began >= 0.3


async def test_malformed_and_empty_answers(client: aiohttp.ClientSession) -> None:
    await order(client, {"route": "chat", "kind": "malformed"}, {"route": "speech", "kind": "empty"})
    async with client.post("/v1/chat/completions", json=CHAT) as answer:
        with pytest.raises(json.JSONDecodeError):
            await answer.json()
    async with client.post("/v1/audio/speech", json=SPEECH) as answer:
        assert from_wav(await answer.read())[0].size == 0
    await order(client, {"route": "chat", "kind": "empty"})
    async with client.post("/v1/chat/completions", json=CHAT) as answer:
        assert (await answer.json())["choices"][0]["message"]["content"] == ""


async def test_senseless_faults_are_refused(client: aiohttp.ClientSession) -> None:
    async with client.put("/_control/faults", json=[{"route": "chat", "kind": "explode"}]) as answer:
        assert answer.status == 400
        assert "kind" in (await refused(answer))["param"]


async def test_the_world_sets_the_pace(client: aiohttp.ClientSession) -> None:
    async with client.put("/_control/world", json={"first_token_ms": 250}) as answer:
        assert (await answer.json())["transcription_ms"] == 0
    began = time.perf_counter()
    async with client.post("/v1/chat/completions", json=CHAT):
        assert time.perf_counter() - began >= 0.25


async def test_nothing_is_steered_without_the_switch() -> None:
    async with TestServer(build_app(EmulatorSettings(ears="clips"))) as server:
        async with aiohttp.ClientSession(server.make_url("/")) as client, client.get("/_control/log") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_is_cut_short_says_so(client: aiohttp.ClientSession, *, stream: bool) -> None:
    await order(client, {"route": "chat", "kind": "incomplete", "after": 2 if stream else 0})
    async with client.post("/v1/chat/completions", json=CHAT | {"stream": stream}) as answer:
        assert '"finish_reason": "length"' in await answer.text()
