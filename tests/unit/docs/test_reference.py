"""The reference names every setting, route, tool, topic and method, so that it cannot fall behind the code."""

from pathlib import Path

import pytest
from pydantic import AliasChoices

from agent.settings import AgentSettings
from api.app import create_app
from api.settings import Settings
from contracts import names, tools
from contracts.fares import SOURCE_VARIABLES
from contracts.models import PROVIDER_VARIABLES
from emulator.settings import EmulatorSettings

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference.md").read_text(encoding="utf-8")


def variables() -> list[str]:
    found = []
    for model in (Settings, AgentSettings):
        for field in model.model_fields.values():
            alias = field.validation_alias
            if isinstance(alias, AliasChoices):
                found += [str(choice) for choice in alias.choices]
            elif isinstance(alias, str):
                found.append(alias)
    emulator = [f"EMULATOR_{name.upper()}" for name in EmulatorSettings.model_fields]
    return [*found, *emulator, *sorted(PROVIDER_VARIABLES), *SOURCE_VARIABLES]


def routes() -> list[str]:
    settings = Settings.model_validate(
        {"LIVEKIT_URL": "ws://127.0.0.1", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "x" * 40}
    )
    return [*create_app(settings).openapi()["paths"], "/ws"]


def wire_names() -> list[str]:
    prefixes = ("TOPIC_", "RPC_", "ATTRIBUTE_LANGUAGE", "ATTRIBUTE_PIPELINE", "ATTRIBUTE_AGENT")
    return [value for name, value in vars(names).items() if name.startswith(prefixes)]


@pytest.mark.parametrize("variable", variables())
def test_every_setting_is_documented(variable: str) -> None:
    assert f"`{variable}`" in REFERENCE


@pytest.mark.parametrize("route", routes())
def test_every_route_is_documented(route: str) -> None:
    assert f" {route}`" in REFERENCE


@pytest.mark.parametrize(
    "name", [*wire_names(), *(value for name, value in vars(tools).items() if name.startswith("TOOL_"))]
)
def test_every_name_on_the_wire_is_documented(name: str) -> None:
    assert f"`{name}`" in REFERENCE
