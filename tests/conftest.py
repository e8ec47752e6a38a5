"""Rules for every test: unit tests touch no network, and a skip in CI is a failure."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

UNIT = Path(__file__).parent / "unit"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    stores = os.environ.get("POLYGLOT_TEST_STORES")  # those are servers on loopback
    for item in items:
        if not stores and UNIT in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: what a test needs must have been installed."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything must run: {report.longrepr}"
    return report
