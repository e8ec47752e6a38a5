"""Where what is spoken is read first: before it is heard where that can be, else right after it.

Cascade and text: an answer is given on by sentences, each as the persona lets it be said.
Realtime: the sound is the provider's; its transcript is read when it has been heard, and a mistake corrected aloud.
"""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable

from livekit.agents import ConversationItemAddedEvent, FlushSentinel, llm

from agent.call.state import Call
from agent.speaking.sentences import sentences
from contracts.dispatch import Pipeline

logger = logging.getLogger("polyglot.agent.speaking.fact_guard")

Part = llm.ChatChunk | str | FlushSentinel


class FactGuard:
    """One per call."""

    def __init__(self, call: Call, corrected: Callable[[int], None]) -> None:
        self._call = call
        self._corrected = corrected

    async def answer(self, parts: AsyncIterable[Part]) -> AsyncIterator[Part]:
        """A model's answer, its words held until their sentence is whole and right."""
        held = ""
        async for part in parts:
            words = part if isinstance(part, str) else _words(part)
            if not words:
                if isinstance(part, FlushSentinel) or _calls(part):
                    if held:
                        yield self.right(held)
                    held = ""
                yield part
                continue
            *whole, held = sentences(held + words)
            for sentence in whole:
                yield self.right(sentence)
            if isinstance(part, llm.ChatChunk) and (part.usage is not None or _calls(part)):
                yield part.model_copy(update={"delta": part.delta and part.delta.model_copy(update={"content": None})})
        if held:
            yield self.right(held)

    def right(self, sentence: str) -> str:
        """The sentence, with what is wrong in it put right."""
        righted = self._call.persona.right(self._call, sentence)
        if righted.kinds:
            self._corrected(len(righted.kinds))
            logger.warning("a sentence was not said as the model wrote it", extra={"kinds": list(righted.kinds)})
        return righted.text

    def on_item(self, event: ConversationItemAddedEvent) -> None:
        """Realtime: an answer was heard; what was wrong with it is corrected at once."""
        item, call = event.item, self._call
        if (
            call.pipeline is not Pipeline.REALTIME
            or not isinstance(item, llm.ChatMessage)
            or item.role != "assistant"
            or item.interrupted
        ):
            return
        heard = sentences(item.text_content or "")
        better = [right for sentence in heard if (right := self.right(sentence)) != sentence]
        if better:
            call.speaker.words(call.persona.correction(call, better))


def _words(part: Part) -> str:
    return (part.delta.content or "") if isinstance(part, llm.ChatChunk) and part.delta is not None else ""


def _calls(part: Part) -> bool:
    return isinstance(part, llm.ChatChunk) and part.delta is not None and bool(part.delta.tool_calls)
