"""Realtime: speech that our own ears noticed, and the provider's did not.

It may have been too quiet for the provider, or said while the connection was being mended; then the user is asked again.
Or the connection is dead without saying so; then the call goes on without it.
"""

import asyncio
from enum import Enum
from typing import Any

from livekit.agents import AgentSession, llm

from agent import budgets
from agent.turns.tracker import Turns


class Hearing(Enum):
    """What is known of the provider's ears."""

    FINE = "fine"
    """It heard, or nobody waits for it any more."""
    MISSED = "missed"
    """It lives, and noticed nothing."""
    DEAD = "dead"
    """It does not respond."""


async def hearing_of(session: AgentSession[Any], turns: Turns) -> Hearing:
    """How the provider heard the speech that has just ended; takes a while."""
    turn = turns.spoken

    def missed() -> bool:
        quiet = session.user_state != "speaking" and session.agent_state == "listening"
        return turn is not None and turns.missed(turn) and quiet

    await asyncio.sleep(budgets.UNHEARD_AFTER)
    if not missed():
        return Hearing.FINE
    try:
        provider = session.current_agent.realtime_llm_session
    except RuntimeError:  # the session has ended
        return Hearing.FINE
    alive = await drops_sound(provider)
    # Events come in order: what the provider noticed before it answered is known now.
    if not missed():
        return Hearing.FINE
    return Hearing.MISSED if alive else Hearing.DEAD


async def drops_sound(provider: llm.RealtimeSession[Any]) -> bool:
    """Have the provider drop the sound that it holds; whether it says that it did."""
    said = asyncio.Event()

    def on_event(event: dict[str, Any]) -> None:
        if event.get("type") == "input_audio_buffer.cleared":
            said.set()

    provider.on("openai_server_event_received", on_event)
    try:
        provider.clear_audio()
        async with asyncio.timeout(budgets.PROVIDER_RESPONDS):
            await said.wait()
    except TimeoutError:
        return False
    finally:
        provider.off("openai_server_event_received", on_event)
    return True
