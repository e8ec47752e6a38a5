"""The messages of `/ws`, exactly as the first system's clients send and expect them.

Fields that we do not know are ignored, as they were there; a known field with a wrong value is an error that names it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError, field_validator
from pydantic_core import from_json

from contracts.dispatch import check_language
from contracts.problems import InvalidInput
from contracts.wire import Wire


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Choices(_Message):
    language: StrictStr | None = None
    """`auto` or a language code; None leaves it as it is."""
    continuous: StrictBool | None = None
    """Whether the client sends its microphone all the time, silence included; None leaves it as it is."""

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        return None if value is None else check_language(value)


class AudioMessage(_Choices):
    """Something said, or a piece of an open microphone."""

    type: Literal["audio"]
    audio: Annotated[StrictStr, Field(min_length=1)]
    """Base64 of 16-bit PCM WAV of any rate, or of raw 16-bit PCM, mono, 24 kHz."""


class ConfigMessage(_Choices):
    """How the call goes on."""

    type: Literal["config"]


class InterruptMessage(_Message):
    """Be silent."""

    type: Literal["interrupt"]


class PingMessage(_Message):
    """Are you there."""

    type: Literal["ping"]


ClientMessage = AudioMessage | ConfigMessage | InterruptMessage | PingMessage

_KINDS: Final[Mapping[str, type[ClientMessage]]] = MappingProxyType(
    {"audio": AudioMessage, "interrupt": InterruptMessage, "config": ConfigMessage, "ping": PingMessage}
)


class UserTranscript(Wire):
    """What was heard, once it is final."""

    type: Literal["user_transcript"] = "user_transcript"
    text: str
    language: str


class AudioDelta(Wire):
    """The next piece of the assistant's voice: base64 of raw 16-bit PCM, mono, 24 kHz."""

    type: Literal["audio_delta"] = "audio_delta"
    audio: str


class ResponseComplete(Wire):
    """An answer that has ended, also when it was interrupted: what was really said of it."""

    type: Literal["response_complete"] = "response_complete"
    text: str
    audio: str
    """Base64 of a WAV file, 24 kHz mono; empty when nothing was heard."""
    language: str
    input_text: str
    """What the user had said; empty when the assistant spoke by itself."""


class ErrorMessage(Wire):
    """Something went wrong, in words."""

    type: Literal["error"] = "error"
    error: str


class StatusMessage(Wire):
    """The user's turn was taken."""

    type: Literal["status"] = "status"
    status: Literal["processing"] = "processing"


class Pong(Wire):
    """Answer to a ping."""

    type: Literal["pong"] = "pong"


ServerMessage = UserTranscript | AudioDelta | ResponseComplete | ErrorMessage | StatusMessage | Pong


def parse(text: str) -> ClientMessage:
    """The message. Raises InvalidInput that names the field, what was wrong, and what is allowed."""
    try:
        body = from_json(text)
    except ValueError:
        raise InvalidInput.of("message", "is not JSON", 'an object such as {"type": "ping"}') from None
    if not isinstance(body, dict):
        raise InvalidInput.of("message", "is not a JSON object", 'an object such as {"type": "ping"}')
    kind = body.get("type")
    model = _KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        problem = "is missing" if kind is None else "is not a type of message here"
        raise InvalidInput.of("type", problem, ", ".join(_KINDS))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput.of(field, first["msg"].removeprefix("Value error, ")) from None
