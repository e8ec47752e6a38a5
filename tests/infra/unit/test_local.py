"""The stack on this machine's Docker engine: the same images, hardened alike, on loopback only."""

import json
import stat
from pathlib import Path
from typing import Any

import infra_mocks
import infra_outputs
import pytest
import yaml
from infra_mocks import Recorded, run, settings

from emulator.settings import EmulatorSettings
from infra.components import local as pieces
from infra.components.images import ROOT, content
from infra.components.service.container import USER
from infra.program import declare
from infra.stacks.local import LocalStackError

BASE: dict[str, Any] = {
    "environment": "local",
    "api": {"fare_sources": ["sample"]},
    "models": {"base_url": "http://127.0.0.1:8090/v1"},
    "data": {"valkey": True},
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pieces, "SECRETS", tmp_path / "secrets")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path / "secrets"


def local(**changes: Any) -> Recorded:
    return run(lambda: declare(settings(BASE, **changes)), stack="local")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The stack as it is without changes; its secrets are not this test's own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "SECRETS", tmp_path_factory.mktemp("local") / "secrets")
        return local()


def container(recorded: Recorded, name: str) -> dict[str, Any]:
    return recorded.one("docker.index.Container", name).inputs


def variables(recorded: Recorded, name: str) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in container(recorded, name)["envs"])


def test_everything_that_production_has_is_there(recorded: Recorded) -> None:
    names = {resource.name for resource in recorded.all("docker.index.Container")}
    assert names == {"livekit", "postgres", "valkey", "migrate", "api", "agent"}


def test_our_containers_are_hardened_as_on_aws(recorded: Recorded) -> None:
    for name in ("api", "agent", "migrate"):
        made = container(recorded, name)
        assert made["user"] == USER
        assert made["readOnly"] is True
        assert made["capabilities"] == {"drops": ["ALL"]}
        assert made["securityOpts"] == ["no-new-privileges:true"]


def test_nothing_listens_beyond_this_machine(recorded: Recorded) -> None:
    for resource in recorded.all("docker.index.Container"):
        for port in resource.inputs.get("ports", []):
            assert port["ip"] == "127.0.0.1"
    media = json.loads(variables(recorded, "livekit")["LIVEKIT_CONFIG"])
    assert media["bind_addresses"] == ["127.0.0.1"]
    # Where this is not 0, livekit-server 1.13 listens for media over TCP on all addresses, as `ss` shows.
    assert media["rtc"]["tcp_port"] == 0
    assert variables(recorded, "api")["POLYGLOT_HOST"] == "127.0.0.1"


def test_the_parts_share_one_generated_key_that_only_the_owner_can_read(own_folder: Path) -> None:
    recorded = local()
    secret = variables(recorded, "api")["LIVEKIT_API_SECRET"]
    assert variables(recorded, "agent")["LIVEKIT_API_SECRET"] == secret
    assert variables(recorded, "livekit")["LIVEKIT_KEYS"].endswith(f": {secret}")
    assert len(secret) >= 32
    for file in own_folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert variables(local(), "api")["LIVEKIT_API_SECRET"] == secret


def test_the_database_is_migrated_once_before_the_api(recorded: Recorded) -> None:
    migrate = recorded.one("docker.index.Container", "migrate")
    assert migrate.inputs["command"] == ["python", "-m", "api", "migrate"]
    assert migrate.inputs["attach"] is True
    assert migrate.inputs["mustRun"] is False
    assert migrate.urn in recorded.one("docker.index.Container", "api").depends_on
    assert recorded.one("docker.index.Container", "postgres").urn in migrate.depends_on
    assert variables(recorded, "api")["POLYGLOT_DATABASE_PORT"] == "5433"


def test_the_database_is_not_taken_for_ready_while_it_is_only_being_made(recorded: Recorded) -> None:
    """The image's first start has a server on its socket alone, which a question without a host takes for the real one."""
    health = container(recorded, "postgres")["healthcheck"]
    assert health["tests"] == ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "polyglot"]


def test_a_migration_that_failed_stops_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = infra_outputs.computed

    def ended(code: int) -> None:
        def with_code(kind: str, *described: Any) -> tuple[str, Any]:
            identity, values = computed(kind, *described)
            return identity, {**values, "exitCode": code} if kind == "docker.index.Container" else values

        monkeypatch.setattr(infra_mocks, "computed", with_code)

    ended(0)
    assert container(local(), "api")["image"] == container(local(), "migrate")["image"]
    ended(1)
    with pytest.raises(
        LocalStackError, match=r"not migrated \(exit code 1\).*docker logs polyglot-local-migrate.*--replace"
    ):
        local()


def test_up_waits_until_calls_are_taken(recorded: Recorded) -> None:
    for name, url in (("api", "http://127.0.0.1:8000/health"), ("agent", "http://127.0.0.1:8081/ready")):
        made = container(recorded, name)
        assert made["wait"] is True
        assert f"'{url}'" in made["healthcheck"]["tests"][-1]


def test_the_api_shares_through_valkey_and_starts_after_it(recorded: Recorded) -> None:
    (port,) = container(recorded, "valkey")["ports"]
    assert variables(recorded, "api")["POLYGLOT_VALKEY_URL"] == f"redis://127.0.0.1:{port['external']}"
    api = recorded.one("docker.index.Container", "api")
    assert recorded.one("docker.index.Container", "valkey").urn in api.depends_on
    for name in ("agent", "migrate"):
        assert "POLYGLOT_VALKEY_URL" not in variables(recorded, name)


def test_nothing_is_kept_on_a_disk_by_valkey(recorded: Recorded) -> None:
    command = container(recorded, "valkey")["command"]
    assert command == ["valkey-server", "--save", "", "--appendonly", "no"]


def test_without_a_database_there_is_none() -> None:
    recorded = local(data={"database": "none", "valkey": False})
    names = {resource.name for resource in recorded.all("docker.index.Container")}
    assert names == {"livekit", "api", "agent"}
    assert "POLYGLOT_VALKEY_URL" not in variables(recorded, "api")


def test_images_are_built_into_the_engine_and_named_by_content(recorded: Recorded) -> None:
    for service in ("api", "agent"):
        built = recorded.one("docker-build.index.Image", f"{service}-image").inputs
        assert built["load"] is True
        assert built["push"] is False
        # For the engine's own processor: AWS's is ARM, which most machines here would only emulate, if at all.
        assert "platforms" not in built
        tag = f"polyglot-{service}:source-{content(service, 'aws')}"
        assert container(recorded, service)["image"] == built["tags"][0] == tag


def test_the_agent_s_image_holds_the_plugins_of_its_models() -> None:
    def built(service: str, **models: str) -> tuple[str, dict[str, str]]:
        image = local(models={**BASE["models"], **models}).one("docker-build.index.Image", f"{service}-image").inputs
        return image["tags"][0], image.get("buildArgs", {})

    usual, asked = built("agent"), built("agent", chat="anthropic/claude-sonnet-4-6", expert="google/gemini-3.5-flash")
    assert usual[1] == {"PROVIDERS": "aws"}
    assert asked[1] == {"PROVIDERS": "anthropic aws google"}
    assert usual[0] != asked[0], "another image has another name"
    assert built("api") == built("api", chat="anthropic/claude-sonnet-4-6"), "the API asks none of them"


def test_a_real_key_is_used_and_its_absence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LocalStackError, match="OPENAI_API_KEY is not set in this shell"):
        local(models={"base_url": None})
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-test")
    recorded = local(models={"base_url": None})
    assert variables(recorded, "agent")["OPENAI_API_KEY"] == "sk-of-this-test"
    assert "OPENAI_BASE_URL" not in variables(recorded, "agent")
    assert "OPENAI_API_KEY" not in variables(recorded, "api")


def test_keys_of_fare_sources_come_from_this_shell(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DUFFEL_API_TOKEN", "SERPAPI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(LocalStackError, match="DUFFEL_API_TOKEN, SERPAPI_API_KEY: not set in this shell"):
        local(api={"fare_sources": ["duffel", "serpapi"]})
    monkeypatch.setenv("DUFFEL_API_TOKEN", "duffel_test_of-this-test")
    changed = local(api={"fare_sources": ["duffel"]})
    api = variables(changed, "api")
    assert (api["POLYGLOT_FARE_SOURCES"], api["DUFFEL_API_TOKEN"]) == ("duffel", "duffel_test_of-this-test")
    assert "DUFFEL_API_TOKEN" not in variables(changed, "agent")
    assert "DUFFEL_API_TOKEN" not in variables(recorded, "api")


def test_the_mail_server_comes_from_this_shell_where_alerts_have_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYGLOT_ALERTS_SMTP_URL", raising=False)
    sender = {**BASE["api"], "alerts": {"mail_from": "flights@travel.example.com"}}
    with pytest.raises(LocalStackError, match="POLYGLOT_ALERTS_SMTP_URL: not set in this shell"):
        local(api=sender)
    monkeypatch.setenv("POLYGLOT_ALERTS_SMTP_URL", "smtp://127.0.0.1:2525")
    told = variables(local(api=sender), "api")
    assert told["POLYGLOT_ALERTS_SMTP_URL"] == "smtp://127.0.0.1:2525"
    assert told["POLYGLOT_ALERTS_MAIL_FROM"] == "flights@travel.example.com"
    assert told["POLYGLOT_PAGE_URL"] == "http://127.0.0.1:8000"


def test_chosen_models_reach_the_agent_as_on_aws() -> None:
    speech = {"speech": "server/espeak-ng", "speech_base_url": BASE["models"]["base_url"]}
    chosen = variables(local(models={**BASE["models"], **speech, "chat": "gpt-5.4-mini", "voice": "cedar"}), "agent")
    assert chosen["POLYGLOT_CHAT_MODEL"] == "gpt-5.4-mini"
    assert chosen["POLYGLOT_REALTIME_VOICE"] == chosen["POLYGLOT_SPEECH_VOICE"] == "cedar"
    assert "POLYGLOT_REALTIME_MODEL" not in chosen


def test_the_stack_asks_the_emulator_where_it_listens() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    emulator = EmulatorSettings()
    assert config["polyglot:models"]["base_url"] == f"http://{emulator.host}:{emulator.port}/v1"
