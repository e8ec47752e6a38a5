"""The program that the engine runs, for every stack: `pulumi up`, `make preview`, the tests."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi

from infra.settings import Settings, SettingsError, load
from infra.settings.base import Environment


def main() -> None:
    """Declare the stack that the configuration describes. Raises SettingsError before anything is declared."""
    settings = load(pulumi.get_stack())
    for name, value in declare(settings).items():
        pulumi.export(name, value)


def company_transform(name: str) -> Callable[[pulumi.ResourceTransformArgs], pulumi.ResourceTransformResult | None]:
    """The company's own function; its module lies beside this program, or is installed. Raises SettingsError."""
    module, _, function = name.partition(":")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    try:
        found: Callable[..., pulumi.ResourceTransformResult | None] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"polyglot:transform: {name!r} is wrong: {error}") from None
    finally:
        sys.path.pop(0)
    return found


def declare(settings: Settings) -> dict[str, pulumi.Output[str] | str]:
    """Declare a stack from its settings; its outputs by name."""
    # Imported here: the providers' SDKs take seconds, and a mistake in the settings is told before.
    if settings.transform is not None:
        pulumi.runtime.register_resource_transform(company_transform(settings.transform))
    if settings.environment is Environment.LOCAL:
        from infra.stacks.local import local  # noqa: PLC0415

        return local(settings)
    if settings.environment is Environment.MEDIA:
        from infra.stacks.media import media  # noqa: PLC0415

        return media(settings)
    from infra.stacks.cloud import cloud  # noqa: PLC0415

    return cloud(settings)
