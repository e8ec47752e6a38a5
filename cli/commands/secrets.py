"""`polyglot secrets`: the operator's way to give a stack its secrets. Values go in, and never come out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.operator.parameters import Vault

secrets = typer.Typer(no_args_is_help=True, help="Secrets of a stack, kept in SSM Parameter Store.")

Stack = Annotated[str, typer.Argument(help="Name of a stack: staging, prod.")]
Name = Annotated[str, typer.Argument(help="Name of the secret, for example OPENAI_API_KEY.")]
Folder = Annotated[Path, typer.Option(help="Folder of Pulumi.STACK.yaml.")]
HERE = Path()


@secrets.command("set")
def set_(stack: Stack, name: Name, folder: Folder = HERE) -> None:
    """Set NAME. The value comes from a hidden prompt, or from standard input when that is no terminal."""
    with _vault(stack, folder) as vault:
        value = typer.prompt(f"{name} (not shown)", hide_input=True) if _asks() else sys.stdin.read().rstrip("\r\n")
        version = vault.put(name, value)
        typer.echo(f"{vault.path}/{name} is set, version {version}; `pulumi up -s {stack}` gives it to the tasks.")


@secrets.command("list")
def list_(stack: Stack, folder: Folder = HERE) -> None:
    """List what is set and what is missing; exits with 1 when something that the stack needs is missing."""
    with _vault(stack, folder) as vault:
        stored, needed = vault.stored(), vault.needed()
        missing = [name for name in needed if name not in stored or not stored[name].secure]
        for name in sorted({*stored, *needed}):
            there = stored.get(name)
            services = ", ".join(needed.get(name, ())) or "nobody"
            if there is None:
                state = f"missing; polyglot secrets set {stack} {name}"
            elif not there.secure:
                state = f"PLAIN TEXT; polyglot secrets set {stack} {name}"
            else:
                state = f"version {there.version}, {there.changed:%Y-%m-%d %H:%M} UTC"
            typer.echo(f"{name:<24} for {services:<12} {state}")
    raise typer.Exit(1 if missing else 0)


@secrets.command()
def generate(stack: Stack, folder: Folder = HERE) -> None:
    """Make the key pair of our own media server, unless it is there."""
    with _vault(stack, folder) as vault:
        made = vault.generate()
        typer.echo(f"{', '.join(made)} set." if made else "The key pair is there; nothing was changed.")


@secrets.command()
def remove(stack: Stack, name: Name, folder: Folder = HERE) -> None:
    """Remove NAME; running tasks keep it until they are replaced."""
    with _vault(stack, folder) as vault:
        there = vault.remove(name)
        typer.echo(f"{vault.path}/{name} {'is removed' if there else 'was not set'}.")


def _asks() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _vault(stack: str, folder: Path) -> "Iterator[Vault]":
    """The stack's secrets; what goes wrong is told in a line, without a trace that could show a value."""
    # boto3 and Pulumi take a second to import, and are not in every installation of this command.
    from cli.operator.parameters import SecretsError, Vault  # noqa: PLC0415
    from cli.operator.stack_file import StackFileError, stack_config  # noqa: PLC0415
    from infra.settings import SettingsError, parse  # noqa: PLC0415

    try:
        yield Vault.open(parse(stack_config(stack, folder)))
    except (SecretsError, SettingsError, StackFileError) as error:
        typer.echo(f"polyglot secrets: {error}", err=True)
        raise typer.Exit(2) from None
