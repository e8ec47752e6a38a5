"""What the tests of the Pulumi program load is large: it is compiled once, and kept from the garbage collector."""

import gc
from collections.abc import Generator

import pytest

from offline.places import keep_bytecode

keep_bytecode()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting the tests loads the SDKs: a million objects that stay, through which each collector's round would go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_sessionfinish() -> None:
    """The last look for what was left unclosed need not go through the stacks that were kept to the end."""
    gc.collect()
    gc.freeze()
