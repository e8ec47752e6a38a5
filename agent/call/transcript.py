"""Reports finished turns to the API, in order, without ever holding up the call."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime

from livekit.agents import AgentStateChangedEvent, llm

from agent import budgets
from agent.call.backend import BackendError
from agent.call.state import Call
from contracts.marks import session_mark
from contracts.turns import Turn

logger = logging.getLogger("polyglot.agent.call.transcript")

QUEUE_MAX = 200


class TurnLog:
    """A bounded queue with one sender; when the API is away for long, the oldest turns are dropped."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._queue: asyncio.Queue[Turn] = asyncio.Queue(QUEUE_MAX)
        self._sender: asyncio.Task[None] | None = None
        self._asked_at: float | None = None
        self._latency_ms: int | None = None

    def agent_state(self, event: AgentStateChangedEvent) -> None:
        """Measure the wait for an answer, where the pipeline does not."""
        if event.new_state == "speaking" and self._asked_at is not None:
            self._latency_ms = max(0, int((event.created_at - self._asked_at) * 1000))
            self._asked_at = None

    def message(self, item: llm.ChatMessage) -> None:
        """Take in one message of the conversation."""
        if item.role not in ("user", "assistant") or not (text := item.text_content):
            return
        metrics = item.metrics or {}
        latency = metrics.get("e2e_latency")
        if item.role == "user":
            self._asked_at = item.created_at
        turn = Turn(
            id=item.id[:64],
            role=item.role,
            text=text[:8000],
            language=self._call.language.code,
            modality="voice" if item.transcript_confidence is not None or latency is not None else "text",
            interrupted=item.interrupted,
            started_at=datetime.fromtimestamp(item.created_at, UTC),
            # A clock that was set back between the two would lose the turn.
            latency_ms=(max(0, round(latency * 1000)) if latency is not None else self._latency_ms)
            if item.role == "assistant"
            else None,
        )
        if self._queue.full():
            self._queue.get_nowait()
            self._queue.task_done()
            logger.warning("turn dropped: the API does not keep up")
        self._queue.put_nowait(turn)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def flush(self) -> None:
        """Wait, bounded, until everything is sent."""
        if self._sender is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(budgets.REPORT_TIMEOUT):
                    await self._queue.join()
            self._sender.cancel()

    async def _send(self) -> None:
        while True:
            turn = await self._queue.get()
            try:
                await self._call.backend.add_turn(self._call.metadata.session_id, turn)
            except BackendError:
                logger.warning("turn not stored", extra={"session": session_mark(self._call.metadata.session_id)})
            finally:
                self._queue.task_done()
