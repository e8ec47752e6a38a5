"""What each secret is, by `secrets.toml`; which service gets it stands in `services.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.fares import FARE_SOURCES
from contracts.models import REGISTRY, ModelRef, Stage
from infra.services import SERVICES
from infra.settings import Settings


@dataclass(frozen=True)
class Secret:
    """An SSM parameter that becomes an environment variable of the same name."""

    name: str
    what: str
    generated: bool = False
    fare_source: str = ""
    """Needed only where `api.fare_sources` lists this source; empty: everywhere."""
    on_request: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        """Who gets it."""
        return tuple(
            service.name
            for service in SERVICES.values()
            if self.name in service.secrets or (self.fare_source and "{fare_sources}" in service.environment.values())
        )


MODEL_KEY: Final = "OPENAI_API_KEY"
TABLE: Final = tomllib.loads(Path(__file__).with_name("secrets.toml").read_text(encoding="utf-8"))
CATALOG: Final = (
    *(Secret(name, **row) for name, row in TABLE.items()),
    *(
        Secret(name, key.what, fare_source=one)
        for one, row in FARE_SOURCES.items()
        for name, key in row.secrets.items()
    ),
)
"""What is not here is never injected."""


def of_providers() -> tuple[Secret, ...]:
    """Keys of every provider of models, beside those of the catalogue."""
    known = {secret.name for secret in CATALOG}
    found: dict[str, Secret] = {}
    for stage in Stage:
        for provider, offer in REGISTRY.providers_of(stage).items():
            for name in offer.secrets:
                if name not in known:
                    found.setdefault(name, Secret(name, f"{REGISTRY.providers[provider].title} API key"))
    return tuple(found.values())


def everything() -> tuple[Secret, ...]:
    """All secrets that a stack may be told to have."""
    return (*CATALOG, *of_providers())


def of_models(refs: Iterable[ModelRef]) -> tuple[str, ...]:
    """Keys of the models' providers, each once."""
    return tuple(dict.fromkeys(name for ref in refs for name in ref.offer.secrets))


def required(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Names of the secrets that each service of this stack must have, in order."""
    if settings.media is not None:
        return {"media": tuple(secret.name for secret in CATALOG if secret.generated)}
    agents = of_models(ref for refs in settings.models.listed().values() for ref in refs)
    others = {secret.name for secret in of_providers()} | {MODEL_KEY}
    needed = [
        secret
        for secret in CATALOG
        if (not secret.fare_source or secret.fare_source in settings.api.fare_sources)
        and (not secret.on_request or secret.name in settings.api.requested)
    ]
    found: dict[str, tuple[str, ...]] = {}
    for name, service in SERVICES.items():
        listed = [secret.name for secret in needed if name in secret.services]
        own = [one for one in listed if one not in others or one in agents]
        # Who talks uses models; who writes the record of a call uses the one for that, where one is named.
        more = agents if service.live_calls else ()
        if "{summary_model}" in service.environment.values():
            more = of_models(settings.api.summarisers)
        found[name] = tuple(dict.fromkeys((*own, *more)))
    return found
