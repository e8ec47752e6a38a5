"""An answer whose model fails in the middle of it: another one, or the same once more, says the rest."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Final

from livekit.agents import llm

from agent.speaking.fact_guard import Part
from agent.speaking.sentences import sentences

GO_ON: Final = (
    "Your answer was cut off after the words above, which were spoken. Say only what is missing of it, beginning with a new "
    "sentence. Repeat nothing and do not mention the interruption."
)


async def continued(
    chat: llm.ChatContext, ask: Callable[[llm.ChatContext], AsyncIterable[Part]], gives_up: Callable[[], None]
) -> AsyncIterator[Part]:
    """An answer by whole sentences, and where its model fails between two of them, what is missing.

    `gives_up` is called where nothing will follow. A model that fails before it has said anything is not asked again, which a list
    of models does by itself; nor is one that has called a tool, which would be called twice.
    """
    said: list[str] = []
    called = False
    try:
        async for part in ask(chat):
            if isinstance(part, str) and part.strip():
                said.append(part)
            called = called or (
                isinstance(part, llm.ChatChunk) and part.delta is not None and bool(part.delta.tool_calls)
            )
            yield part
    except Exception:
        if not said or called:
            gives_up()
            raise
    else:
        return
    try:
        async for part in ask(_with(chat, said)):
            rest = _new(part, said) if isinstance(part, str) else part
            if rest:
                yield rest
    except Exception:
        gives_up()
        raise


def _with(chat: llm.ChatContext, said: list[str]) -> llm.ChatContext:
    longer = chat.copy()
    longer.add_message(role="assistant", content="".join(said))
    longer.add_message(role="system", content=GO_ON)
    return longer


def _new(part: str, said: list[str]) -> str:
    """What of it has not been said: models begin again all the same."""
    before = {sentence.strip() for sentence in sentences("".join(said))}
    return "".join(sentence for sentence in sentences(part) if sentence.strip() not in before)
