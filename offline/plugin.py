"""What every plugin of the engine does at its start: serve, print the port, end with the engine."""

import os
import select
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures

import grpc

WORKERS = 16
LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; what the engine itself allows
ENGINE = os.getppid()
"""Asked before anything is said to it: one that is killed right after it has read the port has another parent in its place
by the time that a busy machine gets to ask."""
OPTIONS = (("grpc.max_receive_message_length", LARGEST_MESSAGE),)


def listen(register: Callable[[grpc.Server], None]) -> tuple[grpc.Server, int]:
    """A server on loopback that has been started, and its port."""
    server = grpc.server(futures.ThreadPoolExecutor(WORKERS), options=OPTIONS)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve(register: Callable[[grpc.Server], None]) -> None:
    """Serve until the engine is gone; the port is printed, as plugins do."""
    server, port = listen(register)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while server.wait_for_termination(timeout=1):  # True: only the time is over
        if engine_is_gone():  # an engine that was killed ends nothing itself
            return


def engine_is_gone() -> bool:
    """Whether the process that started this one has ended, or nobody reads any more what this one prints."""
    if os.getppid() != ENGINE:
        return True
    output = select.poll()
    output.register(1, 0)
    return any(event & select.POLLERR for _, event in output.poll(0))


def end_with_the_engine() -> None:
    """For a plugin that another library serves: ends this process when its engine is gone, from a thread of its own."""

    def watch() -> None:
        while not engine_is_gone():
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
