"""The settings of a stack as a whole, and the rules between its sections."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from infra.services import SERVICES
from infra.settings.base import (
    EXAMPLE_ACCOUNT,
    AccountId,
    Email,
    Environment,
    LogDays,
    PolicyArn,
    Prefix,
    Region,
    Section,
    Zone,
    retention,
    text,
)
from infra.settings.media import MediaSettings
from infra.settings.network import EdgeSettings, Nat, NetworkSettings
from infra.settings.offers import nearest, offers, partition
from infra.settings.services import (
    AgentSettings,
    ApiSettings,
    Architecture,
    LiveKitSettings,
    ModelSettings,
    ServiceSettings,
)

HOME: Final = "us-east-1"
OWN_SECTIONS: Final = frozenset({"api", "agent"})
"""Services whose numbers have names of their own."""


TagKey = Annotated[str, text("tag_key")]
TagValue = Annotated[str, text("tag_value")]


Topic = Annotated[str, text("topic")]


class AwsSettings(Section):
    """Where a stack lives. Another account's credentials are refused before anything is created."""

    account: AccountId
    prefix: Prefix = "polyglot"
    """First part of every name and path, roles' included; the bootstrap project must have the same."""
    region: Region = HOME
    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3, examples=["us-east-1a", "us-east-1b"])] = ()
    """Availability zones; left out: the region's first two. Named, because asking AWS for them would replace
    subnets when their order changes."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=40)
    """More tags for whatever can be tagged, as a company's rules ask for them."""
    permissions_boundary: PolicyArn | None = None
    """Policy that bounds every role made here; None: the one that the bootstrap project makes."""

    @model_validator(mode="before")
    @classmethod
    def _zones_follow_the_region(cls, raw: Any) -> Any:  # noqa: ANN401 - whatever was configured
        if isinstance(raw, dict) and not raw.get("zones"):
            known = offers().get(str(raw.get("region", HOME)))
            return {**raw, "zones": list(known.zones[:2])} if known else {**raw, "zones": ["us-east-1a", "us-east-1b"]}
        return raw

    @field_validator("tags")
    @classmethod
    def _not_ours(cls, value: dict[str, str]) -> dict[str, str]:
        taken = sorted({"Project", "Environment", "Name"} & set(value))
        if taken:
            raise ValueError(f"{', '.join(taken)}: is set by this program; the bill and the roles go by it")
        return value

    @model_validator(mode="after")
    def _zones_are_there(self) -> Self:
        there = offers()[self.region].zones
        outside = [zone for zone in self.zones if zone not in there]
        if outside:
            raise ValueError(f"zones: {', '.join(outside)} not in {self.region}; it has {', '.join(there)}")
        if len(set(self.zones)) != len(self.zones):
            raise ValueError("zones: each zone only once")
        return self

    @property
    def partition(self) -> str:
        """`aws`, or `aws-us-gov`."""
        return partition(self.region)


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


class ObservabilitySettings(Section):
    """What an operator sees, and when they are told."""

    alarm_email: Email | None = None
    alarm_topic: Topic | None = None
    """A topic of the company's own, which lets this account's alarms and budgets publish; None: one is made."""
    runbook: Annotated[str, Field(pattern=r"^https://\S+$")] = (
        "https://github.com/polyglot-voice/polyglot/blob/main/docs/runbook.md"
    )
    """Where each alarm's text points to."""
    insights: Literal["enhanced", "enabled", "disabled"] = "disabled"
    """Container Insights: $13 a month when enabled; alarms, scaling and dashboard do with what ECS measures for nothing."""
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
    workers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Size and numbers of further services of the table, by their names; defaults stand in the table."""
    models: ModelSettings = ModelSettings()
    livekit: LiveKitSettings = LiveKitSettings()
    media: MediaSettings | None = None
    """Of the stack `media` alone."""
    data: DataSettings = DataSettings()
    observability: ObservabilitySettings = ObservabilitySettings()
    guard: GuardSettings = GuardSettings()
    transform: Annotated[str | None, text("transform")] = None
    """The way to change what no setting changes, on any child resource."""

    def service(self, name: str) -> ServiceSettings:
        """Size and numbers of a service of the table."""
        if name == "api":
            return self.api
        if name == "agent":
            return self.agent
        return ServiceSettings.model_validate({**SERVICES[name].size, **self.workers.get(name, {})})

    @model_validator(mode="after")
    def _workers_are_known(self) -> Self:
        known = [name for name in SERVICES if name not in OWN_SECTIONS]
        for name in self.workers:
            if name not in known:
                allowed = ", ".join(known) or "none: infra/services.toml lists no service beside api and agent"
                raise ValueError(f"workers.{name}: there is no such service; allowed are {allowed}")
        for name in known:
            try:
                self.service(name)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"]))
                raise ValueError(f"workers.{name}.{where}: {first['msg'].removeprefix('Value error, ')}") from None
        return self

    @property
    def prod(self) -> bool:
        """Whether this is production."""
        return self.environment is Environment.PROD

    @property
    def keeps_data(self) -> bool:
        """Whether a delete must be refused until `guard.allow_destroy` is set."""
        return self.environment in (Environment.PROD, Environment.MEDIA) and not self.guard.allow_destroy

    @model_validator(mode="after")
    def _subnets_are_in_the_zones(self) -> Self:
        zones, subnets = len(self.aws.zones), self.network.subnets
        for kind in ("private", "isolated", "public") if subnets else ():
            given = getattr(subnets, kind)
            if given and len(given) < 2:  # noqa: PLR2004 - zones
                raise ValueError(
                    f"network.subnets.{kind}: {len(given)} subnet; load balancer and database need two zones"
                )
            if len(given) > zones:
                raise ValueError(f"network.subnets.{kind}: {len(given)} subnets, and aws.zones names {zones} zones")
        if subnets and not subnets.public and (self.media or not (self.edge.internal or self.edge.through_cloudfront)):
            raise ValueError("network.subnets.public: a load balancer on the internet needs them; or set edge.internal")
        if subnets and not subnets.isolated and (self.data.valkey or self.data.database is not Database.NONE):
            raise ValueError(
                "network.subnets.isolated: database and cache live there; give two subnets without a route out"
            )
        return self

    @model_validator(mode="after")
    def _account_and_livekit_are_known(self) -> Self:
        if (self.media is None) is (self.environment is Environment.MEDIA):
            raise ValueError("media: is the section of the stack media, which needs it, and of no other stack")
        if self.environment is Environment.LOCAL:
            return self
        if "aws" not in self.model_fields_set:
            raise ValueError(
                "aws.account: is not set; for example `pulumi config set --path polyglot:aws.account 111122223333`"
            )
        if self.livekit.url is None and self.media is None:
            raise ValueError(
                "livekit.url: is not set; for example `pulumi config set --path polyglot:livekit.url wss://acme.livekit.cloud`"
            )
        return self

    @model_validator(mode="after")
    def _models_have_what_they_need(self) -> Self:
        told = {**self.agent.variables, "POLYGLOT_SPEECH_BASE_URL": self.models.speech_base_url}
        asked = {(f"models.{key}", "agent"): (refs, told) for key, refs in self.models.listed().items()}
        asked["api.summary_model", "api"] = (self.api.summarisers, dict(self.api.variables))
        for (key, service), (refs, given) in asked.items():
            for ref in refs:
                if absent := [name for name in ref.offer.variables if not given.get(name)]:
                    raise ValueError(f"{key}: {ref} needs {', '.join(absent)}, which {service}.variables does not have")
        return self

    @model_validator(mode="after")
    def _the_region_has_it(self) -> Self:
        here = offers()[self.aws.region]
        wrong = []
        if self.data.database is Database.POSTGRES and self.data.postgres_class not in here.postgres:
            close = nearest(self.data.postgres_class, here.postgres)
            wrong.append(f"data.postgres_class: {self.data.postgres_class!r} is not in {self.aws.region}; {close}")
        kind = self.network.nat_instance_type
        if self.network.nat is Nat.INSTANCE and here.nat and kind not in here.nat:
            close = nearest(kind, here.nat)
            wrong.append(
                f"network.nat_instance_type: {kind!r} is not in {self.aws.region}, or not made for it; {close}"
            )
        if self.observability.alarm_topic and f":sns:{self.aws.region}:" not in self.observability.alarm_topic:
            wrong.append(f"observability.alarm_topic: alarms of {self.aws.region} tell topics of that region only")
        if self.edge.certificate_arn and f":acm:{self.aws.region}:" not in self.edge.certificate_arn:
            wrong.append(f"edge.certificate_arn: the load balancer takes certificates of {self.aws.region} only")
        if self.edge.through_cloudfront and self.aws.partition != "aws":
            wrong.append("edge.domain: must be set, and edge.cloudfront false: CloudFront is not in this partition")
        if wrong:
            raise ValueError("; and ".join(wrong))
        return self

    @model_validator(mode="after")
    def _the_media_server_stands(self) -> Self:
        if self.media is None:
            return self
        if self.network.vpc_id is None and self.network.nat is not Nat.NONE:
            raise ValueError("network.nat: media nodes have addresses of their own; must be 'none'")
        if self.data.database is not Database.NONE:
            raise ValueError("data.database: a media server has none; must be 'none'")
        if self.media.nodes > 1 and not self.data.valkey:
            raise ValueError("data.valkey: several media nodes find each other in it; must be true")
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
                self.network.vpc_id is None and self.network.nat is not Nat.PER_AZ,
                f"network.nat: {self.network.nat.value!r} fails with one zone; allowed is 'per_az'",
            ),
            (
                self.data.database is Database.NONE,
                "data.database: 'none' is SQLite inside a task, lost with it; allowed are 'postgres' and 'aurora'",
            ),
            *(pair for name in SERVICES for pair in self._short_cuts_of(name)),
            (not self.edge.waf, "edge.waf: must be true"),
            (self.network.vpc_id is None and not self.network.flow_logs, "network.flow_logs: must be true"),
            ("sample" in self.api.fare_sources, "api.fare_sources: sample prices are made up and never answer in prod"),
        )

    def _short_cuts_of(self, name: str) -> tuple[tuple[bool, str], ...]:
        service, key = self.service(name), name if name in OWN_SECTIONS else f"workers.{name}"
        few = service.tasks_min < 2  # noqa: PLR2004 - in the message
        return (
            (
                service.spot,
                f"{key}.spot: spare capacity is taken back during calls, task protection does not help; must be false",
            ),
            (few, f"{key}.tasks_min: one task is one failure from silence; at least 2"),
            (service.sleeps is not None, f"{key}.sleeps: prod never sleeps; leave it out"),
            (service.exec_enabled, f"{key}.exec_enabled: a shell in prod is refused; must be false"),
        )
