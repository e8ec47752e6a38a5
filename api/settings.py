"""The API's settings, read once from the environment.

A wrong value stops the start; `describe` turns the error into lines that name the variable, what was wrong and an
example. Secrets are `SecretStr` and never appear in a message.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import (
    AnyHttpUrl,
    AnyUrl,
    Field,
    SecretStr,
    UrlConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.access.settings import SECRET_BYTES, AccessSettings
from api.alerts.settings import PREFIX as ALERTS_PREFIX
from api.alerts.settings import AlertSettings
from api.budgets.settings import PREFIX as BUDGET_PREFIX
from api.budgets.settings import Budgets
from api.database.settings import PREFIX as DATABASE_PREFIX
from api.database.settings import DatabaseServer, DatabaseSettings
from api.fare_settings import FareSettings
from api.privacy.settings import PREFIX as RETENTION_PREFIX
from api.privacy.settings import Retention
from api.recordings.settings import PREFIX as RECORDING_PREFIX
from api.recordings.settings import RecordingSettings
from api.shared_url import checked_url
from api.summaries.settings import PREFIX as SUMMARY_PREFIX
from api.summaries.settings import SummarySettings
from contracts import agent_name
from contracts.dispatch import Pipeline
from contracts.personas import DEFAULT_PERSONA, PERSONAS, check_persona

MediaUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["ws", "wss", "http", "https"], host_required=True)]
Words = Annotated[tuple[str, ...], NoDecode]
Rate = Annotated[str, Field(pattern=r"^[1-9]\d{0,5}/(second|minute|hour)$")]


class Environment(StrEnum):
    """Where this process runs; production refuses what is only fit for trying out."""

    LOCAL = "local"
    STAGING = "staging"
    PROD = "prod"


class WatchTimings(BaseSettings):
    """Clocks of the dispatch watch, in seconds."""

    model_config = SettingsConfigDict(env_prefix="POLYGLOT_WATCH_", extra="ignore")

    ready_deadline: Annotated[float, Field(gt=0, le=120)] = 7.5
    """From a dispatch to an agent that can hear; then it is dispatched again."""
    no_worker_after: Annotated[float, Field(gt=0, le=60)] = 2.0
    """A dispatch without a job for so long was dropped: nobody will take it."""
    backoff: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Least wait before another dispatch; grows with each, and up to half of it is added at random."""
    leave_deadline: Annotated[float, Field(gt=0, le=60)] = 5.0
    """For an agent whose dispatch was deleted to leave the room."""
    report_grace: Annotated[float, Field(ge=0, le=10)] = 1.5
    """From the first sight of a room to the first look into it: most agents have said by then that they can hear."""
    poll_first: Annotated[float, Field(gt=0, le=10)] = 0.25
    poll_waiting_max: Annotated[float, Field(gt=0, le=60)] = 2.0
    """While nobody has joined; the webhook makes it faster."""
    poll_climbing: Annotated[float, Field(gt=0, le=10)] = 0.3
    poll_ready: Annotated[float, Field(gt=0, le=60)] = 3.0
    poll_gave_up: Annotated[float, Field(gt=0, le=60)] = 5.0
    redispatches: Annotated[int, Field(ge=0, le=10)] = 2
    resume_redispatches: Annotated[int, Field(ge=0, le=20)] = 6
    """After a lost agent: more, because its worker may be starting again at this moment."""
    resumes: Annotated[int, Field(ge=0, le=10)] = 3
    """How often a lost agent is replaced within one session."""
    retries: Annotated[int, Field(ge=0, le=20)] = 5
    """How often a user may ask for another attempt within one session."""
    longest: Annotated[float, Field(gt=0)] = 6 * 3600.0
    """After so long a session is no longer watched."""
    sessions_max: Annotated[int, Field(ge=1, le=100_000)] = 2000


class Settings(DatabaseSettings, AccessSettings, FareSettings):
    """One field per environment variable, named in `validation_alias`; the database's and the fares' are inherited."""

    # Said again: of several bases the last one's would count, and it has the library's defaults.
    model_config = DatabaseSettings.model_config

    livekit_url: MediaUrl = Field(validation_alias="LIVEKIT_URL", examples=["wss://media.example.com"])
    livekit_public_url: MediaUrl | None = Field(
        default=None, validation_alias="LIVEKIT_PUBLIC_URL", examples=["wss://media.example.com"]
    )
    """What a browser connects to; None: `livekit_url` with a WebSocket scheme."""
    livekit_api_key: str = Field(min_length=3, validation_alias="LIVEKIT_API_KEY", examples=["polyglot-1"])
    livekit_api_secret: SecretStr = Field(
        validation_alias="LIVEKIT_API_SECRET", examples=["the output of `openssl rand -hex 32`"]
    )
    livekit_timeout: Annotated[float, Field(gt=0, le=30)] = Field(
        default=5.0, validation_alias="POLYGLOT_LIVEKIT_TIMEOUT", examples=["5"]
    )

    environment: Environment = Field(
        default=Environment.LOCAL, validation_alias="POLYGLOT_ENVIRONMENT", examples=["local", "staging", "prod"]
    )
    host: str = Field(default="127.0.0.1", validation_alias="POLYGLOT_HOST", examples=["127.0.0.1"])
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8000, validation_alias="POLYGLOT_PORT", examples=["8000"]
    )
    """0: any free port, printed at the start."""
    valkey_url: SecretStr | None = Field(
        default=None, validation_alias="POLYGLOT_VALKEY_URL", examples=["rediss://cache.example.com:6379"]
    )
    """What all processes share; None: each counts and remembers on its own. See `api/shared.py`."""
    ui_dir: Path | None = Field(default=None, validation_alias="POLYGLOT_UI_DIR", examples=["ui/dist"])
    page_url: AnyHttpUrl | None = Field(
        default=None, validation_alias="POLYGLOT_PAGE_URL", examples=["https://travel.example.com"]
    )
    """Where travellers find the page: in links to shared trips, in e-mails, and back from a booking page."""
    cors_origins: Words = Field(
        default=(), validation_alias="POLYGLOT_CORS_ORIGINS", examples=["https://travel.example.com"]
    )

    default_pipeline: Pipeline = Field(
        default=Pipeline.REALTIME, validation_alias="POLYGLOT_DEFAULT_PIPELINE", examples=["realtime", "cascade"]
    )
    personas: Words = Field(default=(DEFAULT_PERSONA,), validation_alias="POLYGLOT_PERSONAS", examples=["flights"])
    """Personas that may be asked for; the first one answers where a request names none."""
    speech_providers: Words = Field(
        default=("openai",), validation_alias="POLYGLOT_SPEECH_PROVIDERS", examples=["openai"]
    )
    """Providers whose voices may be asked for with a prefix, such as `openai/nova`."""
    token_ttl: Annotated[int, Field(ge=60, le=3600)] = Field(
        default=600, validation_alias="POLYGLOT_TOKEN_TTL", examples=["600"]
    )
    """Seconds in which a first connect must happen; a running call is not cut."""
    departure_timeout: Annotated[int, Field(ge=1, le=300)] = Field(
        default=10, validation_alias="POLYGLOT_DEPARTURE_TIMEOUT", examples=["10"]
    )
    """Seconds that an empty room is kept for somebody who comes back."""
    body_limit: Annotated[int, Field(ge=1024, le=10_000_000)] = Field(
        default=262_144, validation_alias="POLYGLOT_BODY_LIMIT", examples=["262144"]
    )
    rate_sessions: Rate = Field(default="120/minute", validation_alias="POLYGLOT_RATE_SESSIONS", examples=["20/minute"])
    rate_tokens: Rate = Field(default="120/minute", validation_alias="POLYGLOT_RATE_TOKENS", examples=["20/minute"])
    rate_searches: Rate = Field(default="240/minute", validation_alias="POLYGLOT_RATE_SEARCHES", examples=["60/minute"])
    rate_places: Rate = Field(default="600/minute", validation_alias="POLYGLOT_RATE_PLACES", examples=["300/minute"])
    rate_reads: Rate = Field(default="600/minute", validation_alias="POLYGLOT_RATE_READS", examples=["300/minute"])
    rate_receipts: Rate = Field(default="10/minute", validation_alias="POLYGLOT_RATE_RECEIPTS", examples=["10/minute"])
    """Each per caller; without credentials per address. The agent's own calls are not counted."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None, validation_alias="POLYGLOT_METRICS_PORT", examples=["9464"]
    )
    """Where Prometheus finds `/metrics`; None: nowhere. Never the port of the API."""
    traces_url: AnyHttpUrl | None = Field(
        default=None, validation_alias="POLYGLOT_TRACES_URL", examples=["http://127.0.0.1:4318"]
    )
    """Where an OpenTelemetry collector takes OTLP over HTTP; None: no traces."""
    traces_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0, validation_alias="POLYGLOT_TRACES_SHARE", examples=["0.1"]
    )
    """Of all traces, those that are kept; chosen by their ids, so that the agent keeps the same ones."""
    gateway_calls: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=20, validation_alias="POLYGLOT_GATEWAY_CALLS", examples=["20"]
    )
    """Calls over `/ws` at once in this process, which decodes and encodes their sound; 0 takes none."""
    gateway_idle: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=300.0, validation_alias="POLYGLOT_GATEWAY_IDLE", examples=["300"]
    )
    """Seconds without a message after which a call over `/ws` ends."""

    keep_alive: Annotated[int, Field(ge=1, le=4100)] = Field(
        default=75, validation_alias="POLYGLOT_KEEP_ALIVE", examples=["75"]
    )
    """Seconds that an idle connection is kept; more than a load balancer before it does, or it answers 502."""

    watch: WatchTimings = Field(default_factory=WatchTimings)
    budgets: Budgets = Field(default_factory=Budgets)
    retention: Retention = Field(default_factory=Retention)
    recording: RecordingSettings = Field(default_factory=RecordingSettings)
    summaries: SummarySettings = Field(default_factory=SummarySettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)

    @property
    def livekit_keys(self) -> dict[str, str]:
        """Secrets of the media server's keys by name: the one that signs, then one that is being replaced."""
        keys = {self.livekit_api_key: self.api_secret}
        if self.livekit_previous_api_key and self.livekit_previous_api_secret:
            keys.setdefault(self.livekit_previous_api_key, self.livekit_previous_api_secret.get_secret_value())
        return keys

    @field_validator("personas")
    @classmethod
    def _known_personas(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError(f"must name at least one of {', '.join(PERSONAS)}")
        return tuple(check_persona(name) for name in value)

    @field_validator("cors_origins", "speech_providers", "personas", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("livekit_api_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) < SECRET_BYTES:
            raise ValueError(f"must be at least {SECRET_BYTES} bytes")
        return value

    @field_validator("valkey_url")
    @classmethod
    def _names_a_valkey(cls, value: SecretStr | None) -> SecretStr | None:
        return value and checked_url(value)

    @field_validator("ui_dir")
    @classmethod
    def _has_a_page(cls, value: Path | None) -> Path | None:
        if value is not None and not (value / "index.html").is_file():
            raise ValueError("must be a folder that holds index.html; build the page first")
        return value

    @model_validator(mode="after")
    def _fares_are_true_in_production(self) -> Self:
        self.settle_fares(prod=self.environment is Environment.PROD)
        return self

    @property
    def api_secret(self) -> str:
        """The LiveKit secret, for signing."""
        return self.livekit_api_secret.get_secret_value()

    @property
    def public_url(self) -> str:
        """What a browser connects to, with a ws or wss scheme and no trailing slash."""
        url = str(self.livekit_public_url or self.livekit_url).rstrip("/")
        scheme, _, rest = url.partition("://")
        return {"http": "ws", "https": "wss"}.get(scheme, scheme) + "://" + rest


class SettingsError(Exception):
    """The environment is wrong; `lines` say which variable, what was wrong and what would be right."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


NESTED: Final[tuple[tuple[str, str, type[BaseSettings]], ...]] = (
    ("watch", "POLYGLOT_WATCH_", WatchTimings),
    ("database_server", DATABASE_PREFIX, DatabaseServer),
    ("budgets", BUDGET_PREFIX, Budgets),
    ("retention", RETENTION_PREFIX, Retention),
    ("recording", RECORDING_PREFIX, RecordingSettings),
    ("summaries", SUMMARY_PREFIX, SummarySettings),
    ("alerts", ALERTS_PREFIX, AlertSettings),
)
"""Groups of settings with a prefix of their own: field, prefix, model."""


def load() -> Settings:
    """The settings from the environment. Raises SettingsError that names everything that is wrong at once."""
    lines: list[str] = []
    groups: dict[str, BaseSettings] = {}
    for name, _, model in NESTED:
        groups[name] = model.model_construct()
        try:
            groups[name] = model()
        except ValidationError as error:
            lines += describe(error)
    try:
        settings = Settings(**groups)  # type: ignore[arg-type]
    except ValidationError as error:
        lines += describe(error)
    try:
        agent_name()
    except ValueError as error:
        lines.append(str(error))
    if lines:
        raise SettingsError(lines)
    return settings


def load_database() -> DatabaseSettings:
    """Only what a migration needs, so that its task is given nothing else. Raises SettingsError."""
    lines: list[str] = []
    server = DatabaseServer.model_construct()
    try:
        server = DatabaseServer()
    except ValidationError as error:
        lines += describe(error)
    try:
        settings = DatabaseSettings(database_server=server)
    except ValidationError as error:
        lines += describe(error)
    if lines:
        raise SettingsError(lines)
    return settings


def describe(error: ValidationError) -> list[str]:
    """One line for each wrong variable: its name, what was wrong, an example; never the value, it may be a secret."""
    fields = {str(field.validation_alias or name): field for name, field in Settings.model_fields.items()}
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        field = fields.get(name) or Settings.model_fields.get(name)
        variable = str(field.validation_alias) if field and field.validation_alias else _nested_variable(name)
        message = problem["msg"].removeprefix("Value error, ")
        what = "is not set" if problem["type"] == "missing" else message
        example = f"; for example {variable}={field.examples[0]}" if field and field.examples else ""
        lines += [f"{variable}: {what}{example}"] if variable else what.splitlines()
    return lines


def _nested_variable(name: str) -> str:
    for _, prefix, model in NESTED:
        if name in model.model_fields:
            return f"{prefix}{name.upper()}"
    return name
