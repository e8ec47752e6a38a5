"""`polyglot rooms`: the rooms that are open now, and who is in them."""

import asyncio
from datetime import UTC, datetime

import aiohttp
import typer
from livekit import api as livekit_api

from cli.find import Target, target

TIMEOUT = 5.0


def rooms(url: str | None) -> None:
    """List open rooms with their age, people and agents."""
    where = target(url)
    if not (where.livekit_url and where.livekit_key and where.livekit_secret):
        typer.echo("polyglot rooms: LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed", err=True)
        raise typer.Exit(2)
    try:
        lines = asyncio.run(_list(where))
    except (livekit_api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
        typer.echo(f"polyglot rooms: the media server did not answer: {type(error).__name__}", err=True)
        raise typer.Exit(1) from None
    typer.echo("\n".join(lines) if lines else "no open rooms")


async def _list(where: Target) -> list[str]:
    client = livekit_api.LiveKitAPI(
        where.livekit_url, where.livekit_key, where.livekit_secret, timeout=aiohttp.ClientTimeout(TIMEOUT)
    )
    try:
        found = (await client.room.list_rooms(livekit_api.ListRoomsRequest())).rooms
        lines = []
        for room in sorted(found, key=lambda item: item.creation_time):
            request = livekit_api.ListParticipantsRequest(room=room.name)
            people = (await client.room.list_participants(request)).participants
            agents = sum(person.kind == livekit_api.ParticipantInfo.Kind.AGENT for person in people)
            age = int(datetime.now(UTC).timestamp()) - room.creation_time
            lines.append(f"{room.name}  {age:>6} s  people {len(people) - agents}  agents {agents}")
        return lines
    finally:
        await client.aclose()
