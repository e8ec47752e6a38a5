"""The program that the engine runs, for every stack: `pulumi up`, `make preview`, the tests."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from infra.settings import Settings, load
from infra.settings.base import Environment


def main() -> None:
    """Declare the stack that the configuration describes. Raises SettingsError before anything is declared."""
    settings = load()
    for name, value in declare(settings).items():
        pulumi.export(name, value)


def declare(settings: Settings) -> dict[str, pulumi.Output[str] | str]:
    """Declare a stack from its settings; its outputs by name."""
    # Imported here: a mistake in the settings is found before the providers' SDKs are loaded.
    if settings.environment is Environment.LOCAL:
        from infra.stacks.local import local  # noqa: PLC0415

        return local(settings)
    with _uncollected():
        from infra.stacks.cloud import Cloud  # noqa: PLC0415

    return Cloud(settings).outputs()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Load without looking for garbage, now or later: the SDKs make a quarter of a million objects that all stay.

    Each look through them takes a fifth of a second.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.enable()
