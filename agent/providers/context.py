"""What a provider is told about the call that it builds a model for."""

from dataclasses import dataclass
from typing import Final

from livekit.agents.types import APIConnectOptions

from agent import budgets
from agent.providers.client import Clients
from agent.settings import AgentSettings
from contracts.languages import LANGUAGES

REALTIME_CONNECT: Final = APIConnectOptions(
    max_retry=budgets.REALTIME_RETRIES, retry_interval=budgets.MODEL_RETRY_WAIT, timeout=budgets.REALTIME_TIMEOUT
)
SERVER_VAD_SILENCE_MS: Final = 400


@dataclass(frozen=True)
class CallContext:
    """Settings, connections and languages of one call."""

    settings: AgentSettings
    clients: Clients
    language: str
    """What is spoken now."""
    pinned: bool = False
    """Whether the user chose the language, so that no other is listened for."""

    @property
    def heard(self) -> tuple[str, ...]:
        """Languages that may be heard, the likeliest first."""
        others = () if self.pinned else tuple(code for code in LANGUAGES if code != self.language)
        return (self.language, *others)

    def value(self, name: str) -> str:
        """A provider's key or variable; the settings have seen to it that there is one."""
        return self.settings.value_of(name) or ""


def tag(language: str) -> str:
    """BCP 47 tag with a region, as most services want it."""
    return LANGUAGES[language].tag
