"""The WebSocket gateway over the whole stack: a client that knows no WebRTC asks by voice and hears the answer."""

import asyncio
import base64
import contextlib
import io
import json
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import numpy as np
import pytest
from spoken import prices, times
from stacks import Speech, api_with
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cli.stack.local import LocalStack
from cli.traveller.audio import AUDIBLE_RMS, RATE, Samples, rms
from contracts.languages import LANGUAGES

QUESTION = "Find me a flight from London to Tokyo tomorrow"
GATEWAY_RATE = 24_000
ANSWER_SECONDS = 40.0


def wav(samples: Samples, rate: int = RATE) -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples.tobytes())
    return base64.b64encode(file.getvalue()).decode()


def raw(samples: Samples) -> str:
    """Raw 24 kHz; the recordings are at 48."""
    halves = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1)
    return base64.b64encode(halves.astype("<i2").tobytes()).decode()


@dataclass
class Client:
    """A client of the first system: JSON out, JSON in, each with the second of its arrival."""

    socket: ClientConnection
    received: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    async def send(self, kind: str, **fields: Any) -> float:
        await self.socket.send(json.dumps({"type": kind, **fields}))
        return time.monotonic()

    async def listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self.socket:
                self.received.append((time.monotonic(), json.loads(text)))

    def of(self, kind: str, after: float = 0.0) -> list[dict[str, Any]]:
        return [message for at, message in self.received if message["type"] == kind and at >= after]

    async def until(self, kind: str, after: float = 0.0, *, check: Callable[[Any], Any] = bool) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            found = [message for message in self.of(kind, after) if check(message)]
            if found:
                return found[0]
            kinds = [message["type"] for _, message in self.received]
            assert time.monotonic() < deadline, f"no {kind}; got {kinds}, errors {self.of('error')}"
            await asyncio.sleep(0.02)

    def heard(self, after: float = 0.0) -> Samples:
        content = b"".join(base64.b64decode(delta["audio"]) for delta in self.of("audio_delta", after))
        return np.frombuffer(content, dtype="<i2")


@asynccontextmanager
async def client(stack: LocalStack, **options: Any) -> AsyncIterator[Client]:
    url = stack.api_url.replace("http://", "ws://") + "/ws"
    async with connect(url, max_size=16 * 1024 * 1024, **options) as socket:
        made = Client(socket)
        listening = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def fares(stack: LocalStack, origin: str, destination: str, day: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=stack.api_url, timeout=10) as http:
        response = await http.get(
            "/v1/flights/search", params={"origin": origin, "destination": destination, "departure_date": day}
        )
    found: dict[str, Any] = response.raise_for_status().json()
    return found


async def assert_truthful(stack: LocalStack, text: str) -> None:
    """Every price and time that was said is in the data that the API gives out for that question."""
    tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
    data = await fares(stack, "London", "Tokyo", tomorrow)
    amounts = {float(offer["total"]["amount"]) for offer in data["offers"]}
    moments = {
        segment[end][11:16]
        for offer in data["offers"]
        for leg in offer["slices"]
        for segment in leg["segments"]
        for end in ("departs_at", "arrives_at")
    }
    said = [float(amount) for amount in prices(text)]
    assert said, f"no price in {text!r}"
    assert set(said) <= amounts
    assert set(times(text)) <= moments
    assert "sample" in text.lower()


async def test_a_spoken_question_is_heard_answered_and_told_truthfully(stack: LocalStack, speech: Speech) -> None:
    samples = await speech(QUESTION, "echo")
    async with client(stack) as caller:
        asked = await caller.send("audio", audio=wav(samples), language="auto", continuous=False)
        await caller.until("status", asked)
        heard = await caller.until("user_transcript", asked)
        answer = await caller.until("response_complete", asked)

        assert {"london", "tokyo", "tomorrow"} <= set(heard["text"].lower().split())
        assert heard["language"] == "en"
        assert answer["input_text"] == heard["text"]
        assert answer["language"] == "en"
        await assert_truthful(stack, answer["text"])

        streamed = caller.heard(asked)
        assert len(streamed) > GATEWAY_RATE
        assert rms(streamed) >= AUDIBLE_RMS
        with wave.open(io.BytesIO(base64.b64decode(answer["audio"]))) as whole:
            assert (whole.getframerate(), whole.getnchannels(), whole.getsampwidth()) == (GATEWAY_RATE, 1, 2)
            assert whole.readframes(whole.getnframes()) == streamed.astype("<i2").tobytes()
        assert not caller.of("error")

        # Silence is not sent: once the answer has ended nothing comes.
        count = len(caller.of("audio_delta"))
        await asyncio.sleep(1.5)
        assert len(caller.of("audio_delta")) == count


async def test_an_open_microphone_in_pieces_and_a_second_question(stack: LocalStack, speech: Speech) -> None:
    samples = await speech(QUESTION, "nova")
    async with client(stack) as caller:
        begun = await caller.send("config", language="en", continuous=True)
        greeting = await caller.until("response_complete", begun)
        assert greeting["input_text"] == ""
        assert greeting["text"]
        asked = time.monotonic()
        for number, start in enumerate(range(0, len(samples), RATE // 10), start=1):
            await caller.send("audio", audio=raw(samples[start : start + RATE // 10]))
            # By the clock, as a microphone: pauses that add up would tear the speech apart.
            await asyncio.sleep(asked + number * 0.1 - time.monotonic())
        answer = await caller.until("response_complete", asked)
        await assert_truthful(stack, answer["text"])
        again = await caller.send("audio", audio=wav(await speech("Only non stop flights", "nova")))
        refined = await caller.until("response_complete", again)
        assert refined["input_text"]
        assert refined["text"] != answer["text"]


async def test_interrupt_gives_silence_and_the_call_goes_on(stack: LocalStack, speech: Speech) -> None:
    samples = await speech(QUESTION, "onyx")
    async with client(stack) as caller:
        asked = await caller.send("audio", audio=wav(samples))
        await caller.until("audio_delta", asked)
        await asyncio.sleep(0.5)
        told = await caller.send("interrupt")
        cut = await caller.until("response_complete", asked)
        await asyncio.sleep(4)
        late = [at - told for at, message in caller.received if message["type"] == "audio_delta" and at > told + 0.3]
        assert not late, f"sound {late} s after the interrupt"
        assert len(base64.b64decode(cut["audio"])) / 2 / GATEWAY_RATE < 3.0
        again = await caller.send("audio", audio=wav(samples))
        answer = await caller.until("response_complete", again)
        await assert_truthful(stack, answer["text"])


async def test_the_language_can_be_chosen(stack: LocalStack) -> None:
    async with client(stack) as caller:
        begun = await caller.send("config", language="es")
        greeting = await caller.until("response_complete", begun)
        assert greeting["language"] == "es"
        assert "Polyglot" in greeting["text"]
        assert not caller.of("error")


async def test_bad_messages_are_named_and_the_socket_lives(stack: LocalStack) -> None:
    async with client(stack) as caller:
        for body, field_name in (
            ({"type": "audio"}, "audio"),
            ({"type": "audio", "audio": "%%%"}, "audio"),
            ({"type": "audio", "audio": wav(np.zeros(8, np.int16), 1000)}, "audio"),
            ({"type": "config", "language": "xx"}, "language"),
            ({"type": "config", "continuous": "yes"}, "continuous"),
            ({"type": "sing"}, "type"),
        ):
            at = time.monotonic()
            await caller.send(body.pop("type"), **body)
            error = await caller.until("error", at)
            assert error["error"].startswith(field_name + ":")
        at = await caller.send("ping")
        assert await caller.until("pong", at) == {"type": "pong"}


async def test_the_session_ends_with_the_socket(stack: LocalStack) -> None:
    async def active() -> int:
        async with httpx2.AsyncClient(base_url=stack.api_url, timeout=10) as http:
            return int((await http.get("/status")).json()["active_connections"])

    async def none_left(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while await active():
            assert time.monotonic() < deadline, "a session outlived its caller"
            await asyncio.sleep(0.1)

    await none_left(60)  # of tests before this one, whose callers may not have hung up in order
    async with client(stack) as caller:
        await caller.send("config", language="en")
        await caller.until("audio_delta")
        assert await active() == 1
    await none_left(30)


async def test_a_page_of_another_origin_is_refused(stack: LocalStack) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with client(stack, origin="https://elsewhere.example.com"):
            pass
    assert refused.value.response.status_code == 403
    async with client(stack, origin=stack.api_url) as caller:
        at = await caller.send("ping")
        await caller.until("pong", at)


async def test_the_cascade_pipeline_answers_too(stack: LocalStack, speech: Speech) -> None:
    samples = await speech(QUESTION, "alloy")
    async with api_with(stack, {"POLYGLOT_DEFAULT_PIPELINE": "cascade"}), client(stack) as caller:
        asked = await caller.send("audio", audio=wav(samples))
        answer = await caller.until("response_complete", asked)
        assert "london" in answer["input_text"].lower()
        await assert_truthful(stack, answer["text"])
        assert rms(caller.heard(asked)) >= AUDIBLE_RMS


async def test_without_an_agent_the_client_is_told(lonely: LocalStack) -> None:
    async with client(lonely) as caller:
        at = await caller.send("config", language="fr")
        error = await caller.until("error", at)
        assert error["error"] == LANGUAGES["fr"].lines.agent_missing
        await asyncio.wait_for(caller.socket.wait_closed(), 5)
        assert caller.socket.close_code == 1013
