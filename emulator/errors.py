"""Errors in the shape of the OpenAI API: `{"error": {"message", "type", "param", "code"}}`."""

from typing import Final

from pydantic import ValidationError

from contracts.models import Stage
from emulator.catalog import MODELS

_TYPES: Final = {401: "invalid_request_error", 429: "rate_limit_error", 500: "server_error", 503: "server_error"}
_CODES: Final = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
_MESSAGES: Final = {
    401: "Incorrect API key provided.",
    429: "Rate limit reached for requests.",
    500: "The server had an error while processing your request.",
}


class ApiError(Exception):
    """A refusal with its HTTP status; the realtime endpoint sends the same body as an `error` event."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        kind: str | None = None,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        self.status = status
        self.message = message or _MESSAGES.get(status, "The request failed.")
        self.kind = kind or _TYPES.get(status, "invalid_request_error")
        self.param = param
        self.code = code or _CODES.get(status)
        super().__init__(self.message)

    def body(self) -> dict[str, str | None]:
        """The `error` object."""
        return {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}


def unknown_model(name: str) -> ApiError:
    """The refusal of a model that does not exist, or not on this endpoint."""
    return ApiError(
        404,
        f"The model `{name}` does not exist or you do not have access to it.",
        kind="invalid_request_error",
        code="model_not_found",
    )


def check_model(name: str, stage: Stage) -> None:
    """Raises ApiError for a model that the stage does not have."""
    if name not in MODELS[stage]:
        raise unknown_model(name)


def unknown_voice(name: str, allowed: tuple[str, ...], param: str = "voice") -> ApiError:
    """The refusal of a voice."""
    listed = ", ".join(f"'{voice}'" for voice in allowed)
    return ApiError(400, f"Invalid value: '{name}'. Supported values are: {listed}.", param=param, code="invalid_value")


def invalid_body(error: ValidationError) -> ApiError:
    """The refusal of a body, naming its first wrong field as the real service does: `messages[0].role`."""
    first = error.errors(include_url=False, include_context=False)[0]
    param = ""
    for part in first["loc"]:
        param += f"[{part}]" if isinstance(part, int) else f".{part}" if param else str(part)
    code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
    return ApiError(400, f"Invalid '{param}': {first['msg']}.", param=param or None, code=code)
