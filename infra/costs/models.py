"""What models and media cost in a call-minute, by the models that the settings list first."""

from collections.abc import Mapping

from genai_prices import Usage, calc_price

from contracts.models import Stage
from infra.costs.rates import Rates
from infra.settings import Settings


def minute(settings: Settings, rates: Rates, usage: Mapping[str, Mapping[str, int]]) -> Mapping[str, float | None]:
    """Dollars of a call-minute by pipeline, LiveKit's plan included; None where a price is not known. `usage` by stage."""

    def of(stage: Stage) -> float | None:
        first = settings.models.refs(stage)[0]
        try:
            priced = calc_price(Usage(**usage[stage]), first.model, provider_id=first.provider)
            return float(priced.total_price) or None
        except (LookupError, ValueError):
            return None

    voice = (
        rates.usd("polly-neural") * usage["speech"]["characters"] / 1e6
        if settings.models.refs(Stage.SPEECH)[0].provider == "aws"
        else None
    )
    # The traveller and the assistant.
    media = 2 * rates.usd("livekit-participant")
    parts = {
        "realtime": [of(Stage.REALTIME), media],
        "cascade": [of(Stage.TRANSCRIPTION), of(Stage.CHAT), voice, media],
    }
    return {name: None if None in prices else sum(filter(None, prices)) for name, prices in parts.items()}
