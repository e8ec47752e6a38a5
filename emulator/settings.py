"""Settings: command line first, then EMULATOR_* variables, then these defaults."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

EarsName = Literal["whisper", "clips"]
VoiceName = Literal["natural", "espeak-ng"]
# Named here, and not where they are: who only reads settings need not load ears and voices.


class EmulatorSettings(BaseSettings):
    """How the emulator is started."""

    model_config = SettingsConfigDict(
        env_prefix="EMULATOR_",
        cli_parse_args=False,
        cli_implicit_flags=True,
        cli_kebab_case=True,
        cli_prog_name="python -m emulator",
        extra="ignore",
    )

    host: str = "127.0.0.1"
    """Address to listen on; the emulator has no authentication worth the name, so keep it on loopback."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8090
    """0 takes a free port."""
    faults: bool = False
    """Serve the control endpoint under /_control; for tests only."""
    world: Literal["zero", "p50", "distant"] = "zero"
    """Delays added to answers: none, the median ones measured on the real service, or such as vary, in any order."""
    ears: EarsName = "whisper"
    """What hears: Whisper, or for tests a memory of registered clips that hears nothing else."""
    whisper: str | None = None
    """Folder of a model for faster-whisper, or its name on the hub; by default Whisper base as `make setup` fetched it."""
    clips: str | None = None
    """Manifest (JSON) of clips that the ears of clips know from the start; more are registered under /_control/clips."""
    session_seconds: Annotated[float, Field(gt=0)] = 3600.0
    """A realtime session ends after so long, as the service's do after 60 minutes."""
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    """The account's rate limit, over HTTP and in realtime sessions; None: none."""
    voice: VoiceName = "espeak-ng"
    """What speaks: `natural` is Kokoro where this machine keeps up with it and knows the language, else espeak-ng."""
    speech_rate: Annotated[float, Field(ge=0.5, le=2.5)] = 1.0
    """Everything is spoken this many times as fast as it was asked for: who waits for whole answers waits less."""
