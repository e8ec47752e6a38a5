"""Events of the realtime endpoint, one by one, and its faults."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import TestServer
from openai.types.realtime import RealtimeServerEvent

from contracts.models import Stage
from emulator.app import build_app
from emulator.audio import OUTPUT_RATE
from emulator.catalog import default
from emulator.settings import EmulatorSettings
from emulator.strict import SESSION_SENT, events_of
from emulator.voice.speaker import synthesise

Event = dict[str, Any]
SERVER_EVENTS = events_of(RealtimeServerEvent)
LONG = 'Say exactly: "' + "This sentence goes on and on. " * 12 + '"'


def as_typed(event: Event) -> Event:
    """The event, once the package has read it with nothing left over."""
    typed = dict(event)
    if event["type"].startswith("session."):
        # The service names its session; the package types what was asked for.
        typed["session"] = {name: value for name, value in event["session"].items() if name not in SESSION_SENT}
    SERVER_EVENTS[event["type"]].model_validate(typed, extra="forbid")
    return event


class Line:
    """A client of one session."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, "event_id": "mine", **fields})

    async def next(self, kind: str) -> Event:
        """The next event of a type; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                event = as_typed(await self.socket.receive_json())
                if event["type"] == kind:
                    return event

    async def until(self, kind: str) -> list[Event]:
        """All events up to one of a type."""
        events: list[Event] = []
        async with asyncio.timeout(10):
            while not events or events[-1]["type"] != kind:
                events.append(as_typed(await self.socket.receive_json()))
        return events

    async def configure(self, **session: Any) -> Event:
        await self.send("session.update", session={"type": "realtime", **session})
        return await self.next("session.updated")

    async def type(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await self.next("conversation.item.done")

    async def speak(self, samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
        for start in range(0, samples.size, 2400):
            audio = base64.b64encode(samples[start : start + 2400].tobytes()).decode()
            await self.send("input_audio_buffer.append", audio=audio)


@pytest.fixture
async def line(client: aiohttp.ClientSession) -> AsyncIterator[Line]:
    async with client.ws_connect(f"/v1/realtime?model={default(Stage.REALTIME)}") as socket:
        line = Line(socket)
        await line.next("session.created")
        yield line


async def order(client: aiohttp.ClientSession, **fault: Any) -> None:
    async with client.put("/_control/faults", json=[{"route": "realtime", **fault}]) as answer:
        assert answer.status == 200


async def test_a_text_response_has_its_events_in_order(line: Line) -> None:
    await line.configure(output_modalities=["text"])
    await line.type("hello")
    await line.send("response.create", response={"metadata": {"client_event_id": "7"}})
    events = await line.until("response.done")
    kinds = list(dict.fromkeys(event["type"] for event in events))
    assert kinds == [
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    done = events[-1]["response"]
    assert done["status"] == "completed"
    assert done["metadata"] == {"client_event_id": "7"}
    assert events[0]["response"]["metadata"] == {"client_event_id": "7"}
    text = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert done["output"][0]["content"][0]["text"] == text == "Hello. Where would you like to fly?"


async def test_committed_speech_is_transcribed_and_kept(line: Line) -> None:
    session = {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}}
    shown = await line.configure(audio=session)
    assert shown["session"]["audio"]["input"]["turn_detection"] is None
    await line.speak(synthesise("Find me a flight from Madrid to Berlin tomorrow", "alloy"))
    await line.send("input_audio_buffer.commit")
    committed = await line.next("input_audio_buffer.committed")
    heard = await line.next("conversation.item.input_audio_transcription.completed")
    assert heard["item_id"] == committed["item_id"]
    assert heard["transcript"] == "Find me a flight from Madrid to Berlin tomorrow"
    await line.send("conversation.item.retrieve", item_id=committed["item_id"])
    kept = await line.next("conversation.item.retrieved")
    assert kept["item"]["content"][0]["transcript"] == heard["transcript"]


async def test_create_response_false_only_listens(line: Line) -> None:
    detection = {"type": "server_vad", "create_response": False, "interrupt_response": False}
    await line.configure(audio={"input": {"turn_detection": detection, "transcription": {"model": "whisper-1"}}})
    await line.send("response.create", response={"instructions": LONG})
    await line.next("response.output_audio.delta")
    quiet = np.zeros(OUTPUT_RATE // 2, np.int16)
    await line.speak(np.concatenate([quiet, synthesise("to Berlin", "alloy"), quiet, quiet]))
    events = await line.until("response.done")
    assert events[-1]["response"]["status"] == "completed"
    assert "input_audio_buffer.speech_started" in [event["type"] for event in events]
    assert sum(event["type"] == "response.created" for event in events) == 0


async def test_a_response_is_cancelled_in_the_middle_and_truncated(line: Line) -> None:
    await line.send("response.create", response={"instructions": LONG})
    added = await line.next("response.output_item.added")
    for _ in range(5):
        await line.next("response.output_audio.delta")
    await line.send("response.cancel")
    done = (await line.until("response.done"))[-1]["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert done["output"][0]["status"] == "incomplete"
    item_id = added["item"]["id"]
    await line.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
    assert (await line.next("conversation.item.truncated"))["audio_end_ms"] == 100
    await line.send("conversation.item.retrieve", item_id=item_id)
    kept = (await line.next("conversation.item.retrieved"))["item"]["content"][0]["transcript"]
    assert len(kept) < 20
    await line.send("response.cancel")
    assert (await line.next("error"))["error"]["message"].startswith("Cancellation failed")


async def test_two_responses_at_once_are_refused(line: Line) -> None:
    await line.send("response.create", response={"instructions": LONG})
    await line.send("response.create")
    error = (await line.next("error"))["error"]
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "mine"


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("session.update", {}, "missing_required_parameter"),
        ("session.update", {"session": {"type": "realtime", "audio": {"output": {"voice": "x"}}}}, "invalid_value"),
        ("session.update", {"session": {"type": "realtime", "tool_choice": 7}}, "invalid_value"),
        ("session.explode", {}, "invalid_value"),
        ("input_audio_buffer.commit", {}, "input_audio_buffer_commit_empty"),
        ("input_audio_buffer.append", {"audio": "?"}, "invalid_value"),
        ("conversation.item.delete", {"item_id": "none"}, "item_delete_invalid_item_id"),
        (
            "conversation.item.truncate",
            {"item_id": "none", "content_index": 0, "audio_end_ms": 1},
            "item_truncate_invalid_item_id",
        ),
        ("conversation.item.create", {"item": {"type": "song"}}, "invalid_value"),
        (
            "conversation.item.create",
            {
                "previous_item_id": "none",
                "item": {"type": "function_call_output", "call_id": "c", "output": "x"},
            },
            "item_create_invalid_previous_item_id",
        ),
    ],
)
async def test_wrong_events_are_answered_by_errors(line: Line, kind: str, fields: Event, code: str) -> None:
    await line.send(kind, **fields)
    error = (await line.next("error"))["error"]
    assert (error["code"], error["event_id"]) == (code, "mine")
    await line.send("input_audio_buffer.clear")
    await line.next("input_audio_buffer.cleared")


async def test_an_id_is_taken_once_and_free_again_when_deleted(line: Line) -> None:
    item = {"id": "one", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    await line.send("conversation.item.create", item=item, previous_item_id="root")
    assert (await line.next("conversation.item.added"))["previous_item_id"] is None
    await line.send("conversation.item.create", item=item)
    assert (await line.next("error"))["error"]["code"] == "item_create_duplicate_item_id"
    await line.send("conversation.item.delete", item_id="one")
    await line.next("conversation.item.deleted")
    await line.send("conversation.item.create", item=item)
    await line.next("conversation.item.added")


async def test_an_unknown_model_is_refused_at_the_door(client: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await client.ws_connect("/v1/realtime?model=gpt-99")
    assert refusal.value.status == 404


async def test_a_status_strikes_at_the_door_and_heals(client: aiohttp.ClientSession) -> None:
    await order(client, kind="status", status=429, times=1)
    url = f"/v1/realtime?model={default(Stage.REALTIME)}"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await client.ws_connect(url)
    assert refusal.value.status == 429
    async with client.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "session.created"


async def test_a_live_session_can_be_cut(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="disconnect", times=1)
    message = await asyncio.wait_for(line.socket.receive(), 5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.ERROR)


async def test_a_response_breaks_after_its_events(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="disconnect", after=3)
    await line.send("response.create")
    kinds = []
    async with asyncio.timeout(5):
        async for message in line.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            kinds.append(message.json()["type"])
    assert sum(kind.startswith("response.") for kind in kinds) == 3


async def test_an_empty_response_is_done_without_output(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="empty", times=1, after=1)
    await line.send("response.create")
    events = await line.until("response.done")
    assert [event["type"] for event in events] == ["response.created", "rate_limits.updated", "response.done"]
    assert events[-1]["response"]["output"] == []
    await line.send("response.create")
    assert (await line.until("response.done"))[-1]["response"]["output"] != []


async def test_a_stalled_response_says_nothing(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="stall", after=1)
    await line.send("response.create")
    await line.next("rate_limits.updated")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await line.socket.receive()


async def test_a_stalled_response_can_be_cancelled_and_the_next_one_is_whole(
    line: Line, client: aiohttp.ClientSession
) -> None:
    await order(client, kind="stall", after=2, times=1)
    await line.type("hello")
    await line.send("response.create")
    await line.next("response.output_item.added")
    await line.send("input_audio_buffer.clear")
    await line.next("input_audio_buffer.cleared")
    await line.send("response.cancel")
    assert (await line.next("response.done"))["response"]["status"] == "cancelled"
    await line.send("response.create")
    assert (await line.next("response.done"))["response"]["status"] == "completed"


async def test_a_malformed_event_is_in_the_way(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="malformed", times=1)
    await line.send("response.create")
    assert (await line.socket.receive_str()) == '{"type": "response.'
    await line.next("response.done")


@pytest.mark.parametrize(
    ("kind", "code", "used_up"), [("failed", "server_error", False), ("rate_limited", "rate_limit_exceeded", True)]
)
async def test_a_failed_response_says_why_and_a_later_one_is_whole(
    line: Line, client: aiohttp.ClientSession, kind: str, code: str, *, used_up: bool
) -> None:
    await order(client, kind=kind, times=1)
    await line.type("hello")
    await line.send("response.create")
    (limits,) = (await line.next("rate_limits.updated"))["rate_limits"]
    assert (limits["remaining"] == 0) == used_up
    failed = (await line.next("response.done"))["response"]
    assert (failed["status"], failed["status_details"]["error"]["code"]) == ("failed", code)
    await line.send("response.create")
    assert (await line.next("response.done"))["response"]["status"] == "completed"


async def test_an_incomplete_response_says_why(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="incomplete", times=1)
    await line.send("response.create")
    done = (await line.next("response.done"))["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")


async def test_words_that_cannot_be_made_out_are_told_as_such(line: Line, client: aiohttp.ClientSession) -> None:
    await line.configure(audio={"input": {"transcription": {"model": "gpt-transcribe"}, "turn_detection": None}})
    await order(client, kind="unheard", times=1)
    await line.speak(synthesise("Good morning.", "alloy"))
    await line.send("input_audio_buffer.commit")
    failed = await line.next("conversation.item.input_audio_transcription.failed")
    assert failed["error"]["code"] == "transcription_failed"


async def test_a_session_ends_when_its_time_is_over(line: Line, client: aiohttp.ClientSession) -> None:
    await order(client, kind="expired")
    error = (await line.next("error"))["error"]
    assert (error["code"], error["type"]) == ("session_expired", "invalid_request_error")
    async with asyncio.timeout(10):
        closed = await line.socket.receive()
    assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)


async def test_a_session_says_when_it_will_end_and_does() -> None:
    settings = EmulatorSettings(ears="clips", session_seconds=0.2)
    async with (
        TestServer(build_app(settings)) as server,
        aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as http,
        http.ws_connect(server.make_url(f"/v1/realtime?model={default(Stage.REALTIME)}")) as socket,
    ):
        line = Line(socket)
        created = await line.next("session.created")
        assert abs(created["session"]["expires_at"] - time.time()) < 60
        assert (await line.next("error"))["error"]["code"] == "session_expired"


async def test_one_response_too_many_is_refused_by_the_accounts_limit() -> None:
    settings = EmulatorSettings(ears="clips", requests_per_minute=1)
    async with (
        TestServer(build_app(settings)) as server,
        aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as http,
        http.ws_connect(server.make_url(f"/v1/realtime?model={default(Stage.REALTIME)}")) as socket,
    ):
        line, statuses = Line(socket), []
        await line.next("session.created")
        await line.configure(output_modalities=["text"])
        for _ in range(2):
            await line.send("response.create")
            statuses.append((await line.next("response.done"))["response"]["status"])
        assert statuses == ["completed", "failed"]
        async with http.post(server.make_url("/v1/audio/speech"), json={}) as answer:
            assert (answer.status, answer.headers["x-ratelimit-remaining-requests"]) == (429, "0")
            assert 0 < int(answer.headers["retry-after"]) <= 60
            assert (await answer.json())["error"]["code"] == "rate_limit_exceeded"
