"""The two services and what they talk to."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from contracts.fares import FARE_SOURCES
from contracts.models import (
    REGISTRY,
    VOICE_STAGE_OF,
    ModelRef,
    Stage,
    check_voice,
    extras,
    known_models,
    needs_newer,
    parse_models,
)
from infra.settings.base import LIMITS, ImageDigest, LogDays, Section, retention, text

FARGATE: Final = {int(units): range(least, most + 1, step) for units, (least, most, step) in LIMITS["fargate"].items()}
"""CPU units to MiB."""

AGENT_IDLE_MIB: Final = 620
AGENT_CALL_MIB: Final = 70
"""Memory of an idle agent and of each call, from `make bench` (2026-11-28: 599 and 52 MB), with room to spare."""
STOP_TIMEOUT_MAX: Final = 120
MAIL_SERVER: Final = "POLYGLOT_ALERTS_SMTP_URL"
IMAGE_PYTHON: Final = (3, 11)
"""Of `agent/Dockerfile`; a test compares."""
BLOCKED_PORT: Final = 25
"""Source: https://repost.aws/knowledge-center/ec2-port-25-throttle"""


class Architecture(StrEnum):
    """CPU of the tasks; ARM costs a fifth less."""

    ARM64 = "arm64"
    AMD64 = "amd64"


def _fare_source(name: str) -> str:
    if name not in FARE_SOURCES:
        raise ValueError(f"there is no fare source {name!r}; allowed are {', '.join(FARE_SOURCES)}")
    return name


Hour = Annotated[int, Field(ge=0, le=23)]


def _models(stage: Stage) -> tuple[AfterValidator, Any]:
    return AfterValidator(partial(known_models, stage)), Field(examples=[REGISTRY.defaults[stage]])


RealtimeModels = Annotated[str, *_models(Stage.REALTIME)]
ChatModels = Annotated[str, *_models(Stage.CHAT)]
TranscriptionModels = Annotated[str, *_models(Stage.TRANSCRIPTION)]
SpeechModels = Annotated[str, *_models(Stage.SPEECH)]


class ServiceSettings(Section):
    """What all services have in common."""

    cpu: int
    """Fargate CPU units; 1024 are one vCPU."""
    memory: int
    """MiB."""
    image: ImageDigest | None = None
    """Image by digest, from the pipeline; None: built by this program with the local Docker engine."""
    tasks_min: Annotated[int, Field(ge=1, le=100)] = 2
    tasks_max: Annotated[int, Field(ge=1, le=500)] = 10
    log_days: Annotated[LogDays, AfterValidator(retention)] = 30
    spot: bool = False
    """Run on spare capacity, which AWS takes back with two minutes' notice: calls drop. Not in prod."""
    sleeps: Annotated[tuple[Hour, Hour] | None, Field(examples=[20, 6])] = None
    """Hours of the day (UTC): no task runs from the first on, until the second on weekdays. Not in prod."""
    exec_enabled: bool = False
    """ECS Exec: a shell in a running task, logged."""
    variables: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str] = Field(default_factory=dict)
    """More environment variables for the service, as its reference documents them; nothing secret."""

    @model_validator(mode="after")
    def _fargate_has_it(self) -> Self:
        allowed = FARGATE.get(self.cpu)
        if allowed is None:
            raise ValueError(f"cpu: Fargate has {', '.join(map(str, FARGATE))} units, not {self.cpu}")
        sizes = [size for size in allowed if self.cpu != 256 or size != 1536]  # noqa: PLR2004 - only 512, 1024 and 2048
        if self.memory not in sizes:
            raise ValueError(
                f"memory: with {self.cpu} CPU units Fargate has {', '.join(map(str, sizes))} MiB, not {self.memory}"
            )
        if self.tasks_max < self.tasks_min:
            raise ValueError(f"tasks_max: {self.tasks_max} is less than tasks_min {self.tasks_min}")
        return self

    @field_validator("variables")
    @classmethod
    def _nothing_secret(cls, value: dict[str, str]) -> dict[str, str]:
        secret = [name for name in value if looks_secret(name)]
        if secret:
            raise ValueError(f"{', '.join(secret)}: a secret never goes in plain; use `polyglot secrets set`")
        return value


def looks_secret(name: str) -> bool:
    """Whether an environment variable's name says that its value is a secret.

    A DATABASE_URL or SMTP_URL holds a password; a key's identifier (LIVEKIT_API_KEY) is treated as secret too.
    """
    words = set(name.upper().split("_"))
    return bool(words & {"SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "CREDENTIALS", "KEY", "PRIVATE"}) or (
        name.upper().endswith(("DATABASE_URL", "SMTP_URL", "_DSN"))
    )


class AlertSettings(Section):
    """Price alerts: POLYGLOT_ALERTS_*. Without a sender they are told to webhooks only."""

    mail_from: Annotated[str | None, text("sender")] = None
    """Sender of the e-mails; with it the secret POLYGLOT_ALERTS_SMTP_URL must be set before the stack."""
    mail_port: Annotated[int, Field(ge=1, le=65535, examples=[587])] = 587
    """The mail server's, which the API may then reach. AWS lets nobody out on 25."""
    hours: Annotated[float | None, Field(ge=0.01, le=168, examples=[12])] = None
    most: Annotated[int | None, Field(ge=1, le=1000, examples=[20])] = None

    @field_validator("mail_port")
    @classmethod
    def _leaves_the_account(cls, value: int) -> int:
        if value == BLOCKED_PORT:
            raise ValueError("mail_port: AWS blocks port 25 of every account; mail servers take 587 or 465 too")
        return value


class ApiSettings(ServiceSettings):
    """The FastAPI service behind the load balancer."""

    cpu: int = 512
    memory: int = 1024
    requests_per_task: Annotated[int, Field(ge=10, le=100_000)] = 600
    """Requests a minute on each task that scaling aims at."""
    secrets: tuple[
        Literal[
            "POLYGLOT_OPERATOR_KEY", "POLYGLOT_PAGE_KEY", "LIVEKIT_PREVIOUS_API_KEY", "LIVEKIT_PREVIOUS_API_SECRET"
        ],
        ...,
    ] = ()
    """Secrets that the API is given beside those that it needs; each must be set before the stack."""
    summary_model: ChatModels | None = None
    """POLYGLOT_SUMMARY_MODEL, an ordered list of chat models; None: the record of a call has plain facts. A model's key
    must be set before the stack."""
    fare_sources: tuple[Annotated[str, AfterValidator(_fare_source)], ...] = ()
    """POLYGLOT_FARE_SOURCES, in the order in which they are asked: names of `contracts/fares.toml`. Their keys must be set
    before the stack."""
    personas: tuple[Literal["flights", "intake"], ...] = ()
    """POLYGLOT_PERSONAS, the first is the default: names of `contracts/personas.toml`; none: the API's own default."""
    alerts: AlertSettings = AlertSettings()

    @property
    def summarisers(self) -> tuple[ModelRef, ...]:
        """The models that write the records of calls, the first one first."""
        return parse_models(Stage.CHAT, self.summary_model) if self.summary_model else ()

    @property
    def requested(self) -> frozenset[str]:
        """Secrets that are needed for these settings alone."""
        return frozenset(self.secrets) | ({MAIL_SERVER} if self.alerts.mail_from else frozenset())


class AgentSettings(ServiceSettings):
    """The LiveKit Agents worker: nothing reaches it, it reaches LiveKit, the model provider and the API."""

    cpu: int = 512
    memory: int = 1024
    calls_per_task: Annotated[int, Field(ge=1, le=100)] = 4
    """POLYGLOT_AGENT_MAX_CALLS: one more is refused, so that another task takes it."""
    calls_target: Annotated[float, Field(gt=0, le=100)] = 2.0
    """Live calls on each task that scaling aims at; the rest is room until the next task has started."""
    stop_timeout: Annotated[int, Field(ge=30, le=STOP_TIMEOUT_MAX)] = STOP_TIMEOUT_MAX
    """Seconds from SIGTERM to SIGKILL; Fargate allows 120."""

    @model_validator(mode="after")
    def _calls_fit(self) -> Self:
        need = AGENT_IDLE_MIB + self.calls_per_task * AGENT_CALL_MIB
        if need > self.memory:
            fits = max(0, (self.memory - AGENT_IDLE_MIB) // AGENT_CALL_MIB)
            raise ValueError(
                f"calls_per_task: {self.calls_per_task} calls need {need} MiB ({AGENT_IDLE_MIB} + {AGENT_CALL_MIB} "
                f"each), the task has {self.memory}; allowed is at most {fits}, or give agent.memory more"
            )
        if self.calls_target > self.calls_per_task:
            raise ValueError(f"calls_target: {self.calls_target:g} is more than calls_per_task {self.calls_per_task}")
        return self


ServerUrl = Annotated[str, text("server_url")]


class ModelSettings(Section):
    """Which models the agent uses; empty: the defaults of the registry in `contracts/models.toml`.

    Each is an ordered list such as `openai/gpt-6-luna, anthropic/claude-sonnet-4-6`; a name that nobody has is refused.
    """

    base_url: ServerUrl | None = None
    """Another service with OpenAI's API; None: OpenAI itself."""
    speech_base_url: ServerUrl | None = None
    """Where `server/...` models of the speech stage are."""
    realtime: RealtimeModels | None = None
    chat: ChatModels | None = None
    transcription: TranscriptionModels | None = None
    speech: SpeechModels | None = None
    expert: ChatModels | None = None
    """POLYGLOT_EXPERT_MODEL, a list as the others: chat models that harder questions go to; None: nobody."""
    voice: str | None = None
    """Voice of both stages that speak; the two below are for one each."""
    realtime_voice: str | None = None
    speech_voice: str | None = None

    def refs(self, stage: Stage) -> tuple[ModelRef, ...]:
        """The models of a stage, the first one first."""
        return parse_models(stage, getattr(self, stage) or REGISTRY.defaults[stage])

    def listed(self) -> Mapping[str, tuple[ModelRef, ...]]:
        """The models that the agent may ask, by the key that names them."""
        experts = {"expert": parse_models(Stage.CHAT, self.expert)} if self.expert else {}
        return {**{stage.value: self.refs(stage) for stage in Stage}, **experts}

    @property
    def plugins(self) -> str:
        """The build argument PROVIDERS of an image that can ask all of them."""
        return " ".join(extras(ref for refs in self.listed().values() for ref in refs))

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        for stage in VOICE_STAGE_OF.values():
            own = f"{stage}_voice"
            key = own if getattr(self, own) else "voice"
            try:
                check_voice(self.refs(stage)[0], getattr(self, key))
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from None
        for key, refs in self.listed().items():
            for ref in refs:
                if newer := needs_newer(ref, IMAGE_PYTHON):
                    raise ValueError(f"{key}: {ref} needs Python {newer}, which the image does not have")
        return self


MediaUrl = Annotated[str, text("media_url")]


class LiveKitSettings(Section):
    """The media server: LiveKit Cloud, or one that somebody else runs, by its URL."""

    url: MediaUrl | None = None
    agent_name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")] = "polyglot-flight-agent"
