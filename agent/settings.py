"""The agent's settings, read once from the environment. A wrong value stops the start with the variable's name,
what was wrong and what is allowed.
"""

import os
from typing import Annotated, Any, Self

from pydantic import (
    AliasChoices,
    Field,
    HttpUrl,
    SecretStr,
    UrlConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.networks import AnyUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent import budgets
from contracts.models import (
    PROVIDER_VARIABLES,
    REGISTRY,
    VOICE_STAGE_OF,
    ModelRef,
    Stage,
    check_voice,
    known_models,
    parse_models,
)

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

    openai_base_url: HttpUrl | None = Field(default=None, validation_alias=_env("OPENAI_BASE_URL"))
    """OPENAI_BASE_URL: where `openai/...` models are; None is OpenAI itself."""

    realtime_model: str = Field(
        default=REGISTRY.defaults[Stage.REALTIME], validation_alias=_env("POLYGLOT_REALTIME_MODEL")
    )
    chat_model: str = Field(default=REGISTRY.defaults[Stage.CHAT], validation_alias=_env("POLYGLOT_CHAT_MODEL"))
    transcription_model: str = Field(
        default=REGISTRY.defaults[Stage.TRANSCRIPTION], validation_alias=_env("POLYGLOT_TRANSCRIPTION_MODEL")
    )
    speech_model: str = Field(default=REGISTRY.defaults[Stage.SPEECH], validation_alias=_env("POLYGLOT_SPEECH_MODEL"))
    """POLYGLOT_<STAGE>_MODEL: an ordered list such as `openai/gpt-6-luna, anthropic/claude-sonnet-4-6`."""
    expert_model: str | None = Field(default=None, validation_alias=_env("POLYGLOT_EXPERT_MODEL"))
    """POLYGLOT_EXPERT_MODEL: chat models, in order, for questions in general terms that no search answers; None: nobody."""
    realtime_voice: str | None = Field(
        default=None, validation_alias=AliasChoices("POLYGLOT_REALTIME_VOICE", "POLYGLOT_VOICE")
    )
    speech_voice: str | None = Field(
        default=None, validation_alias=AliasChoices("POLYGLOT_SPEECH_VOICE", "POLYGLOT_VOICE")
    )
    """Voice of a stage's first model; None is its provider's own choice, by language where it has one for each."""

    realtime_base_url: HttpUrl | None = Field(default=None, validation_alias=_env("POLYGLOT_REALTIME_BASE_URL"))
    chat_base_url: HttpUrl | None = Field(default=None, validation_alias=_env("POLYGLOT_CHAT_BASE_URL"))
    transcription_base_url: HttpUrl | None = Field(
        default=None, validation_alias=_env("POLYGLOT_TRANSCRIPTION_BASE_URL")
    )
    speech_base_url: HttpUrl | None = Field(default=None, validation_alias=_env("POLYGLOT_SPEECH_BASE_URL"))
    """POLYGLOT_<STAGE>_BASE_URL: where `server/...` models of the stage are: any server with OpenAI's API."""
    realtime_api_key: SecretStr | None = Field(default=None, validation_alias=_env("POLYGLOT_REALTIME_API_KEY"))
    chat_api_key: SecretStr | None = Field(default=None, validation_alias=_env("POLYGLOT_CHAT_API_KEY"))
    transcription_api_key: SecretStr | None = Field(
        default=None, validation_alias=_env("POLYGLOT_TRANSCRIPTION_API_KEY")
    )
    speech_api_key: SecretStr | None = Field(default=None, validation_alias=_env("POLYGLOT_SPEECH_API_KEY"))
    provider_values: dict[str, SecretStr] = Field(default_factory=dict, exclude=True)
    """Keys and other variables of the providers, by the names that the registry gives them."""

    api_url: HttpUrl = Field(default=HttpUrl("http://127.0.0.1:8000"), validation_alias=_env("API_SERVER_URL"))

    max_calls: Annotated[int, Field(ge=1, le=100, validation_alias=_env("POLYGLOT_AGENT_MAX_CALLS"))] = 6
    """Calls at once in this worker; one more is refused, so that another worker takes it."""
    idle_processes: Annotated[int, Field(ge=0, le=16, validation_alias=_env("POLYGLOT_AGENT_IDLE_PROCESSES"))] = 2
    """Warm processes waiting for a call; each costs about 10 MB and saves about half a second of joining."""
    drain_seconds: Annotated[
        int, Field(ge=1, le=budgets.DRAIN, validation_alias=_env("POLYGLOT_AGENT_DRAIN_SECONDS"))
    ] = budgets.DRAIN
    """On SIGTERM, how long running calls may go on here before another worker takes them over."""
    health_host: str = Field(default="127.0.0.1", validation_alias=_env("POLYGLOT_AGENT_HEALTH_HOST"))
    health_port: Annotated[int, Field(ge=0, le=65535, validation_alias=_env("POLYGLOT_AGENT_HEALTH_PORT"))] = 8081
    ecs_service: str | None = Field(default=None, validation_alias=_env("POLYGLOT_ECS_SERVICE"))
    """POLYGLOT_ECS_SERVICE: on ECS, the service that this task belongs to, so that it notices a newer version."""
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = Field(
        default=None, validation_alias=_env("POLYGLOT_REVISION")
    )
    """What this version of the agent is called in the record of its calls, such as its image's digest; None: nothing."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None, validation_alias=_env("POLYGLOT_AGENT_METRICS_PORT")
    )
    """Where Prometheus finds `/metrics` of this worker, on the address of its health endpoints; None: nowhere."""
    traces_url: HttpUrl | None = Field(default=None, validation_alias=_env("POLYGLOT_TRACES_URL"))
    """Where an OpenTelemetry collector takes OTLP over HTTP; None: no traces."""
    traces_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0, validation_alias=_env("POLYGLOT_TRACES_SHARE")
    )
    """Of all traces, those that are kept; chosen by their ids, so that the API keeps the same ones."""
    log_level: Annotated[
        str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$", validation_alias=_env("POLYGLOT_LOG_LEVEL"))
    ] = "INFO"

    @field_validator("livekit_api_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) < 32:  # noqa: PLR2004 - the number is in the message
            raise ValueError("LIVEKIT_API_SECRET must be at least 32 bytes; make one with `openssl rand -hex 32`")
        return value

    @field_validator(
        "openai_base_url", "realtime_base_url", "chat_base_url", "transcription_base_url", "speech_base_url"
    )
    @classmethod
    def _ends_in_v1(cls, value: HttpUrl | None) -> HttpUrl | None:
        # The realtime client appends /realtime only to a path it knows, and uses any other path as it is.
        if value and (value.path or "").rstrip("/") not in ("", "/v1", "/openai/v1"):
            raise ValueError("must end in /v1, for example http://127.0.0.1:8090/v1")
        return value

    @field_validator("realtime_model", "chat_model", "transcription_model", "speech_model")
    @classmethod
    def _known_models(cls, value: str, info: ValidationInfo) -> str:
        return known_models(Stage(str(info.field_name).removesuffix("_model")), value)

    @field_validator("expert_model")
    @classmethod
    def _known_experts(cls, value: str | None) -> str | None:
        return known_models(Stage.CHAT, value) if value and value.strip() else None

    @model_validator(mode="before")
    @classmethod
    def _provider_values(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic's type
        """Each provider's own variables: which ones there are is the registry's business."""
        if isinstance(data, dict):
            found = {name: data.get(name) or os.environ.get(name) for name in PROVIDER_VARIABLES}
            data = {**data, "provider_values": {name: value for name, value in found.items() if value}}
        return data

    @model_validator(mode="after")
    def _usable(self) -> Self:
        for stage in Stage:
            for ref in self.models(stage):
                for name in (*ref.offer.secrets, *ref.offer.variables):
                    if not self.value_of(name):
                        raise ValueError(f"{name} is not set, and POLYGLOT_{stage.upper()}_MODEL names {ref}")
        for ref in self.experts:
            absent = [name for name in (*ref.offer.secrets, *ref.offer.variables) if not self.value_of(name)]
            if absent:
                raise ValueError(f"{', '.join(absent)} is not set, and POLYGLOT_EXPERT_MODEL names {ref}")
        for stage in VOICE_STAGE_OF.values():
            try:
                check_voice(self.models(stage)[0], self.voice(stage))
            except ValueError as error:
                raise ValueError(f"POLYGLOT_{stage.upper()}_VOICE: {error}") from None
        return self

    def models(self, stage: Stage) -> tuple[ModelRef, ...]:
        """The models of a stage, the first one first."""
        return parse_models(stage, str(getattr(self, f"{stage}_model")))

    @property
    def experts(self) -> tuple[ModelRef, ...]:
        """The models for questions in general terms, the first one first; empty where none is configured."""
        return parse_models(Stage.CHAT, self.expert_model) if self.expert_model else ()

    @property
    def every_model(self) -> tuple[ModelRef, ...]:
        """All that may be asked for anything."""
        return (*(ref for stage in Stage for ref in self.models(stage)), *self.experts)

    def voice(self, stage: Stage) -> str | None:
        """The voice that was set for a stage's first model."""
        return {Stage.REALTIME: self.realtime_voice, Stage.SPEECH: self.speech_voice}.get(stage)

    def value_of(self, name: str) -> str | None:
        """A provider's key or variable."""
        if name.startswith("POLYGLOT_"):
            url = getattr(self, name.removeprefix("POLYGLOT_").lower())
            return str(url).rstrip("/") if url else None
        value = self.provider_values.get(name)
        return value.get_secret_value() if value else None

    @property
    def model_base_url(self) -> str | None:
        """Base URL of `openai/...` models, without a trailing slash; None is OpenAI itself."""
        return str(self.openai_base_url).rstrip("/") if self.openai_base_url else None
