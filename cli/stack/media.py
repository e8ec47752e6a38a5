"""The media server of a local stack: the real livekit-server, configured to stay on loopback."""

import json
import os
import shutil
from pathlib import Path

from cli.stack.processes import StartError

BINARY_VARIABLE = "LIVEKIT_SERVER_BIN"
INSTALL_HINT = "run `make setup`, which builds it, or put livekit-server on PATH"


def cache_dir() -> Path:
    """Where `make setup` keeps what it builds, outside the work tree."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"


def find_server() -> Path:
    """The livekit-server binary: named by LIVEKIT_SERVER_BIN, on PATH, or built by `make setup`."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise StartError(f"{BINARY_VARIABLE} names {named}, which is not a file")
        return Path(named)
    if on_path := shutil.which("livekit-server"):
        return Path(on_path)
    built = sorted((cache_dir() / "bin").glob("livekit-server-*"))
    if built:
        return built[-1]
    raise StartError(f"livekit-server was not found: {INSTALL_HINT}")


def config(*, ports: tuple[int, int], key: str, secret: str, webhook_url: str | None) -> str:
    """A configuration (JSON is YAML) whose every socket is on loopback.

    `ports` are signalling and media over UDP. There is none for media over TCP, because the server listens for that on
    every address of the machine, whatever it is told; its own `--dev` flags would bind UDP to all of them as well.
    """
    signal_port, udp_port = ports
    settings: dict[str, object] = {
        "port": signal_port,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            "tcp_port": 0,
            "udp_port": udp_port,
            "node_ip": "127.0.0.1",
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "interfaces": {"includes": ["lo"]},
            "ips": {"includes": ["127.0.0.1/32"]},
        },
        "room": {"empty_timeout": 60, "departure_timeout": 10},
        "keys": {key: secret},
        "logging": {"level": "info", "json": True},
    }
    if webhook_url:
        settings["webhook"] = {"api_key": key, "urls": [webhook_url]}
    return json.dumps(settings)
