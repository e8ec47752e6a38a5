"""One engine for each test process: the CLI, an S3 backend, and stand-ins for the plugins that are not installed."""

import gc
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pulumi_awsx as awsx
import pytest
from pulumi_life import Life, Program

from infra.engine import pulumi_cli
from offline.backend import Backend
from offline.workspace import Engine

with warnings.catch_warnings():
    # These modules of the SDKs warn of their own older parts when they are first used.
    warnings.simplefilter("ignore", DeprecationWarning)
    assert aws.s3.Bucket
    assert aws.ec2.SecurityGroup
    assert aws.lambda_.Function
    assert awsx.ec2.Vpc

HERE = Path(__file__).parent
LONG = frozenset({"test_program_life", "test_migration_life", "test_cli"})
"""These begin, so that no long test is left for the end, when the other process has nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """When an engine ends before the program has, the SDK leaves coroutines and sockets to the garbage collector."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
            item.add_marker(pytest.mark.timeout(180))
    items.sort(key=lambda item: item.path.stem not in LONG)


def collect() -> None:
    """Collect what the SDK left here, where such warnings are expected, and not in somebody else's test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, sys.unraisablehook = sys.unraisablehook, lambda _: None
        try:
            for _ in range(3):
                gc.collect()
            # What is left are modules, a million objects: the next round need not look at them again.
            gc.freeze()
        finally:
            sys.unraisablehook = before


def pytest_unconfigure() -> None:
    collect()


@pytest.fixture(autouse=True)
def collect_what_the_sdk_left() -> Iterator[None]:
    yield
    collect()


@pytest.fixture(scope="session")
def cli() -> None:
    if pulumi_cli() is None:
        pytest.skip("the Pulumi CLI is not there: python3 tools/setup.py --pulumi")


@pytest.fixture(scope="session")
def engine(cli: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:  # noqa: ARG001 - it skips
    with Backend() as backend:
        yield Engine(tmp_path_factory.mktemp("engine"), backend)


@pytest.fixture
def live(engine: Engine) -> Callable[..., Life]:
    def make(program: Program, **options: Any) -> Life:
        return Life(engine, program, **options)

    return make


@pytest.fixture(scope="session")
def recordings() -> Path:
    return HERE / "data"
