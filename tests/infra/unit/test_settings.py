"""A mistake in a stack's configuration is found before anything is declared, and the message says how to mend it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from infra_mocks import PROD, STAGING, run

from contracts.models import Stage
from infra.program import declare
from infra.settings import Settings, SettingsError, load, parse
from infra.settings.services import IMAGE_PYTHON

ROOT = Path(__file__).parents[3]
BASE: dict[str, dict[str, Any]] = {"prod": dict(PROD), "staging": dict(STAGING)}


def complaint(raw: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(raw)
    return str(caught.value)


def changed(base: str, section: str, **values: Any) -> dict[str, Any]:
    return {**BASE[base], section: {**BASE[base].get(section, {}), **values}}


@pytest.mark.parametrize("stack", ["staging", "prod", "local", "media"])
def test_the_stack_files_of_the_repository_are_right(stack: str) -> None:
    raw = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    assert all(key.startswith("polyglot:") for key in raw)
    settings = parse({key.removeprefix("polyglot:"): value for key, value in raw.items()})
    assert settings.environment == stack


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (changed("staging", "network", nat="two"), "polyglot:network.nat: 'two' is wrong: input should be 'none', 'instance'"),
        (changed("staging", "network", cdir="10.0.0.0/16"), "polyglot:network.cdir: there is no such key; did you mean 'cidr'?"),
        (changed("staging", "network", cidr="8.8.0.0/16"), "polyglot:network.cidr: '8.8.0.0/16' is wrong: 8.8.0.0/16: must lie in one of 10.0.0.0/8, 172.16.0.0/12"),
        (changed("staging", "network", cidr="10.0.0.0/24"), "must be from /16 to /20, so that three subnets"),
        (changed("staging", "aws", account="12"), "polyglot:aws.account: '12' is wrong: must be an AWS account number of 12 digits"),
        (changed("staging", "aws", zones=["us-east-1a"]), "polyglot:aws.zones"),
        (changed("staging", "aws", zones=["us-east-1a", "eu-west-1b"]), "eu-west-1b not in us-east-1; it has us-east-1a, us-east-1b"),
        (changed("staging", "api", cpu=300), "cpu: Fargate has 256, 512, 1024"),
        (changed("staging", "api", cpu=256, memory=4096), "with 256 CPU units Fargate has 512, 1024, 2048 MiB, not 4096"),
        (changed("staging", "api", cpu=256, memory=1536), "with 256 CPU units Fargate has 512, 1024, 2048 MiB, not 1536"),
        (changed("staging", "api", image="repo/api:latest"), "must be an image by digest"),
        (changed("staging", "api", variables={"OPENAI_API_KEY": "sk-x"}), "a secret never goes in plain; use `polyglot secrets set`"),
        (changed("staging", "api", variables={"MY_DATABASE_URL": "x"}), "a secret never goes in plain"),
        (changed("staging", "api", tasks_min=5, tasks_max=2), "tasks_max: 2 is less than tasks_min 5"),
        (changed("staging", "api", log_days=31), "31 is wrong: CloudWatch Logs keeps logs for one of 1, 3, 5"),
        (changed("staging", "agent", calls_per_task=30), "30 calls need 2720 MiB (620 + 70 each), the task has 1024; allowed is at most 5"),
        (changed("staging", "agent", calls_target=9), "calls_target: 9 is more than calls_per_task 4"),
        (changed("staging", "agent", stop_timeout=121), "polyglot:agent.stop_timeout: 121 is wrong"),
        (changed("staging", "agent", calls_per_task=True), "polyglot:agent.calls_per_task: True is wrong: must be a number"),
        (changed("staging", "api", cpu=True), "polyglot:api.cpu: True is wrong: must be a number"),
        (changed("staging", "edge", zone="example.com"), "set edge.domain too"),
        (changed("staging", "edge", domain="voice.example.com", zone="example.org"), "does not lie in the zone 'example.org'"),
        (changed("staging", "livekit", url="ws://a.livekit.cloud"), "must be a WebSocket URL over TLS"),
        (changed("staging", "models", realtime="gpt-4o-realtime"), "polyglot:models.realtime: 'gpt-4o-realtime' is wrong: there is no realtime model 'gpt-4o-realtime'; write provider/model. There are openai/gpt-realtime-2.1, "),
        (changed("staging", "models", chat="openai/gpt-6-lunar"), "there is no chat model 'openai/gpt-6-lunar'; there are openai/gpt-6-luna, "),
        (changed("staging", "models", chat=""), "polyglot:models.chat: '' is wrong: names no model; there are openai/gpt-6-luna"),
        (changed("staging", "models", transcription="nobody/ear"), "'nobody' is no provider of transcription; there are openai, server"),
        (changed("staging", "models", speech="aws/neural@Nobody"), "aws has no voice 'Nobody' for speech; it has Joanna"),
        (changed("staging", "models", expert="opus"), "polyglot:models.expert: 'opus' is wrong"),
        (changed("staging", "models", realtime_voice="Joanna"), "polyglot:models.realtime_voice: openai/gpt-realtime-2.1 has no voice 'Joanna'; it has alloy"),
        (changed("staging", "models", voice="marin"), "polyglot:models.voice: aws/neural has no voice 'marin'"),
        (changed("staging", "models", transcription="aws/transcribe"), "models.transcription: aws/transcribe needs Python 3.12, which the image does not have"),
        (changed("staging", "models", chat="server/mine"), "polyglot:models.chat: server/mine needs POLYGLOT_CHAT_BASE_URL, which agent.variables does not have"),
        (changed("staging", "models", speech="server/mine"), "polyglot:models.speech: server/mine needs POLYGLOT_SPEECH_BASE_URL"),
        (changed("staging", "models", chat="azure/mine"), "polyglot:models.chat: azure/mine needs AZURE_OPENAI_ENDPOINT"),
        (changed("staging", "api", summary_model="gpt-6"), "polyglot:api.summary_model: 'gpt-6' is wrong: there is no chat model"),
        (changed("staging", "api", summary_model="server/mine"), "api.summary_model: server/mine needs POLYGLOT_CHAT_BASE_URL, which api.variables does not have"),
        (changed("staging", "aws", permissions_boundary="arn:aws:s3:::boundary"), "polyglot:aws.permissions_boundary: 'arn:aws:s3:::boundary' is wrong: must be the ARN of an IAM policy; for example"),
        ({**STAGING, "livekit": {}}, "livekit.url: is not set"),
        ({"environment": "staging", "livekit": {"url": "wss://a.b"}}, "aws.account: is not set; for example"),
        ({**STAGING, "environment": "production"}, "polyglot:environment: 'production' is wrong: input should be 'local', 'staging', 'prod' or 'media'"),
        (changed("prod", "network", nat="single"), "network.nat: 'single' fails with one zone; allowed is 'per_az' (in prod)"),
        (changed("prod", "data", database="none"), "data.database: 'none' is SQLite inside a task"),
        (changed("prod", "agent", spot=True), "agent.spot: spare capacity is taken back during calls"),
        (changed("prod", "agent", tasks_min=1), "agent.tasks_min: one task is one failure from silence"),
        (changed("prod", "api", fare_sources=["sample"]), "api.fare_sources: sample prices are made up"),
        (changed("prod", "edge", waf=False), "edge.waf: must be true"),
        (changed("prod", "api", exec_enabled=True), "a shell in prod is refused"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_key_and_what_is_allowed(raw: dict[str, Any], said: str) -> None:
    assert said in complaint(raw)


def test_models_that_there_are_are_taken_with_what_they_need() -> None:
    named = {
        "chat": "server/mine, anthropic/claude-sonnet-4-6",
        "speech": "server/kokoro@af_heart",
        "realtime_voice": "cedar",
    }
    own = {"speech_base_url": "https://speech.example.com/v1"}
    raw = changed("prod", "models", **named, **own)
    variables = {"POLYGLOT_CHAT_BASE_URL": "https://models.example.com/v1"}
    settings = parse({**raw, "agent": {**raw.get("agent", {}), "variables": variables}})
    assert [str(ref) for ref in settings.models.refs(Stage.CHAT)] == ["server/mine", "anthropic/claude-sonnet-4-6"]
    assert settings.models.plugins == "anthropic"


def test_the_image_s_python_is_the_one_that_models_are_held_against() -> None:
    base = re.search(r"python:(\d+)\.(\d+)-", (ROOT / "agent" / "Dockerfile").read_text(encoding="utf-8"))
    assert base
    assert (int(base[1]), int(base[2])) == IMAGE_PYTHON


def test_all_mistakes_come_at_once_and_one_to_a_line() -> None:
    raw = {**PROD, "network": {"nat": "none"}, "data": {"database": "none"}}
    lines = complaint(raw).splitlines()
    assert lines[0] == "2 mistakes in this stack's configuration:"
    assert [line.strip().split(":")[1].split(".")[0] for line in lines[1:]] == ["network", "data"]


def test_a_mistake_stops_the_program_before_anything_is_declared() -> None:
    config = {"polyglot:environment": "prod", "polyglot:netwrk": "{}"}

    def build() -> None:
        declare(load("prod"))

    with pytest.raises(SettingsError) as caught:
        run(build, config=config)
    assert "polyglot:netwrk: there is no such key; did you mean 'network'?" in str(caught.value)


def test_objects_come_as_json_text_from_the_engine() -> None:
    settings = parse({**STAGING, "network": '{"nat": "none"}', "aws": '{"account": "111122223333"}'})
    assert settings.network.nat == "none"


def test_prod_keeps_its_data_until_told_otherwise() -> None:
    assert parse(PROD).keeps_data
    assert not parse({**PROD, "guard": {"allow_destroy": True}}).keeps_data
    assert not parse(STAGING).keeps_data


def keys(section: Any) -> Iterator[str]:
    """Full names of all keys of a section, those of sections in it included."""
    for name, field in section.model_fields.items():
        kind = next((one for one in get_args(field.annotation) if one is not type(None)), field.annotation)
        inner = [f"{name}.{key}" for key in keys(kind)] if hasattr(kind, "model_fields") else []
        yield from inner or [name]


def test_every_key_has_a_place_in_the_documents() -> None:
    text = (ROOT / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    missing = [key for key in keys(Settings) if f"`{key}`" not in text]
    assert missing == []
