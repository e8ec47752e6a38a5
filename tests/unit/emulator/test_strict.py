"""What the service refuses is refused: anything that the package does not type, and tools with a model that reasons."""

from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.strict import CLIENT_EVENTS, check_chat, check_event, check_form, check_sent, check_speech

PCM = {"type": "audio/pcm", "rate": 24_000}
TOOL = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}


def session(**fields: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": {"type": "message", "role": "user", **fields}}


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi."}], **fields}


def refusal(check: Any, value: Any) -> tuple[str | None, str | None]:
    with pytest.raises(ApiError) as caught:
        check(value)
    assert caught.value.status == 400
    return caught.value.code, caught.value.param


def test_every_client_event_of_the_package_is_known() -> None:
    assert {"session.update", "input_audio_buffer.append", "response.create", "response.cancel"} <= set(CLIENT_EVENTS)


@pytest.mark.parametrize(
    "event",
    [
        session(),
        session(audio={"input": {"format": PCM, "transcription": {"model": "gpt-transcribe", "languages": ["en"]}}}),
        item(content=[{"type": "input_text", "text": "Hi."}]),
        {"type": "response.cancel", "event_id": "e"},
        {"type": "nothing.of.the.package"},
    ],
)
def test_what_the_package_types_passes(event: dict[str, Any]) -> None:
    check_event(event)


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        (session(instructons="x"), "unknown_parameter", "session.instructons"),
        (session(turn_detection=None), "unknown_parameter", "session.turn_detection"),
        (
            session(audio={"input": {"format": {**PCM, "rate": 48_000}}}),
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (session(output_modalities=["video"]), "invalid_value", "session.output_modalities[0]"),
        ({"type": "response.cancel", "reason": "x"}, "unknown_parameter", "reason"),
        (
            item(content=[{"type": "input_text", "text": "Hi.", "lang": "en"}]),
            "unknown_parameter",
            "item.content[0].lang",
        ),
    ],
)
def test_a_realtime_event_with_more_or_other_is_refused(event: dict[str, Any], code: str, param: str) -> None:
    assert refusal(check_event, event) == (code, param)


@pytest.mark.parametrize("stream", [True, False])
def test_a_chat_request_is_read_whole(stream: bool) -> None:
    check_chat(chat(stream=stream, tools=[TOOL], reasoning_effort="none", parallel_tool_calls=False))
    assert refusal(check_chat, chat(stream=stream, temprature=1)) == ("unknown_parameter", "temprature")
    assert refusal(check_chat, chat(stream=stream, reasoning_effort="lots"))[0] == "invalid_value"


def test_tools_and_reasoning_do_not_go_together() -> None:
    assert refusal(check_chat, chat(tools=[TOOL])) == ("unsupported_value", "reasoning_effort")
    assert refusal(check_chat, chat(tools=[TOOL], reasoning_effort="low")) == ("unsupported_value", "reasoning_effort")
    check_chat(chat(tools=[TOOL], model="gpt-4.1-mini"))


def test_speech_and_transcription_take_their_own_parameters_only() -> None:
    speech = {"model": "tts-1", "voice": "nova", "input": "Hi."}
    check_speech({**speech, "response_format": "pcm", "stream_format": "sse"})
    assert refusal(check_speech, {**speech, "tempo": 1}) == ("unknown_parameter", "tempo")
    check_form(["model", "languages[]", "keywords[]", "response_format"])
    assert refusal(check_form, ["model", "lang"]) == ("unknown_parameter", "lang")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "input_audio_buffer.cleared"},
        {"type": "input_audio_buffer.cleared", "event_id": "e", "more": 1},
        {"type": "input_audio_buffer.speech_started", "event_id": "e", "item_id": "i"},
        {"type": "response.done", "event_id": "e", "response": {"status": "lost"}},
        {"type": "response.broken", "event_id": "e"},
    ],
)
def test_an_event_that_the_service_does_not_send_is_a_fault_of_ours(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no such event|validation error"):
        check_sent(event)
