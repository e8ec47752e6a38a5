"""`polyglot keys`: API keys of a deployment, through its API."""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import httpx2

TIMEOUT = 10.0
VARIABLE = "POLYGLOT_OPERATOR_KEY"
SCOPES = ("calls", "search", "records", "erase", "manage")

keys = typer.Typer(no_args_is_help=True, help="API keys: made, listed, rotated, revoked.")

Url = Annotated[str | None, typer.Option("--url", help="The API; by default the stack running here.")]


@keys.command("list")
def list_keys(url: Url = None) -> None:
    """Keys with their tenant, rights and end; no secrets."""
    for key in _ask(url, "GET", "/v1/keys")["keys"]:
        state = "revoked" if key["revoked_at"] else f"until {key['expires_at'] or 'revoked'}"
        typer.echo(f"{key['id']}  {key['tenant']:<16} {key['name']:<24} {' '.join(key['scopes']):<32} {state}")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What it is for, such as the name of the program that will hold it.")],
    scope: Annotated[list[str], typer.Option(help=f"A right, once for each: {', '.join(SCOPES)}.")],
    tenant: Annotated[str | None, typer.Option(help="Whose; by default the tenant 'default'.")] = None,
    days: Annotated[int, typer.Option(min=0, max=3650, help="How long it works; 0: until it is revoked.")] = 365,
    url: Url = None,
) -> None:
    """Make a key and print its secret, which cannot be shown again."""
    body = {"name": name, "scopes": scope, "tenant": tenant, "expires_in_days": days or None}
    typer.echo(_ask(url, "POST", "/v1/keys", body)["secret"])


@keys.command("rotate")
def rotate_key(
    key: Annotated[str, typer.Argument(help="Its id, as `polyglot keys list` shows it.")],
    overlap: Annotated[float, typer.Option(min=0, max=720, help="Hours for which the old secret goes on.")] = 24,
    url: Url = None,
) -> None:
    """Replace a key's secret and print the new one."""
    typer.echo(_ask(url, "POST", f"/v1/keys/{key}/rotate", {"overlap_hours": overlap})["secret"])


@keys.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="Its id.")], url: Url = None) -> None:
    """End a key at once."""
    _ask(url, "POST", f"/v1/keys/{key}/revoke")
    typer.echo(f"{key} is revoked")


def _ask(url: str | None, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    import httpx2  # noqa: PLC0415 - loaded when it is needed, as in `cli.main`

    from cli.find import target  # noqa: PLC0415

    where = target(url)
    secret = os.environ.get(VARIABLE) or where.operator_key
    if not secret:
        typer.echo(f"polyglot keys: {VARIABLE} is needed, or a key with the scope manage in its place", err=True)
        raise typer.Exit(2)
    try:
        return asyncio.run(_request(where.api_url, secret.split(",")[0], method, path, body))
    except httpx2.HTTPStatusError as error:
        typer.echo(f"polyglot keys: {_detail(error.response)}", err=True)
    except httpx2.HTTPError as error:
        typer.echo(f"polyglot keys: the API did not answer: {type(error).__name__}", err=True)
    raise typer.Exit(1)


async def _request(url: str, secret: str, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    import httpx2  # noqa: PLC0415 - as above

    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(base_url=url, timeout=TIMEOUT) as http:
        response = (await http.request(method, path, json=body, headers=headers)).raise_for_status()
    found: dict[str, Any] = response.json()
    return found


def _detail(response: "httpx2.Response") -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the API answered {response.status_code}"
