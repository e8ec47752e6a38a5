"""What is typed in a voice call: it interrupts and is answered; what was spoken before it is not."""

import asyncio
import contextlib
import time
from typing import Any

from livekit.agents import AgentSession
from livekit.agents.voice import SpeechHandle

from agent import budgets
from agent.turns.tracker import Turns
from agent.turns.uninterruptible import uninterruptible


async def drop_speech(session: AgentSession[Any], turns: Turns, *, realtime: bool) -> None:
    """Speech from before what was typed, a "stop" too, is still being heard: wait for its end (bounded), and forget it."""
    deadline = time.monotonic() + budgets.SPEECH_BEFORE_TEXT
    while time.monotonic() < deadline and (  # noqa: ASYNC110 - the library has no event for it
        session.user_state == "speaking" or (realtime and turns.provider_listens)
    ):
        await asyncio.sleep(0.02)
    with contextlib.suppress(RuntimeError):
        session.clear_user_turn()
        if not realtime:
            # The library ends the recogniser a moment later: words that came in between would take the turn (1.8).
            await asyncio.sleep(budgets.RECOGNISER_ENDS)
            session.clear_user_turn()


async def shield(session: AgentSession[Any], turns: Turns, answer: SpeechHandle) -> None:
    """Cascade: hold the answer to what was typed while sound from before it may still arrive, and drop what that says."""
    with uninterruptible(answer):
        await asyncio.sleep(budgets.SOUND_LAG)
        if turns.noticed_late:
            await drop_speech(session, turns, realtime=False)
