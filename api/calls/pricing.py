"""What a model's use costs, from the prices that `genai-prices` ships; None where it knows none."""

from decimal import Decimal
from functools import lru_cache
from typing import Final

from genai_prices import Usage, calc_price

from contracts.records import UsageEvent

MICROS: Final = Decimal(1_000_000)


def micros(usage: UsageEvent) -> int | None:
    """Millionths of a dollar; None for a model whose price, or whose unit of price, is not known."""
    if not (usage.input_tokens or usage.output_tokens):
        # Priced by characters or minutes, which the table does not hold.
        return None if usage.characters or usage.audio_ms else 0
    price = _price(
        usage.provider,
        usage.model.removeprefix(f"{usage.provider}/"),
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.input_audio_tokens,
        usage.cached_input_audio_tokens,
        usage.output_tokens,
        usage.output_audio_tokens,
    )
    return None if price is None else int((price * MICROS).to_integral_value())


@lru_cache(maxsize=1024)
def _price(  # noqa: PLR0913, PLR0917 - the parts of a price
    provider: str, model: str, tokens: int, cached: int, audio: int, cached_audio: int, out: int, out_audio: int
) -> Decimal | None:
    counts = {
        "input_tokens": tokens,
        "cache_read_tokens": cached,
        "input_audio_tokens": audio,
        "cache_audio_read_tokens": cached_audio,
        "output_tokens": out,
        "output_audio_tokens": out_audio,
    }
    usage = Usage(**{name: count for name, count in counts.items() if count})
    try:
        # LiveKit's plugins name a service by its host.
        if "." in provider:
            price = calc_price(usage, model, provider_api_url=f"https://{provider}").total_price
        else:
            price = calc_price(usage, model, provider_id=provider).total_price
    except (LookupError, ValueError):
        return None
    return price or None


def usd_of(amount: int) -> str:
    """Millionths of a dollar as the API writes money."""
    return f"{amount // 1_000_000}.{amount % 1_000_000:06d}"
