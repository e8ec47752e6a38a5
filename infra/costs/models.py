"""What models and media cost in a call-minute, by the models that the settings list first."""

import tomllib
from collections.abc import Mapping
from functools import cache

from genai_prices import Usage, calc_price

from infra.costs.rates import Rates
from infra.secrets_catalog import MODELS
from infra.settings import Settings


@cache
def _defaults() -> Mapping[str, str]:
    found: dict[str, str] = tomllib.loads(MODELS.read_text(encoding="utf-8"))["defaults"]
    return found


def first(stage: str, settings: Settings) -> tuple[str, str]:
    """Provider and name of the model that a stage asks first; its voice is left out."""
    listed = getattr(settings.models, stage) or _defaults()[stage]
    provider, _, model = listed.split(",")[0].strip().partition("@")[0].rpartition("/")
    return provider or "openai", model


def minute(settings: Settings, rates: Rates, usage: Mapping[str, Mapping[str, int]]) -> Mapping[str, float | None]:
    """Dollars of a call-minute by pipeline, LiveKit's plan included; None where a price is not known. `usage` by stage."""

    def of(stage: str) -> float | None:
        provider, model = first(stage, settings)
        try:
            return float(calc_price(Usage(**usage[stage]), model, provider_id=provider).total_price) or None
        except (LookupError, ValueError):
            return None

    voice = (
        rates.usd("polly-neural") * usage["speech"]["characters"] / 1e6
        if first("speech", settings)[0] == "aws"
        else None
    )
    # The traveller and the assistant.
    media = 2 * rates.usd("livekit-participant")
    parts = {
        "realtime": [of("realtime"), media],
        "cascade": [of("transcription"), of("chat"), voice, media],
    }
    return {name: None if None in prices else sum(filter(None, prices)) for name, prices in parts.items()}
