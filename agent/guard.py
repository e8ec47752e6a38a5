"""Where what is spoken is held against the flights: before it is heard where that can be, else right after it.

Cascade and text: an answer is given on by sentences, and a wrong one is repaired, or replaced by the flight itself.
Realtime: the sound is the provider's; its transcript is compared when it has been heard, and a mistake corrected aloud.
"""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable

from livekit.agents import ConversationItemAddedEvent, FlushSentinel, llm

from agent.call import Call
from agent.facts.claims import sentences
from agent.facts.judge import mistakes, plain, plain_day, repaired
from contracts.dispatch import Pipeline
from contracts.languages import LANGUAGES

logger = logging.getLogger("polyglot.agent.guard")

Part = llm.ChatChunk | str | FlushSentinel
ABOUT_THE_SEARCH = frozenset({"date", "weekday", "count"})


class Guard:
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
        screen = self._call.screen
        if screen.result is None or self._call.off_screen:
            return sentence
        language = self._call.language.code
        wrong = mistakes(sentence, screen.result, screen.offers, language, self._call.heard)
        if not wrong:
            return sentence
        self._corrected(len(wrong))
        logger.warning("a sentence did not agree with the flights", extra={"kinds": [one.kind for one in wrong]})
        better = repaired(sentence, wrong)
        tail = sentence[len(sentence.rstrip()) :]
        return better if better is not None else self._flight(wrong[0].kind) + tail

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
            words = LANGUAGES[call.language.code].correction.format(facts=" ".join(part.strip() for part in better))
            call.speaker.words(words)

    def _flight(self, kind: str) -> str:
        screen, language = self._call.screen, self._call.language.code
        offers = screen.offers
        if screen.result is not None and (kind in ABOUT_THE_SEARCH or not offers):
            return plain_day(screen.result, language)
        return plain(offers[(screen.selected or 1) - 1], language)


def _words(part: Part) -> str:
    return (part.delta.content or "") if isinstance(part, llm.ChatChunk) and part.delta is not None else ""


def _calls(part: Part) -> bool:
    return isinstance(part, llm.ChatChunk) and part.delta is not None and bool(part.delta.tool_calls)
