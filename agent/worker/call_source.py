"""The process that calls are forked from, itself forked from the worker: both hold the framework once.

The library starts it as a program of its own (`multiprocessing.forkserver`), which loads the framework again. Where ours is
there already, it is used; where it dies, the library starts its own.
"""

import gc
import os
import socket
import sys
import traceback
from multiprocessing import connection, forkserver, resource_tracker, util
from typing import Any, Final

PRELOADED: Final = ("agent.worker.preload", "livekit.agents.ipc._preload", "livekit.agents.ipc._preload_freeze")
"""Loaded by it alone, in this order: what calls share, and what the library loads for itself."""


def start() -> None:
    """Start it. Before any thread or event loop of the worker: neither survives a fork."""
    server: Any = forkserver._forkserver  # noqa: SLF001 - it has no other way to be given one
    resource_tracker.ensure_running()
    with socket.socket(socket.AF_UNIX) as listener:
        address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
        listener.bind(address)
        if not util.is_abstract_socket_namespace(address):
            os.chmod(address, 0o600)  # noqa: PTH101 - a name of a socket
        listener.listen()
        alive, keep = os.pipe()
        # Collecting marks every object it looks at, and a marked page is no longer shared.
        gc.collect()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            os.close(keep)
            _serve(listener.detach(), alive)
        os.close(alive)
    server._forkserver_address, server._forkserver_alive_fd, server._forkserver_pid = address, keep, pid  # noqa: SLF001


def _serve(listener: int, alive: int) -> None:
    """Does not return: ends when the worker and every call have ended."""
    code = 1
    try:
        forkserver.main(listener, alive, list(PRELOADED))
    except SystemExit:
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the worker's own code must not run here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
