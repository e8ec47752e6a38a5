"""One function for each part of the bill."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from infra.costs.rates import Rates
from infra.settings import Settings
from infra.settings.model import Database
from infra.settings.network import Nat
from infra.settings.services import ServiceSettings

GIB: Final = 1024
CPU_UNITS: Final = 1024
MINUTES: Final = 43_800
"""Minutes of a month of 730 hours."""
NAT_DISK: Final = 8
"""GB."""
WAF_RULES: Final = 5
"""Three managed groups, the rate rule and the one for large bodies; a test compares it with the firewall component."""
AUDIO_MB: Final = 1.0
"""MB of a call-minute from the agent and to it: Opus at some 64 kbit/s each way, with overhead; an assumption."""
MODEL_MB: Final = (3.84, 1.54)
"""To and from the model in a call-minute: sound of 24 kHz and 16 bit as base64, all the time one way, 24 seconds back."""
INSIGHTS_METRICS: Final = {"enabled": 42, "enhanced": 100}
"""Metrics of Container Insights: 8 and 11 for a service and 6 for a task family when enabled."""
SHARERS: Final = 2
"""Stacks in one account: what an account has free, and its state's key, is half of each one's."""
KMS_REQUESTS: Final = 0.03
"""Of 10,000 requests: logs, parameters and images, beyond what is free; an assumption."""
MIGRATIONS: Final = 30
"""Deploys of the API in a month, each with a migration; an assumption."""
MIGRATION_SECONDS: Final = 120
"""Of the task and of the function that waits for it; an assumption."""
MIGRATION_CPU: Final = 256
MIGRATION_MEMORY: Final = 512
MIGRATION_FUNCTION_MEMORY: Final = 256
"""MiB, as the others; a test compares them with the migration component."""
FREE_EGRESS: Final = 100.0
NODE_DISK: Final = 16
"""GB."""


@dataclass(frozen=True)
class Line:
    """One line of the bill."""

    service: str
    detail: str
    usd: float | None
    """Dollars a month; None: there is no rate for it, so it is not in the total."""


@dataclass(frozen=True)
class Usage:
    """What is assumed of a month, as `usage.toml` says. None of it is a setting, so all of it is printed."""

    minutes: float
    lcus: float
    log_gb: float
    vended_gb: float
    nat_gb: float
    requests: float
    image_gb: float
    alarms: int
    metrics: int


def average_tasks(service: ServiceSettings, calls: float, target: float) -> int:
    """Tasks that run on average: the least that are set, or what the mean number of calls at once needs."""
    return min(max(service.tasks_min, math.ceil(calls / target)), service.tasks_max)


def network(s: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """NAT, endpoints, public addresses and egress."""
    audio = u.minutes * AUDIO_MB / GIB
    zones = len(s.aws.zones)
    if s.network.vpc_id is not None:
        yield Line("NAT", "the existing VPC's own, not counted", 0.0)
    elif s.network.nat is Nat.INSTANCE:
        hourly = r.instance.get(s.network.nat_instance_type)
        usd = None if hourly is None else hourly * r.hours + r.hourly("ipv4") + NAT_DISK * r.usd("disk-gp3")
        yield Line("NAT instance", f"{s.network.nat_instance_type}, public IPv4, {NAT_DISK} GB disk", usd)
    elif s.network.nat is Nat.NONE:
        tasks = s.api.tasks_min + s.agent.tasks_min
        yield Line("Public IPv4 of tasks", f"{tasks}", tasks * r.hourly("ipv4"))
    else:
        count = zones if s.network.nat is Nat.PER_AZ else 1
        data = u.nat_gb + audio + sum(MODEL_MB) * u.minutes / GIB
        yield Line(
            "NAT gateways", f"{count}, each with a public IPv4", count * (r.hourly("nat-gateway") + r.hourly("ipv4"))
        )
        yield Line("NAT data", f"{data:.1f} GB", data * r.usd("nat-gateway-data"))
    egress = audio / 2 + MODEL_MB[0] * u.minutes / GIB + u.requests
    free = FREE_EGRESS / SHARERS
    paid = max(0.0, egress - free)
    yield Line("Egress", f"{egress:.1f} GB, of which {free:g} are free", paid * r.usd("egress"))


def edge(s: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """Load balancer, CloudFront, WAF and DNS."""
    yield Line("Load balancer", "1", r.hourly("alb"))
    yield Line("Load balancer capacity", f"{u.lcus:g} LCU", u.lcus * r.hourly("alb-lcu"))
    if s.edge.through_cloudfront:
        yield Line("CloudFront", "first 1 TB and 10 million requests of a month are free", 0.0)
    elif not s.edge.internal:
        zones = len(s.aws.zones)
        yield Line("Public IPv4 of the load balancer", f"{zones}, one in each zone", zones * r.hourly("ipv4"))
    if s.edge.waf:
        usd = r.usd("waf-acl") + WAF_RULES * r.usd("waf-rule") + u.requests * r.usd("waf-requests")
        yield Line("WAF", f"{WAF_RULES} rules, {u.requests:g} million requests", usd)
    if s.edge.zone_name:
        yield Line("Route 53", "hosted zone", r.usd("hosted-zone"))


def _task(service: ServiceSettings, s: Settings, r: Rates) -> float:
    return _fargate(service.cpu, service.memory, s, r) * r.hours


def _fargate(cpu: int, memory: int, s: Settings, r: Rates) -> float:
    """Dollars an hour of a task of this size."""
    kind = f"fargate-{s.architecture}"
    return cpu / CPU_UNITS * r.usd(f"{kind}-cpu") + memory / GIB * r.usd(f"{kind}-memory")


def compute(s: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """Fargate. The API is taken at its least number of tasks, the agent at what the calls need on average."""
    calls = u.minutes / MINUTES
    api, agent = s.api.tasks_min, average_tasks(s.agent, calls, s.agent.calls_target)
    size = f"{s.api.cpu / CPU_UNITS:g} vCPU, {s.api.memory / GIB:g} GB, {s.architecture}"
    yield Line("Fargate API", f"{api} of {size}", api * _task(s.api, s, r))
    size = f"{s.agent.cpu / CPU_UNITS:g} vCPU, {s.agent.memory / GIB:g} GB, {s.architecture}"
    share, spot = (r.usd("fargate-spot-share"), ", Spot") if s.agent.spot else (1.0, "")
    yield Line("Fargate agent", f"{agent} of {size}{spot}", agent * share * _task(s.agent, s, r))


def data(s: Settings, _: Usage, r: Rates) -> Iterator[Line]:
    """Database and cache."""
    d = s.data
    if d.database is Database.POSTGRES:
        hourly, count = r.database.get(d.postgres_class), 2 if d.multi_az else 1
        storage = d.postgres_storage * r.usd("postgres-storage")
        usd = None if hourly is None else count * (hourly * r.hours + storage)
        zones = "two zones" if d.multi_az else "one zone"
        yield Line("RDS PostgreSQL", f"{d.postgres_class}, {d.postgres_storage} GB, {zones}", usd)
    elif d.database is Database.AURORA:
        usd = d.aurora_min * r.hourly("aurora-capacity") + d.postgres_storage * r.usd("aurora-storage")
        yield Line("Aurora PostgreSQL", f"{d.aurora_min:g} ACU, the least set; up to {d.aurora_max:g}", usd)
    if d.database is not Database.NONE:
        yield Line("Database password", "one secret in Secrets Manager", r.usd("secret"))
        yield _migrations(s, r)
    if d.valkey:
        yield Line("Valkey", "serverless, at its least", r.usd("valkey-serverless"))


def _migrations(s: Settings, r: Rates) -> Line:
    """A task and a Lambda function while they run: cents."""
    seconds = MIGRATIONS * MIGRATION_SECONDS
    task = _fargate(MIGRATION_CPU, MIGRATION_MEMORY, s, r) * seconds / 3600
    function = MIGRATION_FUNCTION_MEMORY / GIB * seconds * r.usd("lambda-arm64")
    return Line("Migrations", f"{MIGRATIONS} of {MIGRATION_SECONDS} s, a task and a function", task + function)


def observability(s: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """Logs, metrics, alarms, dashboard. The budget is free (the account's first two are)."""
    gb, free = u.log_gb + u.vended_gb, r.free["log_gb"] / SHARERS
    detail = f"{u.log_gb:g} GB of services, {u.vended_gb:g} GB of AWS, of which taking in {free:g} is free"
    yield Line("Logs", detail, max(0.0, gb - free) * r.usd("logs-in") + gb * r.usd("logs-kept"))
    kind = s.observability.insights
    if kind != "disabled":
        count = INSIGHTS_METRICS[kind]
        rate = "insights-enhanced" if kind == "enhanced" else "metric"
        yield Line("Container Insights", f"{kind}, {count} metrics", count * r.usd(rate))
    for name, count, rate in (
        ("Custom metrics", u.metrics, "metric"),
        ("Alarms", u.alarms, "alarm"),
        ("Dashboards", 1, "dashboard"),
    ):
        free = r.free[name.split()[-1].lower()] / SHARERS
        yield Line(name, f"{count}, {free:g} are free", max(0.0, count - free) * r.usd(rate))
    yield Line("Budget", "the account's first two are free", 0.0)


def account(_: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """What bootstrap made for this environment, and its part of what both share."""
    keys = (1 + 1 / SHARERS) * r.usd("kms-key")
    yield Line("KMS", "the environment's key, half of the state's, requests", keys + KMS_REQUESTS)
    yield Line("ECR", f"{u.image_gb:g} GB of images", u.image_gb * r.usd("ecr-storage"))
    yield Line("Cloud Map", "the private zone of the services' names", r.usd("hosted-zone"))


def media(s: Settings, u: Usage, r: Rates) -> Iterator[Line]:
    """A media server of one's own: its nodes, what stands before them, and the calls' sound on its way out."""
    own = s.media
    if own is None:
        return
    hourly = r.instance.get(own.instance_type)
    usd = None if hourly is None else own.nodes * (hourly * r.hours + r.hourly("ipv4") + NODE_DISK * r.usd("disk-gp3"))
    yield Line("Media nodes", f"{own.nodes} of {own.instance_type}, each a public IPv4, {NODE_DISK} GB disk", usd)
    zones = len(s.aws.zones)
    yield Line("Load balancer", f"1, {zones} public IPv4", r.hourly("alb") + zones * r.hourly("ipv4"))
    egress, free = u.minutes * AUDIO_MB / GIB, FREE_EGRESS / SHARERS
    yield Line("Egress", f"{egress:.1f} GB, of which {free:g} are free", max(0.0, egress - free) * r.usd("egress"))
    yield Line("Route 53", "hosted zone", r.usd("hosted-zone"))
    if s.data.valkey:
        yield Line("Valkey", "serverless, at its least", r.usd("valkey-serverless"))
    gb = u.log_gb + u.vended_gb
    yield Line("Logs", f"{gb:g} GB", gb * (r.usd("logs-in") + r.usd("logs-kept")))
    yield Line("KMS", "the stack's key, half of the state's", (1 + 1 / SHARERS) * r.usd("kms-key"))


MEDIA_PARTS: Final = (media,)
PARTS: Final = (network, edge, compute, data, observability, account)
