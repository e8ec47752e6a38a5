"""`polyglot cost`: what a stack costs a month, from the settings that deploy it."""

import json
from pathlib import Path
from typing import Annotated

import typer


def cost(
    stack: Annotated[str, typer.Argument(help="Name of a stack: staging, prod.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    minutes: Annotated[float | None, typer.Option(min=0, help="Call-minutes a month.")] = None,
    minute_price: Annotated[
        float | None, typer.Option(min=0, help="Dollars a call-minute for models and LiveKit.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Folder of Pulumi.STACK.yaml.")] = Path(),
) -> None:
    """Print the monthly price of STACK, and what is assumed."""
    # Pulumi takes a second to import, and is not in every installation of this command.
    from cli.operator.prices import as_data, priced  # noqa: PLC0415
    from cli.operator.stack_file import StackFileError, stack_config  # noqa: PLC0415
    from infra.costs.report import lines  # noqa: PLC0415
    from infra.settings import SettingsError  # noqa: PLC0415

    try:
        found = priced(stack_config(stack, folder), minutes)
    except ValueError as error:  # the local stack
        typer.echo(f"{stack}: {error}")
        return
    except (SettingsError, StackFileError) as error:
        typer.echo(f"polyglot cost: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(as_data(stack, found, minute_price), indent=2))
    else:
        for line in lines(stack, found, minute_price):
            typer.echo(line)
