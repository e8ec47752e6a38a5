"""What models and media cost in a call-minute, by the models that the settings list first."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Final

from genai_prices import Usage, calc_price

from infra.costs.rates import Rates
from infra.secrets_catalog import MODELS
from infra.settings import Settings

SPOKEN: Final = {
    "input_tokens": 5_300,
    "cache_read_tokens": 4_600,
    "cache_audio_read_tokens": 0,
    "input_audio_tokens": 300,
    "output_tokens": 540,
    "output_audio_tokens": 480,
}
"""Of a call-minute in which the traveller speaks for 30 seconds, the assistant for 24: ten tokens for a second heard, twenty
for one said; two turns read the rules and the tools again, mostly from the cache. An assumption.
Source: OpenAI's realtime guide, "Managing costs"."""
WRITTEN: Final = {"input_tokens": 6_000, "cache_read_tokens": 4_600, "output_tokens": 150}
HEARD: Final = {"audio_seconds": 30, "input_audio_seconds": 30}
CHARACTERS: Final = 360
"""Of 24 seconds that are read aloud."""


@cache
def _defaults() -> Mapping[str, str]:
    found: dict[str, str] = tomllib.loads(MODELS.read_text(encoding="utf-8"))["defaults"]
    return found


def first(stage: str, settings: Settings) -> tuple[str, str]:
    """Provider and name of the model that a stage asks first; its voice is left out."""
    listed = getattr(settings.models, stage) or _defaults()[stage]
    provider, _, model = listed.split(",")[0].strip().partition("@")[0].rpartition("/")
    return provider or "openai", model


def minute(settings: Settings, rates: Rates) -> Mapping[str, float | None]:
    """Dollars of a call-minute by pipeline, LiveKit's plan included; None where a price is not known."""

    def of(stage: str, usage: Mapping[str, int]) -> float | None:
        provider, model = first(stage, settings)
        try:
            return float(calc_price(Usage(**usage), model, provider_id=provider).total_price) or None
        except (LookupError, ValueError):
            return None

    voice = rates.usd("polly-neural") * CHARACTERS / 1e6 if first("speech", settings)[0] == "aws" else None
    # The traveller and the assistant.
    media = 2 * rates.usd("livekit-participant")
    parts = {
        "realtime": [of("realtime", SPOKEN), media],
        "cascade": [of("transcription", HEARD), of("chat", WRITTEN), voice, media],
    }
    return {name: None if None in prices else sum(filter(None, prices)) for name, prices in parts.items()}
