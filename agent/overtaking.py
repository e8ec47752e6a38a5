"""Text arrives at once, sound later: what was spoken before something typed must neither cut off nor take its answer along."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from livekit.agents import AgentSession, llm
from livekit.agents.voice import SpeechHandle

from agent import budgets
from agent.turns import TurnPolicy

ALREADY_ANSWERING: Final = "conversation_already_has_active_response"
"""The provider's code for a response that is asked for while another is under way."""

_holds: Final[Counter[int]] = Counter()
"""By id of a speech: how many hold it at this moment."""


@contextmanager
def held(speech: SpeechHandle) -> Iterator[None]:
    """While anybody holds a speech, sound does not interrupt it; a stop still does."""
    if speech.interrupted:
        yield
        return
    key = id(speech)
    _holds[key] += 1
    speech.allow_interruptions = False
    try:
        yield
    finally:
        _holds[key] -= 1
        if not _holds[key]:
            del _holds[key]
            speech.allow_interruptions = True


async def drop_speech(session: AgentSession[Any], turns: TurnPolicy, *, realtime: bool) -> None:
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


async def shield(session: AgentSession[Any], turns: TurnPolicy, answer: SpeechHandle) -> None:
    """Cascade: hold the answer to what was typed while sound from before it may still arrive, and drop what that says."""
    with held(answer):
        await asyncio.sleep(budgets.SOUND_LAG)
        if turns.noticed_late:
            await drop_speech(session, turns, realtime=False)


async def insist(session: AgentSession[Any], turns: TurnPolicy, answer: SpeechHandle) -> None:
    """Realtime: ask once more where the provider refused to answer what was typed.

    It does while it answers the speech before, which it began to do a moment ago and is not known here yet, so that the
    interruption could not reach it. When the refusal arrives, it is known.
    """
    turn = turns.number
    await answer
    refusal = answer.exception()
    if turns.number == turn and isinstance(refusal, llm.RealtimeError) and refusal.code == ALREADY_ANSWERING:
        with contextlib.suppress(RuntimeError):
            await session.interrupt(force=True)
            session.generate_reply(input_modality="text")
