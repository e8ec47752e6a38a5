"""The program that the engine runs, for every stack: `pulumi up`, `make preview`, the tests."""

import pulumi

from infra import loading
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
    sdk = loading.begin()
    loading.wait(sdk.foundation)
    from infra.stacks.foundation import lay  # noqa: PLC0415

    foundation = lay(settings)
    loading.wait(sdk.network)
    from infra.components.network import Network, NetworkArgs  # noqa: PLC0415

    network = Network("network", NetworkArgs(foundation.context))
    loading.wait(sdk.cloud)
    from infra.stacks.cloud import Cloud  # noqa: PLC0415

    return Cloud(foundation, network).outputs()
