"""The agent's settings, read once from the environment. A wrong value stops the start with the variable's name,
what was wrong and what is allowed.
"""

from typing import Annotated, Self

from pydantic import AliasChoices, Field, HttpUrl, SecretStr, UrlConstraints, field_validator, model_validator
from pydantic.networks import AnyUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.models import REGISTRY

MediaUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["ws", "wss", "http", "https"], host_required=True)]


def _env(name: str) -> AliasChoices:
    return AliasChoices(name)


class AgentSettings(BaseSettings):
    """One field per environment variable; names in capitals are the variables."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    livekit_url: MediaUrl = Field(validation_alias=_env("LIVEKIT_URL"))
    """LIVEKIT_URL: ws, wss, http or https."""
    livekit_api_key: Annotated[str, Field(min_length=3, validation_alias=_env("LIVEKIT_API_KEY"))]
    livekit_api_secret: SecretStr = Field(validation_alias=_env("LIVEKIT_API_SECRET"))
    """LIVEKIT_API_SECRET: at least 32 bytes."""

    openai_api_key: SecretStr = Field(validation_alias=_env("OPENAI_API_KEY"))
    openai_base_url: HttpUrl | None = Field(default=None, validation_alias=_env("OPENAI_BASE_URL"))
    """OPENAI_BASE_URL: None is OpenAI itself."""

    realtime_model: str = Field(default=REGISTRY.realtime.default, validation_alias=_env("POLYGLOT_REALTIME_MODEL"))
    chat_model: str = Field(default=REGISTRY.chat.default, validation_alias=_env("POLYGLOT_CHAT_MODEL"))
    transcription_model: str = Field(
        default=REGISTRY.transcription.default, validation_alias=_env("POLYGLOT_TRANSCRIPTION_MODEL")
    )
    speech_model: str = Field(default=REGISTRY.speech.default, validation_alias=_env("POLYGLOT_SPEECH_MODEL"))
    voice: str = Field(default=REGISTRY.speech.default_voice or "coral", validation_alias=_env("POLYGLOT_VOICE"))

    api_url: HttpUrl = Field(default=HttpUrl("http://127.0.0.1:8000"), validation_alias=_env("API_SERVER_URL"))

    max_calls: Annotated[int, Field(ge=1, le=100, validation_alias=_env("POLYGLOT_AGENT_MAX_CALLS"))] = 6
    """Calls at once in this worker; one more is refused, so that another worker takes it."""
    idle_processes: Annotated[int, Field(ge=0, le=16, validation_alias=_env("POLYGLOT_AGENT_IDLE_PROCESSES"))] = 2
    """Warm processes waiting for a call; each costs about 10 MB and saves about half a second of joining."""
    health_host: str = Field(default="127.0.0.1", validation_alias=_env("POLYGLOT_AGENT_HEALTH_HOST"))
    health_port: Annotated[int, Field(ge=0, le=65535, validation_alias=_env("POLYGLOT_AGENT_HEALTH_PORT"))] = 8081
    ecs_service: str | None = Field(default=None, validation_alias=_env("POLYGLOT_ECS_SERVICE"))
    """POLYGLOT_ECS_SERVICE: on ECS, the service that this task belongs to, so that it notices a newer version."""
    log_level: Annotated[
        str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$", validation_alias=_env("POLYGLOT_LOG_LEVEL"))
    ] = "INFO"

    @field_validator("livekit_api_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) < 32:  # noqa: PLR2004 - the number is in the message
            raise ValueError("LIVEKIT_API_SECRET must be at least 32 bytes; make one with `openssl rand -hex 32`")
        return value

    @model_validator(mode="after")
    def _base_url_ends_in_v1(self) -> Self:
        # The realtime client appends /realtime only to a path it knows, and uses any other path as it is.
        if self.openai_base_url and (self.openai_base_url.path or "").rstrip("/") not in ("", "/v1", "/openai/v1"):
            raise ValueError("OPENAI_BASE_URL must end in /v1, for example http://127.0.0.1:8090/v1")
        return self

    @property
    def model_base_url(self) -> str | None:
        """Base URL for the plugins, without a trailing slash; None is OpenAI itself."""
        return str(self.openai_base_url).rstrip("/") if self.openai_base_url else None
