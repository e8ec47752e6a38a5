"""The process that calls are forked from shares the worker's memory, is missed by nobody when it dies, and outlives nobody."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import multiprocessing, os, signal, sys, time
from multiprocessing import forkserver
from agent.worker import call_source

def call(answers):
    answers.put((getattr(sys, "shared", None), "wave" in sys.modules))

def one():
    answers = context.SimpleQueue()
    process = context.Process(target=call, args=(answers,))
    process.start()
    answer = answers.get()
    process.join()
    assert process.exitcode == 0
    return answer

if __name__ == "__main__":
    sys.shared = "loaded once"
    call_source.PRELOADED = ("wave",)
    call_source.start()
    context = multiprocessing.get_context("forkserver")
    source = forkserver._forkserver._forkserver_pid
    print(source, one(), one(), "wave" in sys.modules, flush=True)
    if "dies" in sys.argv:
        os.kill(source, signal.SIGKILL)
        time.sleep(0.2)
        print(one()[0], forkserver._forkserver._forkserver_pid != source, flush=True)
"""


def worker(folder: Path, *how: str) -> list[str]:
    """What a worker tells that starts two calls and ends."""
    script = folder / "worker.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(script), *how],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_calls_share_what_the_worker_had_loaded_and_what_is_loaded_for_them_alone(tmp_path: Path) -> None:
    source, _, rest = worker(tmp_path)[0].partition(" ")
    assert rest == "('loaded once', True) ('loaded once', True) False"
    for _ in range(50):
        if not Path(f"/proc/{source}").exists():
            return
        time.sleep(0.1)
    pytest.fail("it outlived the worker")


def test_one_that_dies_is_followed_by_the_library_s_own(tmp_path: Path) -> None:
    assert worker(tmp_path, "dies")[1] == "None True"
