"""Network and edge of a stack."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from infra.settings.base import HostName, LogDays, Section, retention
from infra.settings.offers import network


class Nat(StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    """Not at all: tasks get public addresses and security groups that let nothing in."""
    INSTANCE = "instance"
    """One small Linux instance in an Auto Scaling group that replaces it; about 7 dollars a month."""
    SINGLE = "single"
    """One managed gateway; a lost zone takes the others' way out with it."""
    PER_AZ = "per_az"
    """A managed gateway in each zone."""


class NetworkSettings(Section):
    """The VPC."""

    cidr: Annotated[str, AfterValidator(network), Field(examples=["10.0.0.0/16"])] = "10.0.0.0/16"
    """/16 to /20: three subnets in each of two or three zones must fit."""
    nat: Nat = Nat.PER_AZ
    nat_instance_type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*\.[a-z0-9]+$", examples=["t4g.micro"])] = (
        "t4g.micro"
    )
    """512 MB (t4g.nano) are too little for the package manager that mends it."""
    flow_logs: bool = True
    flow_log_days: Annotated[LogDays, AfterValidator(retention)] = 30


class EdgeSettings(Section):
    """How the API is reached. Without a domain, CloudFront gives HTTPS under its own name."""

    domain: HostName | None = None
    zone: HostName | None = Field(default=None, examples=["example.com"])
    """Route 53 hosted zone that holds the domain; None: the domain's parent."""
    cloudfront: bool = False
    """Serve everything through CloudFront (always so without a domain)."""
    waf: bool = True
    rate_limit: Annotated[int, Field(ge=10, le=2_000_000_000, examples=[2000])] = 2000
    """Requests from one address in five minutes before WAF blocks it."""
    idle_timeout: Annotated[int, Field(ge=60, le=4000, examples=[400])] = 400
    """Seconds without a byte after which the load balancer closes a WebSocket; more than the gateway's own limit."""
    access_log_days: Annotated[int, Field(ge=1, le=3650)] = 90

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.zone is not None and self.domain is None:
            raise ValueError("zone: is only used with domain; set edge.domain too")
        if self.zone is not None and self.domain is not None and not f".{self.domain}".endswith(f".{self.zone}"):
            raise ValueError(f"zone: {self.domain!r} does not lie in the zone {self.zone!r}")
        return self

    @property
    def through_cloudfront(self) -> bool:
        """Whether CloudFront stands before the load balancer."""
        return self.cloudfront or self.domain is None

    @property
    def zone_name(self) -> str | None:
        """The hosted zone of the domain; None without a domain."""
        return self.zone or (self.domain.split(".", 1)[1] if self.domain else None)
