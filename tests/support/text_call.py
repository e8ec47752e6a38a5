"""A call that is typed: all of it but the room, which a test plays."""

from typing import Any

from agent.call import Call
from agent.language import LanguageTracker
from agent.screen import Screen
from agent.settings import AgentSettings
from agent.speech import Speaker
from agent.turns import Turns
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
