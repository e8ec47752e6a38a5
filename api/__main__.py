"""Run the API: `python -m api`. Configured by the environment alone; see `api.settings`."""

import socket
import sys

import uvicorn

from api import logs
from api.app import create_app
from api.settings import SettingsError, load


class Server(uvicorn.Server):
    """Says where it listens once it does, because port 0 means any."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"api listening on http://{shown}:{port}", flush=True)  # noqa: T201 - for whoever started us


def main() -> int:
    try:
        settings = load()
    except SettingsError as error:
        print("\n".join(["The API cannot start:", *error.lines]), file=sys.stderr)  # noqa: T201
        return 2
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
        timeout_keep_alive=75,
    )
    Server(config).run(sockets=[config.bind_socket()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
