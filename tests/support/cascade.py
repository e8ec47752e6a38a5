"""The models of a cascade in virtual time: ears that are told what they hear, a mind that answers what it has not answered yet,
and both fail as they are told to.
"""

import asyncio
import json
import re
from collections import deque
from typing import Any, Final

from livekit.agents import APIConnectionError, APITimeoutError, llm, stt
from livekit.agents.types import APIConnectOptions
from realtime_provider import CHATTER, Asked

from agent import budgets
from contracts.tools import TOOL_SEARCH

_NAME: Final = re.compile(r"\bq\d+\b")


class Hearing(stt.STT[Any]):
    """Makes of each utterance what it was told before, one after another."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self.next: deque[tuple[float, str | None]] = deque()
        """Seconds, and words: "" where there are none, None where it fails to."""

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        seconds, words = self.next.popleft() if self.next else (0.2, "")
        await asyncio.sleep(seconds)
        if words is None:
            raise APIConnectionError("not heard", retryable=False)
        heard = stt.SpeechData(language="en", text=words)  # type: ignore[arg-type]
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[heard])


class Mind(llm.LLM[Any]):
    """Answers every question of the conversation that it has not answered; `plan`: how its requests go, the rest are well.

    `late` (first words after some seconds), `failed` (before any), `mute` (none until the time is over), `cut` (after some).
    """

    def __init__(self, plan: list[str], known: dict[str, Asked], searching: list[float]) -> None:
        super().__init__()
        self.plan, self.known, self.searching = plan, known, searching
        self.given_up: list[str] = []
        """Questions whose search was stopped, or overtaken by a newer one."""

    def chat(  # type: ignore[override]
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions | None = None,
        **_: Any,
    ) -> "Thought":
        options = conn_options or APIConnectOptions(max_retry=0)
        return Thought(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=options)


class Thought(llm.LLMStream):
    """One request, and its retries."""

    _llm: Mind

    async def _run(self) -> None:
        mind = self._llm
        outcome = mind.plan.pop(0) if mind.plan else "ok"
        if outcome == "mute":
            await asyncio.sleep(budgets.MODEL_TIMEOUT)
            raise APITimeoutError
        await asyncio.sleep(3.5 if outcome == "late" else 0.4)
        if outcome == "failed":
            raise APIConnectionError
        found = self._found()
        open_ = self._open()
        told = [name for name, asked in open_.items() if asked.search is None or name in found]
        search = next((asked for name, asked in open_.items() if name not in told), None)
        if told or search is None:
            self._give(content=f"{' '.join(told)} it is" if told else CHATTER)
            if outcome == "cut":
                await asyncio.sleep(0.1)
                raise APIConnectionError(retryable=False)
        if search is not None:
            mind.searching[:] = [search.search or 0.0]
            arguments = {"origin": "MAD", "destination": "BER", "departure_date": "2026-11-22"}
            call = llm.FunctionToolCall(
                call_id=f"call_{search.name}_{id(self)}", name=TOOL_SEARCH, arguments=json.dumps(arguments)
            )
            self._give(tool_calls=[call])

    def _give(self, **delta: Any) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", **delta)))

    def _open(self) -> dict[str, Asked]:
        """Questions of the conversation without an answer, by their names."""
        asked: dict[str, Asked] = {}
        answered = set(self._llm.given_up)
        for item in self._chat_ctx.items:
            if isinstance(item, llm.ChatMessage):
                text = item.text_content or ""
                if item.role == "assistant":
                    answered.update(text.split())
                elif item.role == "user":
                    asked |= {name: self._llm.known.get(text, Asked(name)) for name in _NAME.findall(text)}
        return {name: one for name, one in asked.items() if name not in answered}

    def _found(self) -> set[str]:
        """Questions after which a search was made, and is over."""
        before: set[str] = set()
        found: set[str] = set()
        for item in self._chat_ctx.items:
            if isinstance(item, llm.ChatMessage) and item.role == "user":
                before.update(_NAME.findall(item.text_content or ""))
            elif isinstance(item, llm.FunctionCallOutput):
                if any(f'"{status}"' in item.output for status in ("stopped", "superseded")):
                    self._llm.given_up += [name for name in self._open() if f"_{name}_" in item.call_id]
                else:
                    found |= before
        return found
