"""Which ears are on."""

from pathlib import Path

from emulator.ears.clips import ClipEars
from emulator.ears.heard import Ears
from emulator.settings import EmulatorSettings


def ears_of(settings: EmulatorSettings) -> Ears:
    """The ears that the settings ask for, not yet loaded."""
    if settings.ears == "clips":
        return ClipEars(Path(settings.clips) if settings.clips else None)
    # Whisper's library takes a second to import, and tests do not need it.
    from emulator.ears.whisper import WhisperEars  # noqa: PLC0415

    return WhisperEars(settings.whisper)
