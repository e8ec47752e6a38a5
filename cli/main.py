"""The `polyglot` command."""

import typer

from cli.commands.bench import bench
from cli.commands.call import call
from cli.commands.config import config
from cli.commands.cost import cost
from cli.commands.doctor import doctor
from cli.commands.keys import keys
from cli.commands.rooms import rooms
from cli.commands.run import run
from cli.commands.secrets import secrets

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Polyglot: an open voice assistant for flights.")
app.command()(run)
app.command()(call)
app.command()(doctor)
app.command()(rooms)
app.command()(bench)
app.command()(cost)
app.add_typer(config, name="config")
app.add_typer(keys, name="keys")
app.add_typer(secrets, name="secrets")
