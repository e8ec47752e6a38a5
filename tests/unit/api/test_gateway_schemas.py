import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.gateway.origin import may_open
from api.gateway.schemas import (
    AudioDelta,
    AudioMessage,
    ConfigMessage,
    ErrorMessage,
    InterruptMessage,
    PingMessage,
    Pong,
    ResponseComplete,
    StatusMessage,
    UserTranscript,
    parse,
)
from contracts.languages import LANGUAGES
from contracts.problems import InvalidInput


def test_the_first_systems_messages_are_taken() -> None:
    assert parse('{"type":"audio","audio":"AAAA","language":"auto","continuous":false}') == AudioMessage(
        type="audio", audio="AAAA", language="auto", continuous=False
    )
    assert parse('{"type":"interrupt"}') == InterruptMessage(type="interrupt")
    assert parse('{"type":"config","language":"es","continuous":true}') == ConfigMessage(
        type="config", language="es", continuous=True
    )
    assert parse('{"type":"ping"}') == PingMessage(type="ping")


def test_what_is_left_out_or_null_stays_as_it_is() -> None:
    for text in ('{"type":"config"}', '{"type":"config","language":null,"continuous":null}'):
        message = parse(text)
        assert isinstance(message, ConfigMessage)
        assert (message.language, message.continuous) == (None, None)


def test_unknown_fields_are_ignored() -> None:
    assert parse('{"type":"ping","timestamp":17}') == PingMessage(type="ping")


def test_a_language_tag_is_its_language() -> None:
    message = parse('{"type":"config","language":"pt-BR"}')
    assert isinstance(message, ConfigMessage)
    assert message.language == "pt"


@pytest.mark.parametrize(
    ("text", "field", "allowed"),
    [
        ("", "message", '{"type": "ping"}'),
        ("hello", "message", '{"type": "ping"}'),
        ('{"type":"ping"', "message", '{"type": "ping"}'),
        ("[" * 100_000, "message", '{"type": "ping"}'),
        ("[]", "message", '{"type": "ping"}'),
        ("null", "message", '{"type": "ping"}'),
        ('"ping"', "message", '{"type": "ping"}'),
        ("{}", "type", "audio, interrupt, config, ping"),
        ('{"type":null}', "type", "audio, interrupt, config, ping"),
        ('{"type":7}', "type", "audio, interrupt, config, ping"),
        ('{"type":["ping"]}', "type", "audio, interrupt, config, ping"),
        ('{"type":"PING"}', "type", "audio, interrupt, config, ping"),
        ('{"type":"response_complete"}', "type", "audio, interrupt, config, ping"),
        ('{"type":"audio"}', "audio", "required"),
        ('{"type":"audio","audio":null}', "audio", "string"),
        ('{"type":"audio","audio":""}', "audio", "at least 1"),
        ('{"type":"audio","audio":5}', "audio", "string"),
        ('{"type":"audio","audio":["AAAA"]}', "audio", "string"),
        ('{"type":"audio","audio":"AAAA","language":"xx"}', "language", "'auto' or one of de, en"),
        ('{"type":"audio","audio":"AAAA","language":7}', "language", "string"),
        ('{"type":"audio","audio":"AAAA","continuous":"true"}', "continuous", "boolean"),
        ('{"type":"config","language":""}', "language", "'auto' or one of"),
        ('{"type":"config","language":"english"}', "language", "'auto' or one of"),
        ('{"type":"config","continuous":1}', "continuous", "boolean"),
    ],
)
def test_bad_messages_name_the_field_and_what_is_allowed(text: str, field: str, allowed: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse(text)
    assert raised.value.errors[0].field == field
    assert raised.value.detail.startswith(f"{field}: ")
    assert allowed in raised.value.detail


def test_a_refused_value_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse('{"type":"config","language":"my-secret"}')
    assert "secret" not in raised.value.detail


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_no_text_is_anything_but_a_message_or_invalid(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert parse(text).type in ("audio", "interrupt", "config", "ping")


def test_answers_have_the_first_systems_shapes() -> None:
    def shape(message: Any) -> dict[str, Any]:
        return dict(json.loads(message.model_dump_json()))

    assert shape(UserTranscript(text="hola", language="es")) == {
        "type": "user_transcript",
        "text": "hola",
        "language": "es",
    }
    assert shape(AudioDelta(audio="AAAA")) == {"type": "audio_delta", "audio": "AAAA"}
    assert shape(ResponseComplete(text="t", audio="a", language="es", input_text="i")) == {
        "type": "response_complete",
        "text": "t",
        "audio": "a",
        "language": "es",
        "input_text": "i",
    }
    assert shape(ErrorMessage(error="e")) == {"type": "error", "error": "e"}
    assert shape(StatusMessage()) == {"type": "status", "status": "processing"}
    assert shape(Pong()) == {"type": "pong"}


def test_every_supported_language_may_be_chosen() -> None:
    for code in ("auto", *LANGUAGES):
        assert parse(json.dumps({"type": "config", "language": code}))


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "expected"),
    [
        (None, "api.example.com", (), True),
        ("https://api.example.com", "api.example.com", (), True),
        ("https://api.example.com", "api.example.com:443", (), True),
        ("http://API.example.com", "api.EXAMPLE.com:80", (), True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", (), True),
        ("http://[::1]:8000", "[::1]:8000", (), True),
        ("http://127.0.0.1:8000", "127.0.0.1:8001", (), False),
        ("https://api.example.com", "api.example.com:80", (), False),
        ("https://evil.example.com", "api.example.com", (), False),
        ("https://api.example.com.evil.com", "api.example.com", (), False),
        ("https://travel.example.com", "api.example.com", ("https://travel.example.com",), True),
        ("https://travel.example.com", "api.example.com", ("https://other.example.com",), False),
        ("https://anybody.example.com", "api.example.com", ("*",), True),
        ("null", "api.example.com", (), False),
        ("", "", (), False),
        ("https://x:notaport", "x", (), False),
        ("https://[", "x", (), False),
    ],
)
def test_who_may_open(origin: str | None, host: str, allowed: tuple[str, ...], expected: bool) -> None:
    assert may_open(origin, host, allowed) is expected
