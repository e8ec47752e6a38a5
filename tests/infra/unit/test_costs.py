import ast
import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.costs import Usage, estimate, report
from infra.costs.lines import (
    MIGRATION_CPU,
    MIGRATION_FUNCTION_MEMORY,
    MIGRATION_MEMORY,
    WAF_RULES,
)
from infra.costs.rates import rates
from infra.settings import SettingsError

ROOT = Path(__file__).parents[3]
ACCOUNT = {"account": "111122223333"}
STAGING: dict[str, Any] = {
    "environment": "staging",
    "aws": ACCOUNT,
    "livekit": {"url": "wss://x.livekit.example"},
    "network": {"nat": "instance"},
    "edge": {"waf": False},
    "api": {"cpu": 256, "memory": 512, "tasks_min": 1},
    "agent": {"tasks_min": 1, "spot": True},
    "data": {"database": "none"},
}
PROD: dict[str, Any] = {
    "environment": "prod",
    "aws": ACCOUNT,
    "livekit": {"url": "wss://x.livekit.example"},
    "edge": {"domain": "voice.example.com"},
}
QUIET = Usage(minutes=0, lcus=0, log_gb=0, vended_gb=0, nat_gb=0, requests=0, image_gb=0, alarms=0, metrics=0)


def _repo(stack: str) -> dict[str, Any]:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key.removeprefix("polyglot:"): value for key, value in config.items()}


def _with(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **base,
        **{key: {**base.get(key, {}), **value} if isinstance(value, dict) else value for key, value in changes.items()},
    }


def _component(file: str) -> str:
    return (ROOT / "infra" / "components" / file).read_text(encoding="utf-8")


def _constant(file: str, name: str) -> Any:
    tree = ast.parse(_component(file))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == name
        and node.value
    ]
    return ast.literal_eval(value)


def _line(found: Any, service: str) -> float:
    (line,) = [line for line in found.lines if line.service == service]
    assert line.usd is not None
    return float(line.usd)


def test_staging_by_hand() -> None:
    """Each term worked out from the price pages: hours x rate."""
    by_hand = (
        730 * 0.0225  # load balancer
        + 0.05 * 730 * 0.008  # 1/20 LCU
        + 730 * 0.0084 + 730 * 0.005 + 8 * 0.08  # NAT instance, its address, its disk
        + 730 * (0.25 * 0.03238 + 0.5 * 0.00356)  # API, ARM
        + 730 * (0.5 * 0.03238 + 1 * 0.00356) * 0.3  # agent, ARM Spot
        + 1.1 * 0.03 + 7 * 0.30 + 18 * 0.10  # logs kept, metrics and alarms above this stack's half of the free ones
        + 1.5 + 0.03 + 2 * 0.10 + 0.50  # keys, requests to them, images, private zone
    )  # fmt: skip
    assert estimate(STAGING).total == pytest.approx(by_hand, abs=0.01)
    assert by_hand == pytest.approx(44.84, abs=0.01)


def test_prod_by_hand() -> None:
    audio, model = 20_000 * 1.0 / 1024, 20_000 * 5.38 / 1024
    by_hand = (
        2 * 730 * (0.045 + 0.005)  # NAT gateways and their addresses
        + (20 + audio + model) * 0.045
        + (audio / 2 + model * 3.84 / 5.38 + 1 - 50) * 0.09
        + 730 * 0.0225 + 730 * 0.008 + 2 * 730 * 0.005  # load balancer, 1 LCU, two addresses
        + 5 + 5 * 1 + 0.60  # WAF
        + 0.50  # zone
        + 2 * 730 * (0.5 * 0.03238 + 1 * 0.00356)  # API
        + 2 * 730 * (0.5 * 0.03238 + 1 * 0.00356)  # agent
        + 730 * 0.016 + 20 * 0.115 + 0.40  # database, its disk, its password
        + 30 * 120 / 3600 * (0.25 * 0.03238 + 0.5 * 0.00356) + 30 * 120 * 0.25 * 0.0000133334  # migrations
        + 8.5 * 0.50 + 11 * 0.03 + 17 * 0.30 + 22 * 0.10  # observability
        + 1.5 + 0.03 + 10 * 0.10 + 0.50  # keys, requests to them, images, private zone
    )  # fmt: skip
    assert estimate(PROD).total == pytest.approx(by_hand, abs=0.01)


def test_staging_of_the_repository_meets_its_target() -> None:
    found = estimate(_repo("staging"))
    assert found.total <= 45.0
    assert found.over == 0
    assert "met." in report("staging", _repo("staging"))


def test_prod_of_the_repository_meets_its_target() -> None:
    found = estimate(_repo("prod"))
    assert found.total <= 234.0
    assert "met." in report("prod", _repo("prod"))


def test_a_bill_above_its_target_says_by_how_much_and_what_is_dearest() -> None:
    text = report("prod", _with(_repo("prod"), agent={"cpu": 4096, "memory": 8192}))
    assert " over. The dearest lines:\n    Fargate agent: $" in text


def test_models_and_media_have_a_price_for_each_pipeline() -> None:
    """By hand: tokens by genai-prices' rates, Polly by its characters, two participants in a room."""
    found = estimate(PROD).models
    realtime = (400 * 4 + 4600 * 0.4 + 300 * 32 + 60 * 24 + 480 * 64) / 1e6
    assert found["realtime"] == pytest.approx(realtime + 0.001, abs=1e-4)
    assert found["cascade"] == pytest.approx(
        30 / 3600 * 0.27 + (1400 * 0.1 + 4600 * 0.01 + 150 * 0.5) / 1e6 + 360 * 16 / 1e6 + 0.001, abs=1e-4
    )
    own = _with(
        PROD,
        models={"chat": "server/my-own"},
        agent={"variables": {"POLYGLOT_CHAT_BASE_URL": "https://models.example.com/v1"}},
    )
    assert estimate(own).models["cascade"] is None
    assert "a model has no known price" in report("prod", own)


@pytest.mark.parametrize(
    ("nat", "service", "usd"),
    [
        ("per_az", "NAT gateways", 73.0),
        ("single", "NAT gateways", 36.5),
        ("instance", "NAT instance", 10.422),
        ("none", "Public IPv4 of tasks", 7.3),
    ],
)
def test_each_way_out_has_its_price(nat: str, service: str, usd: float) -> None:
    assert _line(estimate(_with(STAGING, network={"nat": nat}), QUIET), service) == pytest.approx(usd)


def test_without_nat_each_task_pays_for_its_address() -> None:
    assert _line(estimate(_with(STAGING, network={"nat": "none"}), QUIET), "Public IPv4 of tasks") == pytest.approx(7.3)


def test_behind_cloudfront_the_load_balancer_has_no_public_address() -> None:
    services = {line.service for line in estimate(STAGING).lines}
    assert "CloudFront" in services
    assert "Public IPv4 of the load balancer" not in services
    assert _line(estimate(PROD), "Public IPv4 of the load balancer") == pytest.approx(7.3)


@pytest.mark.parametrize(
    ("architecture", "spot", "usd"),
    [("amd64", False, 36.04), ("arm64", False, 28.84), ("arm64", True, 8.65), ("amd64", True, 10.81)],
)
def test_a_task_s_month(architecture: str, spot: bool, usd: float) -> None:
    raw = _with(STAGING, architecture=architecture, agent={"cpu": 1024, "memory": 2048, "spot": spot})
    assert _line(estimate(raw, QUIET), "Fargate agent") == pytest.approx(usd, abs=0.01)


def test_many_calls_need_more_agents_up_to_the_most_that_are_set() -> None:
    one = _line(estimate(STAGING, QUIET), "Fargate agent")
    busy = dataclasses.replace(QUIET, minutes=43_800 * 3)  # three calls at any time, two to a task
    flood = dataclasses.replace(QUIET, minutes=43_800 * 1000)
    assert _line(estimate(STAGING, busy), "Fargate agent") == pytest.approx(2 * one)
    assert _line(estimate(_with(STAGING, agent={"tasks_max": 3}), flood), "Fargate agent") == pytest.approx(3 * one)


def test_data_has_its_price() -> None:
    postgres = estimate(_with(STAGING, data={"database": "postgres"}), QUIET)
    standby = estimate(_with(STAGING, data={"database": "postgres", "multi_az": True}), QUIET)
    aurora = estimate(_with(STAGING, data={"database": "aurora", "valkey": True}), QUIET)
    assert _line(postgres, "RDS PostgreSQL") == pytest.approx(13.98)
    assert _line(standby, "RDS PostgreSQL") == pytest.approx(27.96)
    assert _line(aurora, "Aurora PostgreSQL") == pytest.approx(0.5 * 0.12 * 730 + 2)
    assert _line(aurora, "Valkey") == 6


def test_a_month_of_migrations_costs_cents_and_nothing_without_a_database() -> None:
    assert 0 < _line(estimate(PROD), "Migrations") < 0.05
    assert "Migrations" not in {line.service for line in estimate(STAGING).lines}


def test_what_has_no_rate_is_said_and_not_counted_as_nothing() -> None:
    raw = _with(STAGING, network={"nat_instance_type": "c6gn.16xlarge"})
    found = estimate(raw)
    assert [line.service for line in found.unpriced] == ["NAT instance"]
    assert "Not in the total: NAT instance" in report("staging", raw)


def test_a_call_minute_s_share() -> None:
    found = estimate(PROD)
    assert found.per_minute == pytest.approx(found.total / 20_000)
    assert estimate(PROD, QUIET).per_minute == 0


def test_pulumi_s_own_keys_are_taken_too() -> None:
    keyed = {f"polyglot:{key}": value for key, value in _repo("prod").items()}
    assert report("prod", {**keyed, "pulumi:tags": {}}) == report("prod", _repo("prod"))


def test_every_rate_names_unit_source_and_date() -> None:
    table = rates()
    assert table.read == "2026-11"
    assert all(
        rate.unit and rate.source.startswith(("https://aws.amazon.com/", "https://livekit.io/"))
        for rate in table.rate.values()
    )
    assert set(table.unchecked()) < {*table.rate, *table.instance, *table.database}


def test_counts_are_those_of_the_components() -> None:
    """Read, not imported: the whole AWS SDK would be loaded for two numbers."""
    assert len(tomllib.loads(_component("edge/waf.toml"))["rules"]) == WAF_RULES
    sizes = [_constant("migration/migration.py", name) for name in ("CPU", "MEMORY", "FUNCTION_MEMORY")]
    assert sizes == [MIGRATION_CPU, MIGRATION_MEMORY, MIGRATION_FUNCTION_MEMORY]


def test_the_local_stack_costs_nothing() -> None:
    assert "costs nothing" in report("local", {"environment": "local"})
    with pytest.raises(ValueError, match="costs nothing"):
        estimate({"environment": "local"})


def test_wrong_settings_are_told_as_when_deploying() -> None:
    with pytest.raises(SettingsError, match=r"agent\.memory"):
        estimate(_with(STAGING, agent={"memory": 999}))
