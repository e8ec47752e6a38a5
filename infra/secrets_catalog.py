"""What each secret is; which service gets it stands in `services.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.services import SERVICES
from infra.settings import Settings


@dataclass(frozen=True)
class Secret:
    """An SSM parameter that becomes an environment variable of the same name."""

    name: str
    what: str
    generated: bool = False
    """Can be made by `polyglot secrets generate`, where the media server is one's own."""
    fare_source: str = ""
    """Needed only where `api.fare_sources` lists this source; empty: everywhere."""

    @property
    def services(self) -> tuple[str, ...]:
        """Who gets it."""
        return tuple(service.name for service in SERVICES.values() if self.name in service.secrets)


CATALOG: Final = (
    Secret("LIVEKIT_API_KEY", "LiveKit API key: its identifier", generated=True),
    Secret("LIVEKIT_API_SECRET", "LiveKit API key: its secret, at least 32 bytes", generated=True),
    Secret("OPENAI_API_KEY", "OpenAI API key"),
    Secret("DUFFEL_API_TOKEN", "Duffel access token; in prod one of live mode", fare_source="duffel"),
    Secret("SERPAPI_API_KEY", "SerpApi key", fare_source="serpapi"),
)
"""What is not here is never injected."""


def required(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Names of the secrets that each service of this stack must have, in order."""
    needed = [secret for secret in CATALOG if not secret.fare_source or secret.fare_source in settings.api.fare_sources]
    return {service: tuple(secret.name for secret in needed if service in secret.services) for service in SERVICES}
