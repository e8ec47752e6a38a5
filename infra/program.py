"""The program that the engine runs, for every stack: `pulumi up`, `make preview`, the tests."""

import pulumi

from infra.settings import Settings, load
from infra.settings.base import Environment


def main() -> None:
    """Declare the stack that the configuration describes. Raises SettingsError before anything is declared."""
    settings = load(pulumi.get_stack())
    for name, value in declare(settings).items():
        pulumi.export(name, value)


def declare(settings: Settings) -> dict[str, pulumi.Output[str] | str]:
    """Declare a stack from its settings; its outputs by name."""
    # Imported here: the providers' SDKs take seconds, and a mistake in the settings is told before.
    if settings.environment is Environment.LOCAL:
        from infra.stacks.local import local  # noqa: PLC0415

        return local(settings)
    from infra.stacks.cloud import cloud  # noqa: PLC0415

    return cloud(settings)
