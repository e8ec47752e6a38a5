"""Which secret goes to which service: the one list that the program, `polyglot secrets` and the documents read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.settings import Settings


@dataclass(frozen=True)
class Secret:
    """An SSM parameter that becomes an environment variable of the same name."""

    name: str
    services: tuple[str, ...]
    what: str
    generated: bool = False
    """Made by `polyglot secrets generate` where the media server is our own."""


CATALOG: Final = (
    Secret("LIVEKIT_API_KEY", ("api", "agent"), "LiveKit API key: its identifier", generated=True),
    Secret("LIVEKIT_API_SECRET", ("api", "agent"), "LiveKit API key: its secret, at least 32 bytes", generated=True),
    Secret("OPENAI_API_KEY", ("agent",), "OpenAI API key"),
)
"""What is not here is never injected. Fare sources add theirs when the API takes them."""


def required(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Names of the secrets that each service of this stack must have, in order."""
    del settings  # every stack needs all of them today; a fare source's token will depend on `api.fare_sources`
    return {
        service: tuple(secret.name for secret in CATALOG if service in secret.services) for service in ("api", "agent")
    }
