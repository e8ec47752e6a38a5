"""What a stack looks up: missing secrets are all told, a new value rolls the tasks that read it, a refusal is one line."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from infra_mocks import PROD, STAGING, Recorded, run, settings
from whole import STACKS, stack

from api.alerts.settings import PREFIX, AlertSettings
from infra import program
from infra.components.secrets import MissingSecretsError
from infra.program import LookUpError, declare
from infra.secrets_catalog import CATALOG, everything, required
from infra.services import SERVICES
from infra.settings import SettingsError
from infra.settings.services import MAIL_SERVER as SMTP
from infra.stacks.facts import of_settings

ROOT: Final = Path(__file__).resolve().parents[3]


def test_missing_secrets_are_all_named_with_the_command_that_sets_them() -> None:
    def answer_nothing() -> None:
        declare(settings(PROD, api={"fare_sources": ["duffel"]}))

    plain = {"aws:ssm/getParameter:getParameter": {"type": "String", "version": 1, "name": "x", "arn": "x", "id": "x"}}
    with pytest.raises(MissingSecretsError) as caught:
        run(answer_nothing, answers=plain)
    said = str(caught.value)
    needed = [secret for secret in CATALOG if secret.fare_source in {"", "duffel"} and not secret.on_request]
    assert "DUFFEL_API_TOKEN" in {secret.name for secret in needed}
    for secret in needed:
        assert f"/polyglot/prod/{secret.name} is a plain String: polyglot secrets set prod {secret.name}" in said


def test_a_new_value_makes_a_new_revision() -> None:
    def definition(recorded: Recorded) -> tuple[dict[str, str], dict[str, Any]]:
        (container,) = recorded.one("aws.ecs.TaskDefinition", "agent").json("containerDefinitions")
        return container.pop("dockerLabels"), container

    found = {"type": "SecureString", "version": 2, "name": "x", "arn": "x", "id": "x"}
    newer = run(lambda: declare(STACKS["built here"]), answers={"aws:ssm/getParameter:getParameter": found})
    (before, first), (after, second) = definition(stack("built here")), definition(newer)
    assert (set(before.values()), set(after.values())) == ({"1"}, {"2"})
    assert first == second


def test_a_secret_that_the_settings_ask_for_is_needed_and_no_other() -> None:
    asked = required(settings(STAGING, api={"secrets": ["POLYGLOT_OPERATOR_KEY"]}))
    assert "POLYGLOT_OPERATOR_KEY" in asked["api"]
    assert "POLYGLOT_PAGE_KEY" not in asked["api"]
    assert "POLYGLOT_OPERATOR_KEY" not in asked["agent"]


def keys(**models: str) -> tuple[str, ...]:
    return required(settings(STAGING, models=models))["agent"][2:]


def test_the_keys_are_those_of_the_models_that_are_listed() -> None:
    assert keys() == ("OPENAI_API_KEY",)
    assert keys(chat="anthropic/claude-sonnet-4-6, openai/gpt-6-luna") == ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
    elsewhere = {"realtime": "google/gemini-3.8-live", "chat": "aws/x", "transcription": "deepgram/nova-3"}
    assert keys(**elsewhere) == ("GOOGLE_API_KEY", "DEEPGRAM_API_KEY")
    assert "ELEVEN_API_KEY" in {secret.name for secret in everything()}
    assert all("API" not in name or name.startswith("LIVEKIT") for name in required(settings(STAGING))["api"])


def test_a_model_without_its_provider_s_name_brings_the_key_of_who_has_it() -> None:
    assert keys(chat="claude-sonnet-4-6") == ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


def test_the_api_gets_the_key_of_the_model_that_writes_summaries_and_no_other() -> None:
    assert "OPENAI_API_KEY" not in required(settings(STAGING))["api"]
    own = {"POLYGLOT_CHAT_BASE_URL": "https://models.example.com/v1"}
    asked = settings(STAGING, api={"summary_model": "anthropic/claude-sonnet-4-6, server/mine", "variables": own})
    assert required(asked)["api"][2:] == ("ANTHROPIC_API_KEY",)
    assert of_settings(asked)["summary_model"] == "anthropic/claude-sonnet-4-6, server/mine"
    assert [name for name, service in SERVICES.items() if "{summary_model}" in service.environment.values()] == ["api"]
    assert "POLYGLOT_SUMMARY_MODEL" not in told_to_the_api(stack("built here"))


def test_the_agent_gets_the_key_of_the_model_that_harder_questions_go_to() -> None:
    asked = settings(STAGING, models={"expert": "anthropic/claude-sonnet-4-6"})
    assert required(asked)["agent"][2:] == ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
    assert "ANTHROPIC_API_KEY" not in required(asked)["api"]
    assert of_settings(asked)["model_expert"] == "anthropic/claude-sonnet-4-6"
    assert SERVICES["agent"].environment["POLYGLOT_EXPERT_MODEL"] == "{model_expert}"


def test_the_personas_that_may_be_asked_for_are_those_that_there_are() -> None:
    known = tomllib.loads((ROOT / "contracts" / "personas.toml").read_text(encoding="utf-8"))
    asked = settings(STAGING, api={"personas": list(known)})
    assert of_settings(asked)["personas"] == ",".join(known)
    assert "POLYGLOT_PERSONAS" not in told_to_the_api(stack("built here"))


SENDER = "Polyglot <flights@travel.example.com>"


@pytest.mark.parametrize(("name", "page"), [("prod", "https://voice.example.com"), ("staging", "https://d")])
def test_the_api_knows_where_its_page_is_and_sends_nobody_e_mails_unasked(name: str, page: str) -> None:
    recorded = stack(name)
    told = told_to_the_api(recorded)
    assert told["POLYGLOT_PAGE_URL"].startswith(page)
    assert not [name for name in told if name.startswith("POLYGLOT_ALERTS_")]
    assert SMTP not in required(STACKS[name])["api"]
    assert not ports(recorded) & {25, 465, 587}


def test_with_a_sender_the_api_has_the_mail_server_its_secret_and_the_way_there() -> None:
    chosen = {"mail_from": SENDER, "mail_port": 465, "hours": 6, "most": 5}
    recorded = run(lambda: declare(settings(PROD, api={"alerts": chosen})))
    told = told_to_the_api(recorded)
    # Read as the API reads it, so that what is written here is what it knows.
    alerts = AlertSettings.model_validate(
        {name.removeprefix(PREFIX).lower(): value for name, value in told.items() if name.startswith(PREFIX)}
        | {"smtp_url": "smtps://user:password@mail.example.com:465"}
    )
    assert (alerts.mail_from, alerts.hours, alerts.most) == (SENDER, 6, 5)
    (api,) = recorded.one("aws.ecs.TaskDefinition", "api").json("containerDefinitions")
    assert SMTP in {secret["name"] for secret in api["secrets"]}
    assert SMTP not in str(recorded.one("aws.ecs.TaskDefinition", "agent").inputs)
    assert 465 in ports(recorded)


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ({"mail_from": "flights"}, "a sender of e-mails"),
        ({"mail_from": SENDER, "mail_port": 25}, "AWS blocks port 25"),
        ({"hours": 0}, "hours"),
    ],
)
def test_what_no_mail_can_be_sent_with_is_refused(alerts: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings(PROD, api={"alerts": alerts})


def test_a_mail_server_s_address_is_no_plain_variable() -> None:
    with pytest.raises(SettingsError, match=f"{SMTP}: a secret never goes in plain"):
        settings(PROD, api={"variables": {SMTP: "smtp://user:password@mail.example.com:587"}})


def told_to_the_api(recorded: Recorded) -> dict[str, str]:
    (api,) = recorded.one("aws.ecs.TaskDefinition", "api").json("containerDefinitions")
    return {entry["name"]: entry["value"] for entry in api["environment"]}


def ports(recorded: Recorded) -> set[int]:
    """Where the API may call."""
    rules = recorded.all("aws.vpc.SecurityGroupEgressRule")
    return {rule.inputs["fromPort"] for rule in rules if rule.name.startswith("api-") and "fromPort" in rule.inputs}


INVOKE = "invoke of aws:{0} failed: invocation of aws:{0} returned an error: {1}"


@pytest.mark.parametrize(
    ("what", "why", "told"),
    [
        ("kms/getAlias:getAlias", "AWS account ID not allowed: 999999999999", "polyglot:aws.account is 111122223333"),
        (
            "route53/getZone:getZone",
            "no matching Route 53 Hosted Zone found",
            "getZone in us-east-1: no matching Route 53",
        ),
        ("kms/getAlias:getAlias", "No valid credential sources found", "Sign in again"),
    ],
)
def test_what_aws_refuses_to_tell_is_one_line_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, what: str, why: str, told: str
) -> None:
    def refuse(_: object) -> None:
        raise Exception(INVOKE.format(what, why))  # noqa: TRY002 - as the engine does

    monkeypatch.setattr(program, "load", lambda _: settings(STAGING))
    monkeypatch.setattr(program, "declare", refuse)
    with pytest.raises(LookUpError, match=told):
        program.main()


def test_a_mistake_of_the_program_itself_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(program, "load", lambda _: settings(STAGING))
    monkeypatch.setattr(program, "declare", fail)
    with pytest.raises(KeyError):
        program.main()
