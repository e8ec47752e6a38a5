"""A call that is typed: all of it but the room, which a test plays."""

from typing import Any

from agent.call.response_recovery import ResponseRecovery
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.settings import AgentSettings
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline


def text_call(metadata: DispatchMetadata, settings: AgentSettings, backend: Any, room: Any) -> Call:
    """A call in text, before its session."""
    turns, language = Turns(), LanguageTracker(metadata)
    return Call(
        metadata=metadata,
        settings=settings,
        pipeline=Pipeline.TEXT,
        backend=backend,
        room=room,
        turns=turns,
        language=language,
        speaker=Speaker(session=lambda: None, room=room, turns=turns, language=language),
        screen=Screen(),
    )


def recovery_of(call: Call) -> ResponseRecovery:
    """What follows the answers of a call that has no room: there is no other pipeline to go to."""

    async def nowhere(_pipeline: Pipeline) -> None:
        """It would be lost."""

    return ResponseRecovery(call, session=lambda: None, switch=nowhere)
