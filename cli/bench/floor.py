"""The least that an answer can take in a world, whatever runs between the traveller and the provider.

No room, no network, no processor: only the silence that shows that a turn is over and the provider's own delays, as far
as they cannot run side by side. A target below it cannot be met in that world.
"""

from random import Random
from typing import Final

from agent.hearing.eager_transcription import EAGER_AFTER
from agent.hearing.turn_end_detector import SURE_SECONDS
from agent.hearing.voice_activity import SILENCE_SECONDS
from agent.providers.context import SERVER_VAD_SILENCE_MS
from contracts.dispatch import Pipeline
from emulator.world import World

DRAWS: Final = 5_000
SEED: Final = 7


def floor(pipeline: Pipeline, world: World) -> tuple[float, ...]:
    """Seconds of as many answers as give a steady 95th percentile."""
    random = Random(SEED)  # noqa: S311 - delays, not secrets
    return tuple(_ended(pipeline, world, random, _spoken(world, random)) for _ in range(DRAWS))


def search_floor(pipeline: Pipeline, world: World, source: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds to the decision to search, which a filler may follow, and to the first offer of a source that takes so long."""
    random = Random(SEED)  # noqa: S311 - delays, not secrets
    decided = tuple(_ended(pipeline, world, random, world.drawn(world.first_token_ms, random)) for _ in range(DRAWS))
    return decided, tuple(first + source + _spoken(world, random) for first in decided)


def _spoken(world: World, random: Random) -> float:
    """From a question to the first sound of its answer."""
    return world.drawn(world.first_token_ms, random) + world.drawn(world.first_audio_ms, random)


def _ended(pipeline: Pipeline, world: World, random: Random, model: float) -> float:
    """From the end of speech to what the model takes so long for."""
    if pipeline is Pipeline.REALTIME:
        # It need not wait for the words of what it heard.
        return SERVER_VAD_SILENCE_MS / 1000 + model
    words = max(SILENCE_SECONDS, EAGER_AFTER + world.drawn(world.transcription_ms, random))
    # Model and voice begin before the silence is long enough; nothing is heard or searched for before that.
    return max(SURE_SECONDS, words + model)
