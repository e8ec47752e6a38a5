"""Measures of a search whose source takes three seconds: what is heard and shown meanwhile, and what twenty cost at once."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx2

from cli.bench.calls import WORLDS, set_world
from cli.bench.figures import Figure
from cli.bench.floor import search_floor
from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from cli.traveller.clips import known_clip
from cli.traveller.library import clip_of
from contracts.dispatch import Pipeline
from contracts.room import NoticeKind
from contracts.sessions import SessionRequest

SOURCE_SECONDS = 3.0
ENVIRON = {"POLYGLOT_SAMPLE_DELAY": str(SOURCE_SECONDS), "POLYGLOT_SEARCH_CACHE_SECONDS": "0"}
SEARCH_WORLDS = ("zero", "P50")
"""What is ours shows where the provider answers at once; what a traveller hears, where it takes its median time."""
QUESTION = 1
"""Of the library's questions: "Find me a flight from Madrid to Berlin tomorrow." by a natural voice."""
AT_ONCE = 20
_NEXT = 0.5


async def slow_search(stack: LocalStack, pipeline: Pipeline, world: str, count: int) -> list[Figure]:
    """From the end of a spoken question: the first sound, the first offer spoken, and its cards after the source's answer."""
    await set_world(stack, world)
    question = await known_clip(stack.emulator_url, clip_of("en", "question", QUESTION))
    first, offers, shown = [], [], []
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.hush()
        for _ in range(count):
            ended = await caller.say(question)
            first.append(await caller.sound(ended) - ended)
            await caller.cards(ended)
            cards = next(at for at, message in caller.results if at >= ended)
            begun = next(at for at, notice in caller.notices if at >= ended - 1 and notice.kind is NoticeKind.SEARCHING)
            shown.append(max(0.001, cards - begun - SOURCE_SECONDS))
            offers.append(await caller.sound(cards) - ended)
            await caller.quiet()
            await asyncio.sleep(_NEXT)
    source = (SOURCE_SECONDS,)
    decided, offered = search_floor(pipeline, WORLDS[world], SOURCE_SECONDS)
    name = f"search of 3 s, {pipeline.value}, {world} world"
    return [
        Figure(f"{name}: first sound", tuple(first), "s", "the source", source, 0.8, floor=decided),
        Figure(f"{name}: first offer spoken", tuple(offers), "s", "the source", source, 4.0, floor=offered),
        Figure(f"{name}: cards after its answer", tuple(shown), "s", "the source", source, 1.0),
    ]


async def equal_searches(stack: LocalStack) -> Figure:
    """Twenty of the same at once, who share one request, beside one alone."""
    day = (datetime.now(UTC).date() + timedelta(days=40)).isoformat()

    async def one(http: httpx2.AsyncClient, destination: str) -> float:
        begun = time.monotonic()
        body = {"origin": "Madrid", "destination": destination, "departure_date": day}
        (await http.post("/v1/flights/search", json=body)).raise_for_status()
        return time.monotonic() - begun

    async with httpx2.AsyncClient(base_url=stack.api_url, timeout=20) as http:
        alone = await one(http, "Rome")
        together = await asyncio.gather(*(one(http, "Berlin") for _ in range(AT_ONCE)))
    return Figure(
        f"{AT_ONCE} equal searches at once", tuple(together), "s", "one search", (alone,), SOURCE_SECONDS + 1, 95
    )
