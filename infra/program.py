"""The program that the engine runs, for every stack: `pulumi up`, `make preview`, the tests."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi

from infra.settings import Settings, SettingsError, load
from infra.settings.base import Environment


class LookUpError(pulumi.RunError):
    """AWS, or the provider, refused to tell something that the stack is made from; the message says what, and what to do."""


def main() -> None:
    """Declare the stack that the configuration describes.

    Raises SettingsError before anything is declared, and LookUpError.
    """
    settings = load(pulumi.get_stack())
    try:
        outputs = declare(settings)
    except Exception as error:
        # The engine gives every failed look-up as a bare Exception, under forty lines of the SDK.
        if not str(error).startswith("invoke of "):
            raise
        raise LookUpError(_look_up_failed(str(error), settings)) from None
    for name, value in outputs.items():
        pulumi.export(name, value)


def _look_up_failed(text: str, settings: Settings) -> str:
    what, _, why = text.partition(" failed: ")
    reason = why.rpartition(" returned an error: ")[2].strip()
    said = f"{what.removeprefix('invoke of ').rpartition(':')[2]} in {settings.aws.region}: {reason}"
    if "account ID not allowed" in reason:
        said += (
            f". These credentials are another account's: polyglot:aws.account is {settings.aws.account}. Sign in to that one, "
            "or `pulumi config set --path polyglot:aws.account NUMBER`"
        )
    elif any(word in reason.lower() for word in ("credential", "expired", "token")):
        said += ". Sign in again, for example `aws sso login`"
    return said


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
