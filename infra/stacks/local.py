"""The whole assistant on this machine's Docker engine: the images that go to AWS, with their neighbours beside them."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi_docker as docker
from pulumi import Input, Output, RunError

from infra.components.local import LocalContainer, LocalContainerArgs, local_image, local_secret
from infra.components.service.container import probe
from infra.secrets_catalog import required
from infra.services import SERVICES
from infra.settings import Settings
from infra.settings.model import Database
from infra.stacks.facts import environment, of_service, of_settings, unknown

API: Final = SERVICES["api"]
AGENT: Final = SERVICES["agent"]
PORT: Final = API.port or 8000
LIVEKIT_IMAGE: Final = "docker.io/livekit/livekit-server:v1.13.5"
POSTGRES_IMAGE: Final = "docker.io/library/postgres:17-bookworm"
VALKEY_IMAGE: Final = "docker.io/valkey/valkey:8-bookworm"
LIVEKIT_PORTS: Final = (7880, 7882)
"""Signalling, media over UDP."""
POSTGRES_PORT: Final = 5433
VALKEY_PORT: Final = 6380
KEY: Final = "polyglot-local"


class LocalStackError(RunError):
    """Something that a local stack needs of its operator is missing."""


def local(settings: Settings) -> dict[str, Output[str] | str]:
    """Declare the stack; returns its outputs by name."""
    media = _media()
    database = _database() if settings.data.database is not Database.NONE else None
    cache = _valkey() if settings.data.valkey else None
    api = _api(settings, media, database, cache)
    _agent(settings, api)
    return {
        "api_url": f"http://127.0.0.1:{PORT}",
        "health_url": f"http://127.0.0.1:{PORT}/health",
        "livekit_url": f"ws://127.0.0.1:{LIVEKIT_PORTS[0]}",
        "agent_name": settings.livekit.agent_name,
    }


def _media() -> LocalContainer:
    signal, udp = LIVEKIT_PORTS
    config = {
        "port": signal,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            # None: the server would listen for media over TCP on every address of this machine, whatever it is told.
            "tcp_port": 0,
            "udp_port": udp,
            "node_ip": "127.0.0.1",
            "use_external_ip": False,
            "enable_loopback_candidate": True,
            "interfaces": {"includes": ["lo"]},
        },
        "webhook": {"api_key": KEY, "urls": [f"http://127.0.0.1:{PORT}/v1/livekit/webhook"]},
    }
    return LocalContainer(
        "livekit",
        LocalContainerArgs(
            image=LIVEKIT_IMAGE,
            plain={"LIVEKIT_CONFIG": json.dumps(config)},
            secret={"LIVEKIT_KEYS": f"{KEY}: {local_secret('livekit')}"},
            ours=False,
        ),
    )


def _database() -> LocalContainer:
    volume = docker.Volume("postgres")
    return LocalContainer(
        "postgres",
        LocalContainerArgs(
            image=POSTGRES_IMAGE,
            plain={"POSTGRES_USER": "polyglot", "POSTGRES_DB": "polyglot"},
            secret={"POSTGRES_PASSWORD": local_secret("postgres")},
            ports={5432: POSTGRES_PORT},
            volumes={"/var/lib/postgresql/data": volume.name},
            # Over TCP, because the image first starts a server on its socket only, to make the database, and stops it.
            health=("pg_isready", "-h", "127.0.0.1", "-U", "polyglot"),
            ours=False,
        ),
    )


def _valkey() -> LocalContainer:
    return LocalContainer(
        "valkey",
        LocalContainerArgs(
            image=VALKEY_IMAGE,
            command=("valkey-server", "--save", "", "--appendonly", "no"),
            ports={6379: VALKEY_PORT},
            health=("valkey-cli", "ping"),
            ours=False,
        ),
    )


def _api(
    settings: Settings, media: LocalContainer, database: LocalContainer | None, cache: LocalContainer | None
) -> LocalContainer:
    image = local_image("api", settings.models.plugins, media)
    plain: dict[str, Input[str]] = {
        **environment(API, {**unknown(API), **of_settings(settings), "page_url": f"http://127.0.0.1:{PORT}"}, {}),
        **_livekit(settings),
        "POLYGLOT_HOST": "127.0.0.1",
        **settings.api.variables,
    }
    secret = {"LIVEKIT_API_SECRET": local_secret("livekit"), **_keys(settings)}
    before = [media.container]
    if database is not None:
        plain |= {
            "POLYGLOT_DATABASE_HOST": "127.0.0.1",
            "POLYGLOT_DATABASE_PORT": str(POSTGRES_PORT),
            "POLYGLOT_DATABASE_USER": "polyglot",
            "POLYGLOT_DATABASE_TLS": "disable",
        }
        secret["POLYGLOT_DATABASE_PASSWORD"] = local_secret("postgres")
        migrated = LocalContainer(
            "migrate",
            LocalContainerArgs(
                image=image,
                plain=plain,
                secret=secret,
                command=("python", "-m", "api", "migrate"),
                once=True,
                after=[database.container],
            ),
        )
        before.append(migrated.container)
        image = Output.all(image, migrated.container.exit_code).apply(_after_migration)
    if cache is not None:
        plain |= {"POLYGLOT_VALKEY_URL": f"redis://127.0.0.1:{VALKEY_PORT}"}
        before.append(cache.container)
    return LocalContainer(
        "api",
        LocalContainerArgs(image=image, plain=plain, secret=secret, health=probe(PORT, API.health.path), after=before),
    )


def _after_migration(image_and_code: Sequence[Any]) -> str:
    """The image, unless the migration failed: the engine's provider takes any end of a container for a good one."""
    image, code = image_and_code
    if code:
        raise LocalStackError(
            f"The database was not migrated (exit code {code}); `docker logs polyglot-local-migrate` says why. To try again: "
            "`pulumi up --replace '**:Container::migrate'`."
        )
    return str(image)


def _agent(settings: Settings, api: LocalContainer) -> LocalContainer:
    plain: dict[str, Input[str]] = {
        **environment(
            AGENT, {**of_settings(settings), **of_service(AGENT, settings), "api_url": f"http://127.0.0.1:{PORT}"}, {}
        ),
        **_livekit(settings),
        **settings.agent.variables,
    }
    # Nobody's host, and no ECS, is around it.
    for name in ("POLYGLOT_ECS_SERVICE", "NUM_CPUS"):
        del plain[name]
    return LocalContainer(
        "agent",
        LocalContainerArgs(
            image=local_image("agent", settings.models.plugins, api),
            plain=plain,
            secret={"LIVEKIT_API_SECRET": local_secret("livekit"), "OPENAI_API_KEY": _model_key(settings)},
            # Not "/", which says alive before the media server knows the worker: a call right after `up` would be alone.
            health=probe(AGENT.health.port, "/ready"),
            after=[api.container],
        ),
    )


def _livekit(settings: Settings) -> Mapping[str, Input[str]]:
    return {
        "LIVEKIT_URL": f"ws://127.0.0.1:{LIVEKIT_PORTS[0]}",
        "LIVEKIT_API_KEY": KEY,
        "LIVEKIT_AGENT_NAME": settings.livekit.agent_name,
    }


def _keys(settings: Settings) -> dict[str, str]:
    """Secrets that the API's settings ask for, from this shell."""
    needed = [name for name in required(settings)["api"] if not name.startswith("LIVEKIT_")]
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        raise LocalStackError(
            f"{', '.join(missing)}: not set in this shell, and the settings of the API ask for it. Set it, or change the "
            "setting, for example `pulumi config set --path polyglot:api.fare_sources[0] sample`."
        )
    return {name: os.environ[name] for name in needed}


def _model_key(settings: Settings) -> str:
    key = os.environ.get("OPENAI_API_KEY")
    if key:
        return key
    if settings.models.base_url:
        return "emulator"
    raise LocalStackError(
        "OPENAI_API_KEY is not set in this shell. Set it, or run the emulator (`python -m emulator`) and name it with "
        "`pulumi config set --path polyglot:models.base_url http://127.0.0.1:8090/v1`."
    )
