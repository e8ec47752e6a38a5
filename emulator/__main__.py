"""`python -m emulator --host 127.0.0.1 --port N [--faults] [--world zero|p50]`."""

import asyncio
import logging
import signal
import sys

from aiohttp import web
from pydantic_settings import CliApp

from emulator.app import build_app
from emulator.ears.heard import EarsError
from emulator.settings import EmulatorSettings


async def serve(settings: EmulatorSettings) -> None:
    # As a real service: work for a client that hung up is not finished.
    runner = web.AppRunner(build_app(settings), access_log=None, shutdown_timeout=2, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
        host, port = runner.addresses[0][:2]
        sys.stdout.write(f"emulator listening on http://{host}:{port}\n")
        sys.stdout.flush()
        done = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        await done.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(serve(CliApp.run(EmulatorSettings)))
    except EarsError as error:
        sys.exit(f"emulator: {error}")


if __name__ == "__main__":
    main()
