"""Refuses what the service refuses: requests and events must be what the `openai` package types, and nothing more.

The package's own models let anything else through, because they are for reading answers; here nothing extra is allowed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from openai.types.audio import speech_create_params, transcription_create_params
from openai.types.chat import completion_create_params
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from contracts.models import REGISTRY, Stage
from emulator.errors import ApiError

_CLASS: Final = re.compile(r"^[A-Z]|\[")
"""How a branch of a union is named in an error's place."""


def events_of(union: object) -> dict[str, type[BaseModel]]:
    """The package's event models by the `type` that they have."""
    kinds = get_args(get_args(union)[0])
    return {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in kinds}


CLIENT_EVENTS: Final = events_of(RealtimeClientEvent)
SERVER_EVENTS: Final = events_of(RealtimeServerEvent)
SESSION_SENT: Final = frozenset({"id", "object", "expires_at"})
"""Of a session that is shown; the package types what may be asked for."""
_CHAT: Final[dict[bool, TypeAdapter[Any]]] = {
    False: TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming),
    True: TypeAdapter(completion_create_params.CompletionCreateParamsStreaming),
}
_SPEECH: Final[TypeAdapter[Any]] = TypeAdapter(speech_create_params.SpeechCreateParams)
_FORM: Final = frozenset(transcription_create_params.TranscriptionCreateParamsBase.__annotations__) | {"stream"}


def check_event(event: Mapping[str, Any]) -> None:
    """Raises ApiError for a realtime client event with anything in it that the package does not know."""
    kind = CLIENT_EVENTS.get(str(event.get("type")))
    if kind is not None:
        _check(lambda: kind.model_validate(event, extra="forbid"))


def check_sent(event: Mapping[str, Any]) -> None:
    """Raises ValueError for a server event that is not what the package types: a fault of ours, never of a client."""
    kind = SERVER_EVENTS.get(str(event.get("type")))
    if kind is None:
        raise ValueError(f"no such event: {event.get('type')}")
    if isinstance(session := event.get("session"), Mapping):
        event = {**event, "session": {name: value for name, value in session.items() if name not in SESSION_SENT}}
    kind.model_validate(event, extra="forbid")


def check_answer(kind: type[BaseModel], answer: Mapping[str, Any]) -> None:
    """The same for an answer over HTTP."""
    kind.model_validate(answer, extra="forbid")


def check_chat(body: Mapping[str, Any]) -> None:
    """The same for a chat request; also for tools with a model that would reason over them."""
    adapter = _CHAT[bool(body.get("stream"))]
    _check(lambda: _read(adapter.validate_python(body, extra="forbid")))
    known = REGISTRY.openai(Stage.CHAT).models.get(str(body.get("model")))
    wanted = known.reasoning_effort if known else None
    if wanted and body.get("tools") and body.get("reasoning_effort") != wanted:
        message = f"Function tools are supported with reasoning_effort '{wanted}' only for {body['model']}."
        raise ApiError(400, message, param="reasoning_effort", code="unsupported_value")


def check_speech(body: Mapping[str, Any]) -> None:
    """The same for a speech request."""
    _check(lambda: _SPEECH.validate_python(body, extra="forbid"))


def check_form(fields: Iterable[str]) -> None:
    """The same for the names of a transcription's form fields; lists have brackets."""
    for field in fields:
        if field.removesuffix("[]") not in _FORM:
            raise _unknown(field)


def _read(value: object) -> None:
    """The package types lists as iterables, which are checked only when they are read."""
    if isinstance(value, Mapping):
        for part in value.values():
            _read(part)
    elif isinstance(value, Iterator | list):
        for part in value:
            _read(part)


def _check(validate: Any) -> None:  # noqa: ANN401 - any callable
    try:
        validate()
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_context=False)) from error


def _refusal(errors: list[ErrorDetails]) -> ApiError:
    """Of a union's branches, the one that the value is most nearly of."""
    branches: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for error in errors:
        branch = tuple(part for part in error["loc"] if isinstance(part, str) and _CLASS.search(part))
        branches.setdefault(branch, []).append(error)

    def distance(found: list[ErrorDetails]) -> tuple[bool, int]:
        return any(error["type"] == "literal_error" for error in found), len(found)

    nearest = min(branches.values(), key=distance)
    first = next((error for error in nearest if error["type"] == "literal_error"), nearest[0])
    place = [part for part in first["loc"] if isinstance(part, int) or not _CLASS.search(part)]
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    if first["type"] == "extra_forbidden":
        return _unknown(name)
    code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
    return ApiError(400, f"Invalid '{name}': {first['msg']}.", param=name or None, code=code)


def _unknown(name: str) -> ApiError:
    return ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
