"""Runs a Pulumi program as the engine's language host does: `python program.py '<settings as JSON>' [argument ...]`.

Run by its path, in the environment of the program, so it imports nothing of ours. Configuration comes by the environment
variables that the SDK reads. Exit codes: 0; 1 when the program refused with a message; 32 when an error was shown in full
(both are what `pulumi-language-python` knows).
"""

import asyncio
import json
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pulumi
from pulumi import runtime

REFUSED = 1
SHOWN = 32
THREADS = 4
"""For each resource that the engine works on at a time."""


def _configure(settings: dict[str, object]) -> None:
    runtime.set_all_config(runtime.get_config_env(), runtime.get_config_secret_keys_env())
    runtime.configure(
        runtime.Settings(
            project=str(settings["project"]),
            stack=str(settings["stack"]),
            organization=str(settings["organization"]),
            root_directory=str(settings["root"]),
            monitor=str(settings["monitor"]),
            engine=str(settings["engine"]),
            parallel=int(str(settings["parallel"])),
            dry_run=settings["dry_run"] is True,
        )
    )


def _own_frames(error: BaseException, program: Path) -> str:
    """The traceback from the program's first own frame on."""
    frames = traceback.extract_tb(error.__traceback__)
    place = program.resolve()
    places = {place, (place / "__main__.py").resolve()}
    first = next((index for index, frame in enumerate(frames) if Path(frame.filename).resolve() in places), 0)
    return "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=first - len(frames)))


def _run(program: Path, threads: int) -> int:
    # What a failed program leaves unfinished would be told line by line.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(threads)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(runtime.run_in_stack(lambda: _start(program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return REFUSED
    except grpc.RpcError as error:
        if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNAVAILABLE:
            return REFUSED  # the engine is gone; nobody would hear more
        pulumi.log.error(f"The engine refused a call:\n{_own_frames(error, program)}")
        return SHOWN
    except Exception as error:  # noqa: BLE001 - whatever the program raises
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_own_frames(error, program)}")
        return SHOWN
    finally:
        executor.shutdown()
        loop.close()
    return 0


def _start(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


def main() -> int:
    """Run the program that the first argument describes; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt ends us without a traceback
    settings = json.loads(sys.argv[1])
    program = Path(settings["program"])
    sys.path.pop(0)  # this file's own folder
    sys.argv = [str(program), *sys.argv[2:]]
    _configure(settings)
    os.chdir(settings["pwd"])
    if program.is_dir() and not (program / "__main__.py").is_file():
        pulumi.log.error(f"there is no __main__.py in {program.resolve()}")
        return SHOWN
    return _run(program, max(settings["parallel"], 1) * THREADS)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
