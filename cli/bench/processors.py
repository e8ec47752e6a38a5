"""Processor time of the parts of a stack."""

import os

import psutil

from cli.stack.local import LocalStack


def processor_time(stack: LocalStack) -> dict[str, float]:
    """Seconds that each part of the stack, and the callers, which are this process, have used."""
    times = {name: _of_tree(child.process.pid) for name, child in stack.children.items()}
    own = psutil.Process(os.getpid()).cpu_times()
    return {**times, "callers": own.user + own.system}


def _of_tree(pid: int) -> float:
    root, total = psutil.Process(pid), 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # Of children that have ended too: a process that serves one call ends with it.
        total += times.user + times.system + times.children_user + times.children_system
    return total
