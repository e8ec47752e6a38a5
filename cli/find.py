"""Finds the stack that a command talks about: the one running here, or the one named on the command line."""

import json
import os
import subprocess
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
    operator_key: str = ""
    emulator_url: str = ""
    health_url: str = ""


@dataclass(frozen=True)
class Target:
    """Where the parts of a stack are; an empty string is unknown."""

    api_url: str
    livekit_url: str = ""
    livekit_key: str = ""
    livekit_secret: str = ""
    operator_key: str = ""
    """Opens the API's records and keys."""
    speech_url: str = ""
    """Base of a speech service, ending in /v1, that lends the traveller a voice."""
    health_url: str = ""
    agent_name: str = ""
    """What a deployed stack was told; empty: only this shell's."""


class StackOutputsError(Exception):
    """A deployed stack could not be asked for its outputs; the message says what to do."""


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
            operator_key=stack.operator_key,
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


OUTPUT_SECONDS = 60.0


def deployed(stack: str) -> Target:
    """A deployed stack, from its outputs; keys of the media server only from this shell. Raises StackOutputsError."""
    from infra.engine import pulumi_cli  # noqa: PLC0415 - the SDK is loaded for this alone

    program = pulumi_cli()
    if program is None:
        raise StackOutputsError("the Pulumi CLI is not there (README, «On AWS»); give the API's URL instead")
    try:
        done = subprocess.run(  # noqa: S603 - the engine's own command line
            [str(program), "stack", "output", "--json", "--stack", stack],
            capture_output=True,
            text=True,
            timeout=OUTPUT_SECONDS,
            check=False,
        )
        outputs = json.loads(done.stdout) if done.returncode == 0 else {}
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise StackOutputsError(f"the outputs of stack {stack!r} cannot be read: {type(error).__name__}") from None
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise StackOutputsError(f"the outputs of stack {stack!r} cannot be read: {last[0]}")
    if "api_url" not in outputs:
        raise StackOutputsError(f"stack {stack!r} has no output api_url; run `pulumi up --stack {stack}` first")
    env = user_environment()
    return Target(
        api_url=str(outputs["api_url"]).rstrip("/"),
        livekit_url=str(outputs.get("livekit_url") or ""),
        livekit_key=env.get("LIVEKIT_API_KEY", ""),
        livekit_secret=env.get("LIVEKIT_API_SECRET", ""),
        speech_url=env.get("OPENAI_BASE_URL", ""),
        agent_name=str(outputs.get("agent_name") or ""),
    )
