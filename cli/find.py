"""Finds the stack that a command talks about: the one running here, or the one named on the command line."""

import os
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, ValidationError

STATE_DIR = Path(os.environ.get("POLYGLOT_STATE_DIR") or ".polyglot")
ENV_FILE = Path(".env")


class StackFile(BaseModel):
    """`stack.json`, written by `polyglot run`."""

    model_config = ConfigDict(extra="ignore")

    api_url: str
    livekit_url: str = ""
    livekit_key: str = ""
    livekit_secret: str = ""
    emulator_url: str = ""
    health_url: str = ""


@dataclass(frozen=True)
class Target:
    """Where the parts of a stack are; an empty string is unknown."""

    api_url: str
    livekit_url: str = ""
    livekit_key: str = ""
    livekit_secret: str = ""
    speech_url: str = ""
    """Base of a speech service, ending in /v1, that lends the traveller a voice."""
    health_url: str = ""


def user_environment() -> dict[str, str]:
    """The shell's variables over those of `.env`."""
    from_file = {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
    return {**from_file, **os.environ}


def running_stack() -> StackFile | None:
    """The stack that `polyglot run` started here, if one runs."""
    try:
        return StackFile.model_validate_json((STATE_DIR / "stack.json").read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def target(url: str | None) -> Target:
    """The stack at `url`, or the one running here; its secrets only when it is the local one or in the environment."""
    stack, env = running_stack(), user_environment()
    if stack is not None and (url is None or url.rstrip("/") == stack.api_url):
        return Target(
            api_url=stack.api_url,
            livekit_url=stack.livekit_url,
            livekit_key=stack.livekit_key,
            livekit_secret=stack.livekit_secret,
            speech_url=f"{stack.emulator_url}/v1" if stack.emulator_url else env.get("OPENAI_BASE_URL", ""),
            health_url=stack.health_url,
        )
    return Target(
        api_url=(url or env.get("API_SERVER_URL") or "http://127.0.0.1:8000").rstrip("/"),
        livekit_url=env.get("LIVEKIT_URL", ""),
        livekit_key=env.get("LIVEKIT_API_KEY", ""),
        livekit_secret=env.get("LIVEKIT_API_SECRET", ""),
        speech_url=env.get("OPENAI_BASE_URL", ""),
    )
