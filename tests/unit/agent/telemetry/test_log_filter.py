"""Nothing that is said in a call is in any line of the log, whoever logs it."""

import io
import json
import logging
import pickle
from collections.abc import Iterator

import pytest
from livekit.agents.cli.log import JsonFormatter
from livekit.agents.ipc.log_queue import LogQueueHandler
from pydantic import BaseModel

from agent.telemetry.log_filter import WithoutContent, keep_content_out

CANARY = "canary from Madrid to Berlin"


class Wire:
    """What the forwarder of a job process sends."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    keep_content_out()
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def lines(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


class Arguments(BaseModel):
    number: int


def unreadable() -> None:
    Arguments.model_validate({"number": CANARY})


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING, logging.ERROR])
@pytest.mark.parametrize(
    "extra",
    [
        {"lk.pii.user_input": CANARY},
        {"lk.pii.arguments": f'{{"origin": "{CANARY}"}}'},
        {"lk.pii.event": {"transcript": CANARY}},
        {"lk.pii.output": [CANARY]},
        {"lk.pii.sip.phoneNumber": CANARY},
        {"error": CANARY},
        {"details": {"nested": CANARY}},
        {"request": object(), "text": CANARY},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_fields_of_the_library_hold_no_words(output: io.StringIO, level: int, extra: dict[str, object]) -> None:
    logging.getLogger("livekit.agents").log(
        level, "user turn dropped", extra={"speech_id": "sp_1", "tries": 3, **extra}
    )
    (line,) = lines(output)
    assert CANARY not in output.getvalue()
    assert (line["message"], line["speech_id"], line["tries"]) == ("user turn dropped", "sp_1", 3)


@pytest.mark.parametrize(
    "name", ["livekit.agents", "livekit.plugins.openai", "openai", "asyncio", "aiobotocore.client"]
)
def test_messages_and_errors_of_libraries_hold_no_words(output: io.StringIO, name: str) -> None:
    logger = logging.getLogger(name)
    logger.error("OpenAI returned an error: invalid value %s", CANARY)
    try:
        unreadable()
    except ValueError:
        logger.exception("error parsing arguments")
    assert CANARY not in output.getvalue()
    first, second = lines(output)
    assert first["message"] == "OpenAI returned an error"
    assert "unreadable" in str(second)
    assert "ValidationError" in str(second)


def test_our_own_lines_keep_their_fields_and_lose_an_error_s_words(output: io.StringIO) -> None:
    logger = logging.getLogger("polyglot.agent.call.session")
    logger.info("turn.first_audio", extra={"event": "turn.first_audio", "seconds": 0.7, "cause": "APIError"})
    try:
        unreadable()
    except ValueError:
        logger.exception("pipeline not switched")
    first, _ = lines(output)
    assert (first["seconds"], first["cause"]) == (0.7, "APIError")
    assert CANARY not in output.getvalue()


def test_what_a_job_process_forwards_is_stripped_before_its_text_is_made() -> None:
    wire = Wire()
    handler = LogQueueHandler(wire)  # type: ignore[arg-type]
    handler.addFilter(WithoutContent())
    logger = logging.getLogger("livekit.agents.forwarded")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        try:
            unreadable()
        except ValueError:
            logger.exception("exception occurred while executing tool", extra={"lk.pii.error": CANARY})
    finally:
        logger.removeHandler(handler)
        handler._send_q.put(None)
        handler.thread.join(timeout=5)
    (data,) = wire.sent
    assert CANARY.encode() not in data
    assert "exception occurred" in pickle.loads(data).getMessage()  # noqa: S301 - made here
