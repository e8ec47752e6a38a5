"""The settings of a stack as a whole, and the rules between its sections."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from infra.settings.base import (
    EXAMPLE_ACCOUNT,
    AccountId,
    Arn,
    Email,
    Environment,
    LogDays,
    Region,
    Section,
    Zone,
    retention,
)
from infra.settings.network import EdgeSettings, Nat, NetworkSettings
from infra.settings.services import AgentSettings, ApiSettings, Architecture, LiveKitSettings, ModelSettings


class AwsSettings(Section):
    """Where a stack lives. Another account's credentials are refused before anything is created."""

    account: AccountId
    region: Region = "us-east-1"
    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3)] = ("us-east-1a", "us-east-1b")
    """Availability zones, named: asking AWS for them would replace subnets when their order changes."""
    permissions_boundary: Arn | None = None
    """Policy that bounds every role made here; None: the one that the bootstrap project makes."""

    @model_validator(mode="after")
    def _zones_lie_in_the_region(self) -> Self:
        outside = [zone for zone in self.zones if zone[:-1] != self.region]
        if outside:
            raise ValueError(f"zones: {', '.join(outside)} not in region {self.region}")
        if len(set(self.zones)) != len(self.zones):
            raise ValueError("zones: each zone only once")
        return self


class Database(StrEnum):
    """Where the API keeps sessions and turns."""

    NONE = "none"
    """SQLite inside the task: gone with it. Never in prod."""
    POSTGRES = "postgres"
    """RDS PostgreSQL on one instance, with a standby in prod."""
    AURORA = "aurora"
    """Aurora PostgreSQL Serverless v2."""


class DataSettings(Section):
    """Database and cache."""

    database: Database = Database.POSTGRES
    postgres_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.t4g.micro"
    postgres_storage: Annotated[int, Field(ge=20, le=16_384)] = 20
    """GiB."""
    multi_az: bool = False
    aurora_min: Annotated[float, Field(ge=0, le=128, multiple_of=0.5)] = 0.5
    aurora_max: Annotated[float, Field(ge=1, le=128, multiple_of=0.5)] = 4
    """Aurora capacity units; about 2 GiB of memory each."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    valkey: bool = False
    valkey_max_gb: Annotated[int, Field(ge=1, le=5000)] = 1

    @model_validator(mode="after")
    def _capacity_grows(self) -> Self:
        if self.aurora_max < self.aurora_min:
            raise ValueError(f"aurora_max: {self.aurora_max:g} is less than aurora_min {self.aurora_min:g}")
        return self


class EyesSettings(Section):
    """What an operator sees, and when they are told."""

    alarm_email: Email | None = None
    runbook: Annotated[str, Field(pattern=r"^https://\S+$")] = (
        "https://github.com/polyglot-voice/polyglot/blob/main/docs/runbook.md"
    )
    """Where each alarm's text points to."""
    insights: Literal["enhanced", "enabled", "disabled"] = "enabled"
    """Container Insights."""
    canary: bool = False
    """A synthetic visitor that asks for /health every five minutes."""
    budget: Annotated[float, Field(gt=0, le=10_000_000)] = 300.0
    """US dollars a month; told at 80 percent, and when the forecast is above it."""
    audit_log_days: Annotated[LogDays, AfterValidator(retention)] = 365


class GuardSettings(Section):
    """What an operator must say before something that cannot be undone."""

    allow_destroy: bool = False
    """Lets a stack lose its database, logs and load balancer: set it, `pulumi up`, then `pulumi destroy`."""


class Settings(Section):
    """One field per key of `pulumi config`, under `polyglot:`."""

    environment: Environment
    aws: AwsSettings = AwsSettings(account=EXAMPLE_ACCOUNT)
    architecture: Architecture = Architecture.ARM64
    network: NetworkSettings = NetworkSettings()
    edge: EdgeSettings = EdgeSettings()
    api: ApiSettings = ApiSettings()
    agent: AgentSettings = AgentSettings()
    models: ModelSettings = ModelSettings()
    livekit: LiveKitSettings = LiveKitSettings()
    data: DataSettings = DataSettings()
    eyes: EyesSettings = EyesSettings()
    guard: GuardSettings = GuardSettings()

    @property
    def prod(self) -> bool:
        """Whether this is production."""
        return self.environment is Environment.PROD

    @property
    def keeps_data(self) -> bool:
        """Whether a delete must be refused until `guard.allow_destroy` is set."""
        return self.prod and not self.guard.allow_destroy

    @model_validator(mode="after")
    def _account_and_livekit_are_known(self) -> Self:
        if self.environment is Environment.LOCAL:
            return self
        if "aws" not in self.model_fields_set:
            raise ValueError(
                "aws.account: is not set; for example `pulumi config set --path polyglot:aws.account 111122223333`"
            )
        if self.livekit.server_url is None:
            raise ValueError("livekit.url: is not set; give the media server's URL, or set livekit.self_hosted")
        return self

    @model_validator(mode="after")
    def _media_nodes_find_each_other(self) -> Self:
        if self.livekit.self_hosted and self.livekit.nodes > 1 and not self.data.valkey:
            raise ValueError(
                "data.valkey: must be true with more than one of livekit.nodes; they share rooms through it"
            )
        return self

    @model_validator(mode="after")
    def _prod_takes_no_short_cuts(self) -> Self:
        if not self.prod:
            return self
        wrong = [text for broken, text in self._short_cuts() if broken]
        if wrong:
            raise ValueError("; and ".join(f"{text} (in prod)" for text in wrong))
        return self

    def _short_cuts(self) -> tuple[tuple[bool, str], ...]:
        return (
            (
                self.network.nat is not Nat.PER_AZ,
                f"network.nat: {self.network.nat.value!r} fails with one zone; allowed is 'per_az'",
            ),
            (
                self.data.database is Database.NONE,
                "data.database: 'none' is SQLite inside a task, lost with it; allowed are 'postgres' and 'aurora'",
            ),
            (
                self.agent.spot,
                "agent.spot: spare capacity is taken back during calls, task protection does not help; must be false",
            ),
            (self.agent.tasks_min < 2, "agent.tasks_min: one task is one failure from silence; at least 2"),  # noqa: PLR2004
            (self.api.tasks_min < 2, "api.tasks_min: one task is one failure from silence; at least 2"),  # noqa: PLR2004
            (not self.edge.waf, "edge.waf: must be true"),
            (not self.network.flow_logs, "network.flow_logs: must be true"),
            (
                self.api.exec_enabled or self.agent.exec_enabled,
                "exec_enabled: a shell in prod is refused; must be false",
            ),
            ("sample" in self.api.fare_sources, "api.fare_sources: sample prices are made up and never answer in prod"),
        )
