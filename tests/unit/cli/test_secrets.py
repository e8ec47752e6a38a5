import logging
import socket
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from moto import mock_aws
from typer.testing import CliRunner

from cli.commands import secrets as command
from cli.main import app
from cli.operator import parameters

OURS = "123456789012"  # moto's account
VALUE = "sk-planted-0123456789abcdef0123456789"
LIVEKIT = "s" * 40
STACK = """config:
  polyglot:environment: {environment}
  polyglot:aws: {{account: "{account}"}}
  polyglot:livekit: {livekit}
  polyglot:edge: {{domain: voice.example.com}}
"""
CLOUD = "{url: wss://acme.livekit.cloud}"
OWN = "{url: wss://media.example.com}"


def _file(folder: Path, stack: str = "staging", account: str = OURS, livekit: str = CLOUD) -> None:
    text = STACK.format(environment=stack, account=account, livekit=livekit)
    (folder / f"Pulumi.{stack}.yaml").write_text(text)


@pytest.fixture(scope="module", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Each command makes a session, which reads AWS's models anew: a second for each of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", staticmethod(lru_cache(None)(JSONFileLoader().load_file)))
        yield


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        kms = boto3.client("kms", region_name="us-east-1")
        for environment in ("staging", "prod"):
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=f"alias/polyglot-{environment}", TargetKeyId=key)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _file(tmp_path)
    _file(tmp_path, "prod")
    return tmp_path


def _run(folder: Path, *arguments: str, given: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["secrets", *arguments, "--folder", str(folder)], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout + result.stderr


def _parameter(name: str) -> dict[str, Any]:
    ssm = boto3.client("ssm", region_name="us-east-1")
    found = [p for p in ssm.describe_parameters()["Parameters"] if p["Name"] == name]
    assert len(found) == 1
    content = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return {**found[0], "Content": content, "Tags": {tag["Key"]: tag["Value"] for tag in tags}}


@pytest.mark.usefixtures("aws")
def test_a_secret_is_encrypted_under_its_environment_s_key(folder: Path) -> None:
    code, out = _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE + "\n")
    stored = _parameter("/polyglot/staging/OPENAI_API_KEY")
    assert code == 0, out
    assert stored["Type"] == "SecureString"
    assert stored["KeyId"] == "alias/polyglot-staging"
    assert stored["Content"] == VALUE
    assert stored["Tags"] == {"project": "polyglot", "environment": "staging"}


@pytest.mark.usefixtures("aws")
def test_a_new_value_is_a_new_version_with_the_same_tags(folder: Path) -> None:
    _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE)
    code, out = _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE + "2")
    stored = _parameter("/polyglot/staging/OPENAI_API_KEY")
    assert code == 0
    assert "version 2" in out
    assert (stored["Version"], stored["Content"]) == (2, VALUE + "2")
    assert stored["Tags"]["environment"] == "staging"


@pytest.mark.usefixtures("aws")
def test_staging_and_prod_have_a_secret_each(folder: Path) -> None:
    _run(folder, "set", "staging", "LIVEKIT_API_SECRET", given=LIVEKIT)
    _run(folder, "set", "prod", "LIVEKIT_API_SECRET", given=LIVEKIT.upper())
    assert _parameter("/polyglot/staging/LIVEKIT_API_SECRET")["Content"] == LIVEKIT
    assert _parameter("/polyglot/prod/LIVEKIT_API_SECRET")["KeyId"] == "alias/polyglot-prod"


@pytest.mark.usefixtures("aws")
def test_a_plain_parameter_is_replaced_by_an_encrypted_one(folder: Path) -> None:
    ssm = boto3.client("ssm", region_name="us-east-1")
    ssm.put_parameter(Name="/polyglot/staging/OPENAI_API_KEY", Value="old", Type="String")
    _, listed = _run(folder, "list", "staging")
    assert "PLAIN TEXT" in listed
    _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE)
    assert _parameter("/polyglot/staging/OPENAI_API_KEY")["Type"] == "SecureString"


@pytest.mark.usefixtures("aws")
def test_no_value_is_ever_shown_or_logged(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shown = ""
    for given in (VALUE, f" {VALUE}", VALUE * 200):
        shown += _run(folder, "set", "staging", "OPENAI_API_KEY", given=given)[1]
    shown += _run(folder, "set", "staging", "LIVEKIT_API_SECRET", given=VALUE[:31])[1]
    shown += _run(folder, "list", "staging")[1]
    shown += _run(folder, "remove", "staging", "OPENAI_API_KEY")[1]
    assert "planted" not in shown
    assert "planted" not in caplog.text


@pytest.mark.usefixtures("aws")
def test_an_error_of_the_library_shows_no_value(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters.Vault, "key", property(lambda _: 7))  # boto3 refuses, and quotes its input
    code, out = _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE)
    assert code == 2
    assert "ParamValidationError" in out
    assert "planted" not in out


@pytest.mark.usefixtures("aws")
def test_the_value_is_no_argument(folder: Path) -> None:
    code, _ = _run(folder, "set", "staging", "OPENAI_API_KEY", VALUE)
    assert code == 2


@pytest.mark.usefixtures("aws")
def test_a_terminal_is_asked_without_echo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_asks", lambda: True)
    code, out = _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE + "\n")
    assert code == 0
    assert "not shown" in out
    assert VALUE not in out
    assert _parameter("/polyglot/staging/OPENAI_API_KEY")["Content"] == VALUE


@pytest.mark.usefixtures("aws")
def test_another_account_s_credentials_are_refused(tmp_path: Path) -> None:
    _file(tmp_path, account="999988887777")
    code, out = _run(tmp_path, "set", "staging", "OPENAI_API_KEY", given=VALUE)
    assert code == 2
    assert OURS in out
    assert "999988887777" in out
    assert boto3.client("ssm", region_name="us-east-1").describe_parameters()["Parameters"] == []


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("LIVEKIT_API_SECRET", "s" * 31, "at least 32"),
        ("LIVEKIT_API_SECRET", "", "is empty"),
        ("LIVEKIT_API_KEY", "changeme", "placeholder"),
        ("LIVEKIT_API_KEY", "APIab\nAPIcd", "white space"),
        ("LIVEKIT_API_KEY", "a" * 4097, "4096"),
        ("OPENAI_API_KEY", "pk-" + "a" * 30, "begin with sk-"),
        ("OPENAI_KEY", VALUE, "did you mean OPENAI_API_KEY?"),
        ("NOTHING", VALUE, "there are LIVEKIT_API_KEY"),
    ],
)
def test_what_cannot_work_is_refused(folder: Path, name: str, value: str, problem: str) -> None:
    code, out = _run(folder, "set", "staging", name, given=value)
    assert code == 2
    assert problem in out
    assert boto3.client("ssm", region_name="us-east-1").describe_parameters()["Parameters"] == []


@pytest.mark.usefixtures("aws")
def test_the_list_says_what_is_missing_and_fails_until_nothing_is(folder: Path) -> None:
    values = {"LIVEKIT_API_KEY": "APIabcdefgh", "LIVEKIT_API_SECRET": LIVEKIT, "OPENAI_API_KEY": VALUE}
    for name, value in values.items():
        code, out = _run(folder, "list", "staging")
        assert code == 1
        assert f"polyglot secrets set staging {name}" in out
        _run(folder, "set", "staging", name, given=value)
    code, out = _run(folder, "list", "staging")
    assert code == 0
    assert out.count("version 1") == 3
    assert _run(folder, "list", "prod")[0] == 1


@pytest.mark.usefixtures("aws")
def test_our_own_media_server_s_keys_are_made_once(tmp_path: Path) -> None:
    _file(tmp_path, livekit=OWN)
    code, out = _run(tmp_path, "generate", "staging")
    secret = _parameter("/polyglot/staging/LIVEKIT_API_SECRET")["Content"]
    assert code == 0
    assert len(secret) >= 32
    assert secret not in out
    assert _parameter("/polyglot/staging/LIVEKIT_API_KEY")["Content"].startswith("API")
    assert "nothing was changed" in _run(tmp_path, "generate", "staging")[1]
    assert _parameter("/polyglot/staging/LIVEKIT_API_SECRET")["Content"] == secret


@pytest.mark.usefixtures("aws")
def test_half_a_key_pair_is_not_completed_by_a_stranger(tmp_path: Path) -> None:
    _file(tmp_path, livekit=OWN)
    _run(tmp_path, "set", "staging", "LIVEKIT_API_KEY", given="APIabcdefgh")
    code, out = _run(tmp_path, "generate", "staging")
    assert code == 2
    assert "LIVEKIT_API_KEY" in out


@pytest.mark.usefixtures("aws")
def test_livekit_cloud_s_keys_are_not_made_here(folder: Path) -> None:
    code, out = _run(folder, "generate", "staging")
    assert code == 2
    assert "LiveKit Cloud" in out


@pytest.mark.usefixtures("aws")
def test_what_is_removed_is_gone(folder: Path) -> None:
    _run(folder, "set", "staging", "OPENAI_API_KEY", given=VALUE)
    assert "is removed" in _run(folder, "remove", "staging", "OPENAI_API_KEY")[1]
    assert "was not set" in _run(folder, "remove", "staging", "OPENAI_API_KEY")[1]


def test_the_local_stack_has_no_parameters(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.local.yaml").write_text("config:\n  polyglot:environment: local\n")
    code, out = _run(tmp_path, "list", "local")
    assert code == 2
    assert ".env" in out


def test_calls_to_aws_end() -> None:
    assert 0 < parameters.LIMITS.connect_timeout <= 10
    assert 0 < parameters.LIMITS.read_timeout <= 30


def test_without_credentials_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "none"))
    code, out = _run(folder, "list", "staging")
    assert code == 2
    assert "no AWS credentials" in out
    assert socket.gethostname() not in out
