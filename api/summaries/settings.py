"""Which model writes summaries, and where it is: the same names, keys and addresses as the agent's chat models."""

import os
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.models import PROVIDER_VARIABLES, REGISTRY, ModelRef, Stage, parse_models

PREFIX = "POLYGLOT_SUMMARY_"
SPOKEN_TO = tuple(
    name
    for name, offer in REGISTRY.providers_of(Stage.CHAT).items()
    if name in {"openai", "azure", "server"} or offer.openai_url
)
"""Providers whose chat models answer in OpenAI's shape."""


class SummarySettings(BaseSettings):
    """Without a model, summaries hold the plain facts."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    model: str | None = Field(default=None, validation_alias=f"{PREFIX}MODEL", examples=["openai/gpt-6-luna"])
    """An ordered list, as `POLYGLOT_CHAT_MODEL` is."""
    openai_base_url: HttpUrl | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    chat_base_url: HttpUrl | None = Field(default=None, validation_alias="POLYGLOT_CHAT_BASE_URL")
    chat_api_key: SecretStr | None = Field(default=None, validation_alias="POLYGLOT_CHAT_API_KEY")
    values: Mapping[str, SecretStr] = Field(default_factory=dict, exclude=True)
    """Keys and other variables of the providers, by the names that the registry gives them."""

    @model_validator(mode="before")
    @classmethod
    def _of_providers(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic's type
        if isinstance(data, dict) and "values" not in data:
            found = {name: os.environ.get(name) for name in PROVIDER_VARIABLES}
            data = {**data, "values": {name: value for name, value in found.items() if value}}
        return data

    @model_validator(mode="after")
    def _usable(self) -> Self:
        for ref in self.models:
            if ref.provider not in SPOKEN_TO:
                raise ValueError(
                    f"{PREFIX}MODEL: {ref.provider} cannot write summaries; there are {', '.join(SPOKEN_TO)}"
                )
            for name in (*ref.offer.secrets, *ref.offer.variables):
                if not self.value_of(name):
                    raise ValueError(f"{name} is not set, and {PREFIX}MODEL names {ref}")
        return self

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """The first one first; empty: plain facts."""
        if self.model is None:
            return ()
        try:
            return parse_models(Stage.CHAT, self.model)
        except ValueError as error:
            raise ValueError(f"{PREFIX}MODEL: {error}") from None

    def value_of(self, name: str) -> str | None:
        """A provider's key or variable."""
        if name == "POLYGLOT_CHAT_BASE_URL":
            return str(self.chat_base_url) if self.chat_base_url else None
        value = self.values.get(name)
        return value.get_secret_value() if value else None
