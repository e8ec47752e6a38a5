"""Which fare sources are asked, and their keys."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AnyUrl, Field, SecretStr, UrlConstraints, field_validator
from pydantic_settings import BaseSettings, NoDecode

from api.flights.providers.duffel import TEST_PREFIX
from api.flights.providers.duffel import VARIABLE as DUFFEL_VARIABLE
from api.flights.providers.serpapi import VARIABLE as SERPAPI_VARIABLE

FareSourceName = Literal["duffel", "serpapi", "sample"]
SOURCES_VARIABLE: Final = "POLYGLOT_FARE_SOURCES"
_EXAMPLES: Final = {DUFFEL_VARIABLE: "duffel_live_...", SERPAPI_VARIABLE: "the key of your SerpApi account"}

HttpUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]


def _one_word(key: SecretStr) -> SecretStr:
    # A header cannot carry anything else, and the library would say so with the key in its message.
    value = key.get_secret_value().strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("must be one word of plain letters, digits and signs")
    return SecretStr(value)


Key = Annotated[SecretStr, AfterValidator(_one_word)]


class FareSettings(BaseSettings):
    """The part of `api.settings.Settings` that flight searches need."""

    fare_sources: Annotated[tuple[FareSourceName, ...], NoDecode] = Field(
        default=(), validation_alias=SOURCES_VARIABLE, validate_default=True, examples=["duffel"]
    )
    """In the order in which they are asked."""
    duffel_api_token: Key | None = Field(
        default=None, validation_alias=DUFFEL_VARIABLE, examples=[_EXAMPLES[DUFFEL_VARIABLE]]
    )
    duffel_url: HttpUrl = Field(
        default=AnyUrl("https://api.duffel.com"),
        validation_alias="POLYGLOT_DUFFEL_URL",
        examples=["https://api.duffel.com"],
    )
    """Another address is a stand-in's."""
    serpapi_api_key: Key | None = Field(
        default=None, validation_alias=SERPAPI_VARIABLE, examples=[_EXAMPLES[SERPAPI_VARIABLE]]
    )
    serpapi_url: HttpUrl = Field(
        default=AnyUrl("https://serpapi.com"), validation_alias="POLYGLOT_SERPAPI_URL", examples=["https://serpapi.com"]
    )
    search_deadline: Annotated[float, Field(gt=0, le=30)] = Field(
        default=6.0, validation_alias="POLYGLOT_SEARCH_DEADLINE", examples=["6"]
    )
    search_cache_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=300.0, validation_alias="POLYGLOT_SEARCH_CACHE_SECONDS", examples=["300"]
    )
    sample_delay: Annotated[float, Field(ge=0, le=30)] = Field(
        default=0.0, validation_alias="POLYGLOT_SAMPLE_DELAY", examples=["1.5"]
    )
    """Seconds that the sample source takes to answer: to see and test what a slow search is like."""

    @field_validator("fare_sources", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("fare_sources")
    @classmethod
    def _each_once(cls, value: tuple[FareSourceName, ...]) -> tuple[FareSourceName, ...]:
        return tuple(dict.fromkeys(value))

    def settle_fares(self, *, prod: bool) -> None:
        """Fill in the sources where none is listed: Duffel with a token, else sample data outside production.

        SerpApi answers only where it is listed. Raises ValueError with one line for each thing that is wrong.
        """
        if not self.fare_sources and self.duffel_api_token is not None:
            self.fare_sources = ("duffel",)
        elif not self.fare_sources and not prod:
            self.fare_sources = ("sample",)
        problems = [*self._keyless(), *(self._made_up() if prod else ())]
        if problems:
            raise ValueError("\n".join(problems))

    def _keyless(self) -> list[str]:
        keys = (("duffel", DUFFEL_VARIABLE, self.duffel_api_token), ("serpapi", SERPAPI_VARIABLE, self.serpapi_api_key))
        return [
            f"{variable}: is not set, and {SOURCES_VARIABLE} lists {source}; for example {variable}={_EXAMPLES[variable]}"
            for source, variable, key in keys
            if source in self.fare_sources and key is None
        ]

    def _made_up(self) -> list[str]:
        """What production refuses: prices that are nobody's, and keys sent in plain."""
        found = []
        if "sample" in self.fare_sources:
            found.append(f"{SOURCES_VARIABLE}: sample prices are made up and never answer in prod")
        if self.duffel_api_token is not None and self.duffel_api_token.get_secret_value().startswith(TEST_PREFIX):
            found.append(
                f"{DUFFEL_VARIABLE}: is a token of Duffel's test mode, whose prices are made up and never answer in "
                f"prod; for example {DUFFEL_VARIABLE}={_EXAMPLES[DUFFEL_VARIABLE]}"
            )
        for variable, url in (("POLYGLOT_DUFFEL_URL", self.duffel_url), ("POLYGLOT_SERPAPI_URL", self.serpapi_url)):
            if url.scheme != "https":
                found.append(f"{variable}: must be https in prod, where it gets a key")
        return found


def key_of(key: SecretStr | None) -> SecretStr:
    """The key of a source that is listed, which the settings have made sure of."""
    if key is None:
        raise ValueError("the source has no key")
    return key
