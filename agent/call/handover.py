"""A worker that must go while calls run: each is told, says so, and leaves its room to another worker's agent.

Told by a message in the call's room, because a job's process has no other ear for its worker.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import aiohttp
from livekit import api
from livekit.agents import AgentServer

from agent import budgets
from agent.call.state import Call
from agent.settings import AgentSettings
from contracts.names import TOPIC_HANDOVER

logger = logging.getLogger("polyglot.agent.call.handover")

REASON: Final = "handed over"
"""Why a call's agent left, where the call itself goes on."""


class Finish(Protocol):
    """How a call's agent ends its part."""

    def __call__(self, reason: str, *, delete_room: bool = True) -> Awaitable[None]:
        """Leave the room, and close it unless told otherwise."""
        ...


async def hand_over_calls(
    server: AgentServer, settings: AgentSettings, *, http: Callable[[], api.LiveKitAPI] | None = None
) -> None:
    """Tell every call of this worker that it must pass to another one, and wait, bounded, until they have gone."""

    def client() -> api.LiveKitAPI:
        return api.LiveKitAPI(
            str(settings.livekit_url),
            settings.livekit_api_key,
            settings.livekit_api_secret.get_secret_value(),
            timeout=aiohttp.ClientTimeout(total=budgets.REPORT_TIMEOUT),
        )

    jobs = server.active_jobs
    async with (http or client)() as media:
        told = await asyncio.gather(
            *(
                media.room.send_data(
                    api.SendDataRequest(
                        room=job.job.room.name,
                        data=b"{}",
                        topic=TOPIC_HANDOVER,
                        kind=api.DataPacket.Kind.RELIABLE,
                        destination_identities=[job.accept_arguments.identity],
                    )
                )
                for job in jobs
            ),
            return_exceptions=True,
        )
    untold = sum(isinstance(answer, BaseException) for answer in told)
    logger.info("calls handed over", extra={"calls": len(jobs), "untold": untold})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(budgets.HANDOVER):
            while server.active_jobs:  # noqa: ASYNC110 - the library has no event for it
                await asyncio.sleep(0.2)


async def leave(call: Call, finish: Finish) -> None:
    """Say that there is a break, and go; the API sends another agent, which has the conversation and the cards."""
    speech = call.speaker.clip("one_moment")
    if speech is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(budgets.HANDOVER_SAID):
                await speech
    await finish(REASON, delete_room=False)
