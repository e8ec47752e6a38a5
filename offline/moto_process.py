"""A server for S3 (and the rest of moto's AWS) on loopback, in a process of its own.

Prints its port, and ends when its standard input does, so it never outlives whoever started it.
"""

import logging
import sys

from moto import backends
from moto.server import ThreadedMotoServer


def run() -> None:
    """Serve until standard input closes."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # It walks its own folder at every request, a fifth of its time.
    services = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: services
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    print(port, flush=True)  # noqa: T201 - the parent reads it
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    run()
