"""Network and edge of a stack."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from infra.settings.base import HostName, LogDays, Section, retention, text
from infra.settings.offers import addresses, block, network


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


SubnetId = Annotated[str, text("subnet")]


class Subnets(Section):
    """Subnets of an existing VPC, one in each zone, in the order of `aws.zones`."""

    private: tuple[SubnetId, ...]
    """With a way out to the internet: tasks, and the load balancer when it is internal."""
    public: tuple[SubnetId, ...] = ()
    isolated: tuple[SubnetId, ...] = ()
    """Database and cache."""


class NetworkSettings(Section):
    """The VPC: made here, or the company's own."""

    vpc_id: Annotated[str | None, text("vpc")] = None
    """An existing VPC; then its subnets and its addresses (`cidr`) must be given, and its NAT and flow logs are its own."""
    subnets: Subnets | None = None
    cidr: Annotated[str, AfterValidator(addresses), Field(examples=["10.0.0.0/16"])] = "10.0.0.0/16"
    """/16 to /20: three subnets in each of two or three zones must fit."""
    nat: Nat = Nat.PER_AZ
    nat_instance_type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*\.[a-z0-9]+$", examples=["t4g.micro"])] = (
        "t4g.micro"
    )
    """512 MB (t4g.nano) are too little for the package manager that mends it."""
    flow_logs: bool = True
    flow_log_days: Annotated[LogDays, AfterValidator(retention)] = 30

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.vpc_id is None) != (self.subnets is None):
            raise ValueError("vpc_id, subnets: an existing VPC needs both, a new one neither")
        if self.vpc_id is None:
            network(self.cidr)
            return self
        if "cidr" not in self.model_fields_set:
            raise ValueError("cidr: must be the existing VPC's own addresses; security groups and the API go by them")
        own = sorted({"nat", "nat_instance_type", "flow_logs", "flow_log_days"} & self.model_fields_set)
        if own:
            raise ValueError(f"{own[0]}: an existing VPC has its own; leave it out")
        return self


Certificate = Annotated[str, text("certificate")]


class EdgeSettings(Section):
    """How the API is reached. Without a domain, CloudFront gives HTTPS under its own name."""

    domain: HostName | None = None
    zone: HostName | None = Field(default=None, examples=["example.com"])
    """Route 53 hosted zone that holds the domain; None: the domain's parent."""
    certificate_arn: Certificate | None = None
    """A certificate made elsewhere for the domain, in the stack's region; None: one is made and proven in the zone."""
    cloudfront_certificate_arn: Certificate | None = None
    """The same in us-east-1, for CloudFront."""
    dns: Literal["route53", "manual"] = "route53"
    """`manual`: the zone is elsewhere. The output `dns_target` says what the domain's CNAME must be."""
    internal: bool = False
    """A load balancer without a public address, for those who are in the VPC or connected to it."""
    allow: tuple[Annotated[str, AfterValidator(block)], ...] = Field(default=(), examples=["203.0.113.0/24"])
    """Addresses that may reach the load balancer; none: everybody, or the VPC's when it is internal."""
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
        wrong = [text for broken, text in self._mistakes() if broken]
        if wrong:
            raise ValueError("; and ".join(wrong))
        return self

    def _mistakes(self) -> tuple[tuple[bool, str], ...]:
        given, manual = self.certificate_arn is not None, self.dns == "manual"
        global_one = self.cloudfront_certificate_arn
        return (
            (self.domain is None and (given or manual), "domain: must be set, as certificate and DNS are for it"),
            (manual and self.zone is not None, "zone: is not looked up with dns 'manual'; leave it out"),
            (manual and not given, "certificate_arn: must be set with dns 'manual': nobody here can prove the domain"),
            (self.internal and self.cloudfront, "cloudfront: is reached from everywhere; must be false with internal"),
            (self.internal and self.domain is None, "domain: must be set with internal: its certificate needs a name"),
            (
                bool(self.allow) and self.through_cloudfront,
                "allow: the load balancer sees CloudFront's addresses only; leave it out",
            ),
            (
                given and self.cloudfront and global_one is None,
                "cloudfront_certificate_arn: must be set with certificate_arn",
            ),
            (
                global_one is not None and (not self.cloudfront or not given or ":us-east-1:" not in global_one),
                "cloudfront_certificate_arn: one of us-east-1, with cloudfront and certificate_arn; else leave it out",
            ),
        )

    @property
    def through_cloudfront(self) -> bool:
        """Whether CloudFront stands before the load balancer."""
        return self.cloudfront or (self.domain is None and not self.internal)

    @property
    def zone_name(self) -> str | None:
        """The hosted zone of the domain; None without a domain, or where somebody else has it."""
        if self.dns == "manual" or self.domain is None:
            return None
        return self.zone or self.domain.split(".", 1)[1]
