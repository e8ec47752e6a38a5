"""Which fare sources are asked, and what each of them needs; the sources themselves stand in `contracts/fares.toml`."""

import os
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AnyUrl, Field, SecretStr, TypeAdapter, UrlConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode

from api.flights.providers.base import Access
from contracts.fares import FARE_SOURCES, SOURCE_VARIABLES, SOURCES_VARIABLE, Gives, SourceEntry, SourceSetting

_URL = TypeAdapter(Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)])
_SECONDS = TypeAdapter(Annotated[float, Field(ge=0, le=30)])


class FareSettings(BaseSettings):
    """The part of `api.settings.Settings` that flight searches need."""

    fare_sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias=SOURCES_VARIABLE, validate_default=True, examples=["duffel"]
    )
    """In the order in which they are asked."""
    fare_values: Mapping[str, SecretStr] = Field(default_factory=dict, validate_default=True, exclude=True)
    """Keys, addresses and other variables of the sources, by the names that the registry gives them."""
    search_deadline: Annotated[float, Field(gt=0, le=30)] = Field(
        default=6.0, validation_alias="POLYGLOT_SEARCH_DEADLINE", examples=["6"]
    )
    search_cache_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=300.0, validation_alias="POLYGLOT_SEARCH_CACHE_SECONDS", examples=["300"]
    )

    @field_validator("fare_sources", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("fare_sources")
    @classmethod
    def _known_and_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        strangers = [name for name in value if name not in FARE_SOURCES]
        if strangers:
            raise ValueError(f"there is no source {', '.join(strangers)}; there are {', '.join(FARE_SOURCES)}")
        return tuple(dict.fromkeys(value))

    @field_validator("fare_values", mode="before")
    @classmethod
    def _of_sources(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic's type
        return given or {
            name: os.environ[name].strip() for name in SOURCE_VARIABLES if os.environ.get(name, "").strip()
        }

    def access(self, name: str, *, prod: bool) -> Access:
        """What the source of that name is made with."""
        defaults = {key: SecretStr(setting.default) for key, setting in FARE_SOURCES[name].settings.items()}
        return Access(name, defaults | dict(self.fare_values), prod=prod)

    def settle_fares(self, *, prod: bool) -> None:
        """Fill in the sources where none is listed: those whose key is enough, else sample data outside production.

        Raises ValueError with one line for each thing that is wrong.
        """
        if not self.fare_sources:
            by_key = [name for name, entry in FARE_SOURCES.items() if entry.by_key and self._has_keys(entry)]
            self.fare_sources = tuple(by_key) or (() if prod else ("sample",))
        problems = [*self._misshapen(), *self._keyless(), *(self._made_up() if prod else ())]
        if problems:
            raise ValueError("\n".join(problems))

    def _has_keys(self, entry: SourceEntry) -> bool:
        return all(name in self.fare_values for name in entry.secrets)

    def _misshapen(self) -> list[str]:
        found = []
        for entry in FARE_SOURCES.values():
            found += [
                # A header cannot carry anything else, and the library would say so with the key in its message.
                f"{name}: must be one word of plain letters, digits and signs; for example {name}={secret.example}"
                for name, secret in entry.secrets.items()
                if name in self.fare_values and not _is_word(self.fare_values[name].get_secret_value())
            ]
            for name, setting in entry.settings.items():
                problem = (
                    _problem(setting, self.fare_values[name].get_secret_value()) if name in self.fare_values else None
                )
                found += [f"{name}: {problem}; for example {name}={setting.default}"] if problem else []
        return found

    def _keyless(self) -> list[str]:
        return [
            f"{variable}: is not set, and {SOURCES_VARIABLE} lists {name}; for example {variable}={secret.example}"
            for name in self.fare_sources
            for variable, secret in FARE_SOURCES[name].secrets.items()
            if variable not in self.fare_values
        ]

    def _made_up(self) -> list[str]:
        """What production refuses: prices that are nobody's, and keys sent in plain."""
        found = [
            f"{SOURCES_VARIABLE}: {name} prices are made up and never answer in prod"
            for name in self.fare_sources
            if FARE_SOURCES[name].made_up
        ]
        for entry in FARE_SOURCES.values():
            for variable, secret in entry.secrets.items():
                key = self.fare_values.get(variable)
                if key and secret.test_prefix and key.get_secret_value().startswith(secret.test_prefix):
                    found.append(
                        f"{variable}: is a token of {entry.title}'s test mode, whose prices are made up and never answer "
                        f"in prod; for example {variable}={secret.example}"
                    )
            for variable, setting in entry.settings.items():
                url = self.fare_values.get(variable)
                if setting.kind == "url" and url and not url.get_secret_value().startswith("https:"):
                    found.append(f"{variable}: must be https in prod, where it gets a key")
        return found

    def gives(self, what: Gives) -> tuple[str, ...]:
        """Listed sources that can be asked for something."""
        return tuple(name for name in self.fare_sources if what in FARE_SOURCES[name].gives)


def _is_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _problem(setting: SourceSetting, value: str) -> str | None:
    try:
        if setting.kind == "url":
            _URL.validate_python(value)
        elif setting.kind == "seconds":
            _SECONDS.validate_python(value)
        elif not _is_word(value):
            return "must be one word"
    except ValidationError:
        return "must be an http or https address" if setting.kind == "url" else "must be a number from 0 to 30"
    return None
