"""What each secret is; which service gets it stands in `services.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.services import SERVICES
from infra.settings import Settings
from infra.settings.fares import FARE_SOURCES
from infra.settings.services import MAIL_SERVER


@dataclass(frozen=True)
class Secret:
    """An SSM parameter that becomes an environment variable of the same name."""

    name: str
    what: str
    generated: bool = False
    """Can be made by `polyglot secrets generate`, where the media server is one's own."""
    fare_source: str = ""
    """Needed only where `api.fare_sources` lists this source; empty: everywhere."""
    on_request: bool = False
    """Needed only where `api.secrets` lists it, or another setting needs it."""

    @property
    def services(self) -> tuple[str, ...]:
        """Who gets it."""
        return tuple(
            service.name
            for service in SERVICES.values()
            if self.name in service.secrets or (self.fare_source and "{fare_sources}" in service.environment.values())
        )


MODEL_KEY: Final = "OPENAI_API_KEY"

CATALOG: Final = (
    Secret("LIVEKIT_API_KEY", "LiveKit API key: its identifier", generated=True),
    Secret("LIVEKIT_API_SECRET", "LiveKit API key: its secret, at least 32 bytes", generated=True),
    Secret("OPENAI_API_KEY", "OpenAI API key"),
    *(
        Secret(name, secret["what"], fare_source=source)
        for source, entry in FARE_SOURCES.items()
        for name, secret in entry.get("secrets", {}).items()
    ),
    Secret("POLYGLOT_OPERATOR_KEY", "the operator's key of the API, at least 32 bytes", on_request=True),
    Secret("POLYGLOT_PAGE_KEY", "signs page tokens, at least 32 bytes", on_request=True),
    Secret("LIVEKIT_PREVIOUS_API_KEY", "LiveKit API key that is being replaced: its identifier", on_request=True),
    Secret("LIVEKIT_PREVIOUS_API_SECRET", "LiveKit API key that is being replaced: its secret", on_request=True),
    Secret("POLYGLOT_RECORDING_ACCESS_KEY", "access key of the bucket for recordings: its identifier", on_request=True),
    Secret("POLYGLOT_RECORDING_SECRET_KEY", "access key of the bucket for recordings: its secret", on_request=True),
    Secret(MAIL_SERVER, "mail server of price alerts: smtp://user:password@host:587, or smtps://", on_request=True),
)
"""What is not here is never injected."""


MODELS: Final = Path(__file__).resolve().parents[1] / "contracts" / "models.toml"
STAGES: Final = ("realtime", "chat", "transcription", "speech")


@cache
def _registry() -> Mapping[str, Any]:
    """Providers of models and the keys that each asks for, as the API and the agent read them."""
    return tomllib.loads(MODELS.read_text(encoding="utf-8"))


def of_providers() -> tuple[Secret, ...]:
    """Keys of every provider of models, beside those of the catalogue."""
    known = {secret.name for secret in CATALOG}
    found: dict[str, Secret] = {}
    for provider in _registry()["providers"].values():
        for stage in STAGES:
            for name in provider.get(stage, {}).get("secrets", ()):
                if name not in known:
                    found.setdefault(name, Secret(name, f"{provider['title']} API key"))
    return tuple(found.values())


def everything() -> tuple[Secret, ...]:
    """All secrets that a stack may be told to have."""
    return (*CATALOG, *of_providers())


def of_models(settings: Settings) -> tuple[str, ...]:
    """Keys of the providers whose models the settings list, or which are used where they list none."""
    listed = [(stage, getattr(settings.models, stage) or _registry()["defaults"][stage]) for stage in STAGES]
    asked = (*listed, ("chat", settings.models.expert or ""))
    return tuple(dict.fromkeys(name for stage, models in asked for name in _keys(stage, models)))


def _keys(stage: str, models: str) -> Iterator[str]:
    for model in filter(None, map(str.strip, models.split(","))):
        # A name without a provider is OpenAI's, or that of a server which speaks as OpenAI does.
        provider = model.partition("/")[0] if "/" in model else "openai"
        yield from _registry()["providers"].get(provider, {}).get(stage, {}).get("secrets", ())


def required(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Names of the secrets that each service of this stack must have, in order."""
    if settings.media is not None:
        return {"media": tuple(secret.name for secret in CATALOG if secret.generated)}
    models = {*of_models(settings)}
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
        own = [one for one in listed if one not in others or one in models]
        # Who talks uses models; who writes the record of a call uses the one for that, where one is named.
        more = of_models(settings) if service.live_calls else ()
        if "{summary_model}" in service.environment.values():
            more = tuple(_keys("chat", settings.api.summary_model or ""))
        found[name] = tuple(dict.fromkeys((*own, *more)))
    return found
