"""What every plugin of the engine does at its start: serve, print the port, end with the engine."""

import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures

import grpc

WORKERS = 16
LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; what the engine itself allows
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
    engine = os.getppid()
    while server.wait_for_termination(timeout=1):  # True: only the time is over
        if os.getppid() != engine:  # an engine that was killed ends nothing itself
            return


def end_with_the_engine() -> None:
    """For a plugin that another library serves: ends this process when its engine is gone, from a thread of its own."""
    engine = os.getppid()

    def watch() -> None:
        while os.getppid() == engine:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
