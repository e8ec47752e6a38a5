"""A wrong setting stops the start, and says which variable, what is wrong and what is allowed."""

import pytest
from pydantic import ValidationError

from agent.settings import AgentSettings
from contracts.models import PROVIDER_VARIABLES

GOOD = {
    "LIVEKIT_URL": "wss://project.livekit.cloud",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "a-secret-of-more-than-thirty-two-bytes",
    "OPENAI_API_KEY": "sk-test",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*GOOD, *PROVIDER_VARIABLES, "OPENAI_BASE_URL", "API_SERVER_URL"]:
        monkeypatch.delenv(name, raising=False)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    settings = AgentSettings()
    assert settings.livekit_url.host == "project.livekit.cloud"
    assert settings.model_base_url is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LIVEKIT_URL", "project.livekit.cloud", "LIVEKIT_URL"),
        ("LIVEKIT_URL", "ftp://x", "LIVEKIT_URL"),
        ("LIVEKIT_API_SECRET", "short", "at least 32 bytes"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:8090/api", "must end in /v1"),
        ("POLYGLOT_CHAT_MODEL", "gpt-9", "openai/gpt-6-luna"),
        ("POLYGLOT_CHAT_MODEL", "anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY is not set"),
        ("POLYGLOT_SPEECH_MODEL", "server/mine", "POLYGLOT_SPEECH_BASE_URL is not set"),
        ("POLYGLOT_SPEECH_VOICE", "coral", "Lucia"),
        ("POLYGLOT_REALTIME_VOICE", "nova", "marin"),
        ("POLYGLOT_AGENT_MAX_CALLS", "0", "greater than or equal to 1"),
        ("POLYGLOT_LOG_LEVEL", "LOUD", "DEBUG|INFO|WARNING|ERROR"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AgentSettings.model_validate({**GOOD, name: value})
    assert says in str(caught.value)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_value_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        AgentSettings.model_validate({key: value for key, value in GOOD.items() if key != name})


def test_a_secret_is_in_no_error_and_no_text() -> None:
    with pytest.raises(ValidationError) as caught:
        AgentSettings.model_validate({**GOOD, "LIVEKIT_API_SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)
    shown = repr(AgentSettings.model_validate(GOOD))
    assert GOOD["LIVEKIT_API_SECRET"] not in shown
    assert GOOD["OPENAI_API_KEY"] not in shown
