"""The whole assistant on this machine: media server, emulator, API and agent, each a process on loopback.

`polyglot run` and the end-to-end tests start the same stack.
"""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx2

from cli.stack import media
from cli.stack.processes import STOP_SECONDS, Child, StartError, free_port, start
from contracts import AGENT_NAME
from contracts.models import PROVIDER_VARIABLES
from contracts.personas import PERSONAS

START_SECONDS = 90.0
HTTP_TIMEOUT = 2.0
ENDING_SECONDS = 2.0
"""How long a part may take to end at Ctrl-C, before it is ended by force. The agent would wait for its calls to end, the media server for its rooms to empty."""

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "VIRTUAL_ENV", "XDG_CACHE_HOME")
"""Variables of this shell that the parts may see; secrets are given to the part that needs them, one by one."""
# Keys and variables of every provider that the registry knows, whatever they are called.
ADDRESS_BUDGETS = ("ADDRESS_CALLS", "ADDRESS_DAILY_CALLS", "ADDRESS_DAILY_SEARCHES")
AGENT_PREFIXES = ("OPENAI_", "LIVEKIT_AGENT_", "POLYGLOT_", "AWS_", *sorted(PROVIDER_VARIABLES))
AWS_ACCOUNT = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
EARS = {"whisper": "Whisper, eight languages", "clips": "a memory of registered clips, and nothing else"}
LOCAL_VOICE = "server/espeak-ng"
"""What speaks where no voice is configured: the emulator, which is no model of anybody's."""
API_PREFIXES = ("DUFFEL_", "AMADEUS_", "SERPAPI_", "TRAVELPAYOUTS_", "AVIATIONSTACK_", "LIVEKIT_AGENT_", "POLYGLOT_")


@dataclass(frozen=True)
class Ports:
    """Ports to try first; 0 takes any free one."""

    api: int = 8000
    signal: int = 7880
    udp: int = 7882
    emulator: int = 8090
    health: int = 8081


ANY_PORTS = Ports(0, 0, 0, 0, 0)


@dataclass
class LocalStack:
    """A stack to enter with `async with`; parts may be left out, stopped and started again by tests."""

    state_dir: Path
    ports: Ports = field(default_factory=Ports)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """Settings of the user: keys of real services replace the emulator and the local media server."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Set last, for every part."""
    ui_dir: Path | None = None
    faults: bool = False
    with_agent: bool = True
    progress: Callable[[str], None] = lambda _: None

    api_url: str = ""
    livekit_url: str = ""
    emulator_url: str = ""
    health_url: str = ""
    ears: str = ""
    """Which ears the emulator has, by its own account."""
    livekit_key: str = ""
    livekit_secret: str = ""
    operator_key: str = ""
    """Opens the API's records and keys; made anew at each start, unless the user has one."""
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def uses_emulator(self) -> bool:
        """Whether the model provider is the emulator: the default without a key."""
        return not self.environ.get("OPENAI_API_KEY")

    @property
    def lends_voice(self) -> bool:
        """Whether the emulator speaks: no voice was chosen, and there is no AWS account for the default one."""
        own = self.environ.get("POLYGLOT_SPEECH_MODEL") or (
            not self.uses_emulator and any(self.environ.get(name) for name in AWS_ACCOUNT)
        )
        return not own

    @property
    def uses_local_media(self) -> bool:
        """Whether the media server is ours: the default without LIVEKIT_URL."""
        return not self.environ.get("LIVEKIT_URL")

    async def __aenter__(self) -> Self:
        try:
            await self._start_all()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop every part, the callers of others first; what still waits for a call to end is cut off soon."""
        for names in (("agent", "api"), ("emulator", "livekit-server")):
            await asyncio.gather(*(self.stop(name, seconds=ENDING_SECONDS) for name in names))
        (self.state_dir / "stack.json").unlink(missing_ok=True)

    async def stop(self, name: str, *, seconds: float = STOP_SECONDS) -> None:
        """Stop one part, if it runs; after so many seconds by force."""
        child = self.children.pop(name, None)
        if child is not None:
            await child.stop(seconds=seconds)

    async def _start_all(self) -> None:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self.operator_key = self.environ.get("POLYGLOT_OPERATOR_KEY") or secrets.token_urlsafe(32)
        api_port = free_port(self.ports.api)
        self.api_url = f"http://127.0.0.1:{api_port}"
        starting = [self._start_media(), *([self.start_emulator()] if self.uses_emulator or self.lends_voice else [])]
        await _all(*starting)
        await _all(self.start_api(api_port), *([self.start_agent()] if self.with_agent else []))
        self._write_state()

    async def _start_media(self) -> None:
        if not self.uses_local_media:
            self.livekit_url = self.environ["LIVEKIT_URL"]
            self.livekit_key = self.environ.get("LIVEKIT_API_KEY", "")
            self.livekit_secret = self.environ.get("LIVEKIT_API_SECRET", "")
            return
        self.livekit_key = f"dev-{secrets.token_hex(4)}"
        self.livekit_secret = secrets.token_hex(24)
        await self.start_media()

    async def start_media(self) -> None:
        """Start the media server (again, with the same key)."""
        port = free_port(self.ports.signal)
        config = media.config(
            ports=(port, free_port(self.ports.udp)),
            key=self.livekit_key,
            secret=self.livekit_secret,
            webhook_url=f"{self.api_url}/v1/livekit/webhook",
        )
        path = self.state_dir / "livekit.json"
        _private(path)
        path.write_text(config, encoding="utf-8")
        self.livekit_url = f"ws://127.0.0.1:{port}"
        await self._start(
            "livekit-server", [str(media.find_server()), "--config", str(path)], {}, f"http://127.0.0.1:{port}/"
        )

    async def start_emulator(self) -> None:
        """Start the emulator of the model provider."""
        port = free_port(self.ports.emulator)
        self.emulator_url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "emulator", "--host", "127.0.0.1", "--port", str(port)]
        await self._start(
            "emulator",
            [*command, *(["--faults"] if self.faults else [])],
            # What only works while everything comes at once and in order would not work with a real service.
            {"EMULATOR_WORLD": "distant", "EMULATOR_VOICE": "natural", **self._chosen(("EMULATOR_",))},
            self.emulator_url,
        )
        async with httpx2.AsyncClient(timeout=HTTP_TIMEOUT) as http:
            models = await http.get(f"{self.emulator_url}/v1/models", headers={"Authorization": "Bearer stack"})
        listed = models.raise_for_status().json()["data"]
        self.ears = next((model["ears"] for model in listed if "ears" in model), "")
        self.voice = next((model["voice"] for model in listed if "voice" in model), "")
        self.progress(f"the emulator hears with {EARS.get(self.ears, self.ears)} and speaks with {self.voice}")

    async def start_api(self, port: int | None = None) -> None:
        """Start the API, by default where it was."""
        number = port or int(self.api_url.rsplit(":", 1)[1])
        env = self._chosen(API_PREFIXES) | {
            "POLYGLOT_HOST": "127.0.0.1",
            "POLYGLOT_PORT": str(number),
            "POLYGLOT_ENVIRONMENT": self.environ.get("POLYGLOT_ENVIRONMENT", "local"),
            "POLYGLOT_PERSONAS": ",".join(PERSONAS),
            "POLYGLOT_STATE_DIR": str(self.state_dir),
            "POLYGLOT_OPERATOR_KEY": self.operator_key,
            **self._livekit_env(),
        }
        if env["POLYGLOT_ENVIRONMENT"] == "local":
            # Everybody here is one address: what is tight for a stranger would be tight for the machine's owner.
            env = {f"POLYGLOT_BUDGET_{name}": "0" for name in ADDRESS_BUDGETS} | env
        if self.ui_dir is not None:
            env["POLYGLOT_UI_DIR"] = str(self.ui_dir)
        await self._start("api", [sys.executable, "-m", "api"], env, f"{self.api_url}/health")

    async def start_agent(self) -> None:
        """Start the agent worker and wait until it is registered."""
        port = free_port(self.ports.health)
        self.health_url = f"http://127.0.0.1:{port}"
        env = self._chosen(AGENT_PREFIXES) | {
            "API_SERVER_URL": self.api_url,
            "POLYGLOT_AGENT_HEALTH_PORT": str(port),
            **self._livekit_env(),
        }
        if self.uses_emulator:
            env |= {"OPENAI_API_KEY": "emulator", "OPENAI_BASE_URL": f"{self.emulator_url}/v1"}
        if self.lends_voice:
            env |= {
                "POLYGLOT_SPEECH_MODEL": LOCAL_VOICE,
                "POLYGLOT_SPEECH_BASE_URL": f"{self.emulator_url}/v1",
            }
        await self._start("agent", [sys.executable, "-m", "agent"], env, f"{self.health_url}/ready")

    def _livekit_env(self) -> dict[str, str]:
        return {
            "LIVEKIT_URL": self.livekit_url,
            "LIVEKIT_API_KEY": self.livekit_key,
            "LIVEKIT_API_SECRET": self.livekit_secret,
        }

    def _chosen(self, prefixes: tuple[str, ...]) -> dict[str, str]:
        return {name: value for name, value in self.environ.items() if name.startswith(prefixes)}

    async def _start(self, name: str, command: list[str], env: Mapping[str, str], ready_url: str) -> None:
        self.progress(f"starting {name}")
        base = {name: value for name in PASSED_ON if (value := self.environ.get(name))}
        child = await start(name, command, {**base, **env, **self.overrides}, self.state_dir / "logs")
        self.children[name] = child
        async with httpx2.AsyncClient(timeout=HTTP_TIMEOUT) as http:

            async def answers() -> bool:
                try:
                    return (await http.get(ready_url)).is_success
                except httpx2.HTTPError:
                    return False

            await child.wait_until(answers, START_SECONDS)
        self.progress(f"{name} is ready")

    def _write_state(self) -> None:
        """What the other commands need to find this stack; readable by its owner only, for it holds the key."""
        path = self.state_dir / "stack.json"
        _private(path)
        path.write_text(
            json.dumps(
                {
                    "api_url": self.api_url,
                    "livekit_url": self.livekit_url,
                    "livekit_key": self.livekit_key,
                    "livekit_secret": self.livekit_secret,
                    "operator_key": self.operator_key.split(",")[0],
                    "emulator_url": self.emulator_url,
                    "health_url": self.health_url,
                    "agent_name": self.overrides.get("LIVEKIT_AGENT_NAME") or AGENT_NAME,
                }
            ),
            encoding="utf-8",
        )


def _private(path: Path) -> None:
    """Make a file that only its owner reads, also where it was there with wider rights."""
    path.touch(mode=0o600)
    path.chmod(0o600)


async def _all(*parts: object) -> None:
    """Start parts side by side; the first failure is raised once all have settled."""
    results = await asyncio.gather(*parts, return_exceptions=True)  # type: ignore[call-overload]
    for result in results:
        if isinstance(result, BaseException):
            raise result


__all__ = ["ANY_PORTS", "LocalStack", "Ports", "StartError"]
