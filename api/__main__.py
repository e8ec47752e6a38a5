"""Run the API: `python -m api`. Configured by the environment alone; see `api.settings`.

`python -m api migrate` brings a server database up to date and ends.
"""

import asyncio
import gc
import socket
import sys

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from api import logs
from api.app import create_app
from api.database.migrate import SchemaError, migrate, newest
from api.database.settings import MIGRATE_SECONDS, DatabaseSettings
from api.settings import Settings, SettingsError, load, load_database

NOT_STARTED = 3
"""Exit code when the API could not start; also uvicorn's own."""


class Server(uvicorn.Server):
    """Says where it listens once it does, because port 0 means any."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is held now is held to the end: it need not be looked through again for what could be let go.
        gc.collect()
        gc.freeze()
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"api listening on http://{shown}:{port}", flush=True)  # noqa: T201 - for whoever started us


def main() -> int:
    if sys.argv[1:] not in ([], ["migrate"]):
        print(f"unknown argument {sys.argv[1]!r}; allowed is: migrate", file=sys.stderr)  # noqa: T201
        return 2
    try:
        return asyncio.run(_migrate(load_database())) if sys.argv[1:] else _serve(load())
    except SettingsError as error:
        print("\n".join(["The API cannot start:", *error.lines]), file=sys.stderr)  # noqa: T201
        return 2


def _serve(settings: Settings) -> int:
    logs.configure(settings.log_level)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=10,
        timeout_keep_alive=settings.keep_alive,
    )
    server = Server(config)
    server.run(sockets=[config.bind_socket()])
    return 0 if server.started else NOT_STARTED


async def _migrate(settings: DatabaseSettings) -> int:
    logs.configure(settings.log_level)
    log = structlog.get_logger("polyglot.api")
    try:
        async with asyncio.timeout(MIGRATE_SECONDS):
            before, after = await migrate(settings.database)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        # The driver's text may hold the address with its credentials; its type tells enough.
        log.error("database not migrated", error=type(error).__name__)  # noqa: TRY400 - no stack trace: it holds the address
        return 1
    except SchemaError as error:
        log.error("database not migrated", error=str(error))  # noqa: TRY400 - the reason is all
        return 1
    log.info("database migrated", before=before, after=after, needed=newest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
