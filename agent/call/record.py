"""Reports the facts of a call to the API: times of turns, tools, failures, usage, changes of pipeline, and its end.

Nothing of it holds up the call, and an API that does not take it loses it: it is no condition of anything.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal

from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    FunctionToolsExecutedEvent,
    MetricsCollectedEvent,
    SessionUsageUpdatedEvent,
    llm,
)
from livekit.agents.metrics import LLMModelUsage, RealtimeModelMetrics, STTModelUsage, TTSModelUsage
from pydantic import ValidationError

from agent import budgets
from agent.call.backend import BackendError
from agent.call.state import Call
from agent.telemetry.call_measures import count
from contracts.dispatch import Pipeline
from contracts.models import ModelRef
from contracts.records import (
    EVENTS_MAX,
    Allowance,
    CallEvent,
    CallEvents,
    ConfiguredModel,
    EndedEvent,
    EndReason,
    FailureEvent,
    InterruptionEvent,
    ModelsEvent,
    NoticeEvent,
    PipelineEvent,
    RoomEvent,
    ToolEvent,
    TurnEvent,
    TurnTimes,
    UsageEvent,
)

logger = logging.getLogger("polyglot.agent.call.record")

QUEUE_MAX: Final = 500
SAME_NOTICE: Final = 2.0
CutBy = Literal["voice", "stop", "button", "typed"]
SEND_EVERY: Final = 2.0
"""Seconds that events are gathered for one request."""
STAGES: Final[dict[str, Literal["stt", "llm", "tts", "realtime"]]] = {
    "stt_error": "stt",
    "llm_error": "llm",
    "tts_error": "tts",
    "realtime_model_error": "realtime",
}
REASONS: Final = {
    "longest call": EndReason.TIME_LIMIT,
    "budget": EndReason.BUDGET,
    "user silent": EndReason.SILENCE,
    "pipeline lost": EndReason.MODEL_FAILED,
    "session closed: participant_disconnected": EndReason.TRAVELLER_LEFT,
}


class Record:
    """One per call; follows each of its sessions."""

    def __init__(self, call: Call, allowed: Callable[[Allowance], None]) -> None:
        self._call = call
        self._allowed = allowed
        self._events: list[CallEvent] = []
        self._used: dict[tuple[str, str, str], dict[str, int]] = {}
        self._words_ms: int | None = None
        self._first_token: float | None = None
        self._sender: asyncio.Task[None] | None = None
        self._cut_by: CutBy = "voice"
        self._cut_at: float | None = None
        self._silence_ms: int | None = None
        self._noticed: tuple[str, float] = ("", 0.0)
        self._corrected = 0
        self._told = False

    def follow(self, session: AgentSession[Call]) -> None:
        """Take down what a session does; a new session counts its usage from nothing."""
        self._used = {}
        if not self._told:
            self._told = True
            settings = self._call.settings
            self._put(ModelsEvent, models=_configured(settings.every_model), revision=settings.revision)
        session.on("session_usage_updated", self._on_usage)
        session.on("metrics_collected", self._on_metrics)
        session.on("conversation_item_added", self._on_item)
        session.on("function_tools_executed", self._on_tools)
        session.on("error", self._on_error)
        session.on("agent_state_changed", self._on_agent_state)

    def cut(self, by: CutBy) -> None:
        """The user is about to cut off what is being said, otherwise than by speaking."""
        self._cut_by, self._cut_at, self._silence_ms = by, time.monotonic(), None

    def corrected(self, count: int) -> None:
        """So many facts of the answer that is being given did not agree with the flights."""
        self._corrected += count

    def words_known(self, after: float) -> None:
        """Words of the turn were known so long after its end; the library says so itself in the cascade alone."""
        self._words_ms = _ms(after)

    def notice(self, name: str) -> None:
        """Something was said or shown that nobody asked for; shown and said, it is one notice."""
        before, at = self._noticed
        now = time.monotonic()
        if name != before or now - at > SAME_NOTICE:
            self._noticed = (name, now)
            self._put(NoticeEvent, notice=name)

    def room(self, what: str, who: str, detail: str | None) -> None:
        """Something happened in the room."""
        self._put(RoomEvent, what=what, who=who, detail=detail)

    def pipeline(self, pipeline: Pipeline, reason: str) -> None:
        """The call went on in another pipeline."""
        self._add(PipelineEvent(**_head(), pipeline=pipeline, reason=reason))

    async def ended(self, reason: str | None) -> None:
        """The last event, None where the call goes on without us; waits, bounded, until all are sent."""
        if reason is not None:
            self._add(EndedEvent(**_head(), reason=REASONS.get(reason, EndReason.UNKNOWN)))
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(budgets.REPORT_TIMEOUT):
                await self._send()

    def _on_usage(self, event: SessionUsageUpdatedEvent) -> None:
        for usage in event.usage.model_usage:
            stage, counts = self._counts(usage)
            if stage is None:
                continue
            key = (stage, usage.provider, usage.model)
            before = self._used.get(key, {})
            grown = {name: value - before.get(name, 0) for name, value in counts.items()}
            if any(value > 0 for value in grown.values()):
                self._used[key] = counts
                self._put(
                    UsageEvent,
                    stage=stage,
                    provider=_name(usage.provider),
                    model=_name(usage.model),
                    **grown,
                )

    def _on_metrics(self, event: MetricsCollectedEvent) -> None:
        # A message has its first token's time in the cascade alone.
        if isinstance(event.metrics, RealtimeModelMetrics) and event.metrics.ttft >= 0:
            self._first_token = event.metrics.ttft

    def _counts(self, usage: object) -> tuple[Literal["stt", "llm", "tts", "realtime"] | None, dict[str, int]]:
        if isinstance(usage, LLMModelUsage):
            return ("realtime" if self._call.pipeline is Pipeline.REALTIME else "llm"), {
                "input_tokens": usage.input_tokens,
                "cached_input_tokens": usage.input_cached_tokens,
                "input_audio_tokens": usage.input_audio_tokens,
                "cached_input_audio_tokens": usage.input_cached_audio_tokens,
                "output_tokens": usage.output_tokens,
                "output_audio_tokens": usage.output_audio_tokens,
            }
        if isinstance(usage, TTSModelUsage):
            return "tts", {
                "characters": usage.characters_count,
                "audio_ms": round(usage.audio_duration * 1000),
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
            }
        if isinstance(usage, STTModelUsage):
            return "stt", {
                "audio_ms": round(usage.audio_duration * 1000),
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
            }
        return None, {}

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage):
            return
        metrics: dict[str, Any] = dict(item.metrics or {})
        if item.role == "user":
            if (words := metrics.get("transcription_delay")) is not None:
                self._words_ms = _ms(words)
        elif item.role == "assistant":
            if item.interrupted:
                turn_id = item.id[:64]
                self._put(InterruptionEvent, turn_id=turn_id, by=self._cut_by, silence_ms=self._silence_ms)
            self._cut_by, self._cut_at, self._silence_ms = "voice", None, None
            first_token, voice = metrics.get("llm_node_ttft", self._first_token), metrics.get("tts_node_ttfb")
            self._first_token = None
            waited = [seconds for seconds in (first_token, voice) if seconds is not None]
            times = TurnTimes(
                words_ms=self._words_ms,
                first_token_ms=_ms(first_token),
                first_audio_ms=_ms(metrics.get("e2e_latency")),
                provider_ms=_ms(sum(waited)) if waited else None,
            )
            self._words_ms = None
            code = self._call.language.code
            corrected, self._corrected = min(self._corrected, 100), 0
            self._put(
                TurnEvent,
                turn_id=item.id[:64],
                pipeline=self._call.pipeline,
                language=code,
                times=times,
                corrected=corrected,
            )

    def _on_tools(self, event: FunctionToolsExecutedEvent) -> None:
        for asked, output in event.zipped():
            took = max(0.0, output.created_at - asked.created_at) if output else 0.0
            failed = output is None or output.is_error
            name = asked.name
            self._put(
                ToolEvent,
                name=name,
                outcome="failed" if failed else "ok",
                ms=round(took * 1000),
            )

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.old_state == "speaking" and self._cut_at is not None:
            self._silence_ms, self._cut_at = round((time.monotonic() - self._cut_at) * 1000), None

    def _on_error(self, event: ErrorEvent) -> None:
        stage = STAGES.get(getattr(event.error, "type", ""))
        if stage is not None:
            cause = type(getattr(event.error, "error", None)).__name__
            recovered = bool(getattr(event.error, "recoverable", False))
            self._put(FailureEvent, stage=stage, reason=cause, recovered=recovered)

    def _put(self, kind: type[CallEvent], **fields: Any) -> None:  # noqa: ANN401 - each event's own fields
        try:
            self._add(kind(**_head(), **fields))
        except ValidationError:
            logger.warning("an event of the call has no place in its record")

    def _add(self, event: CallEvent) -> None:
        count(event)
        self._events.append(event)
        del self._events[:-QUEUE_MAX]
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_later())

    async def _send_later(self) -> None:
        await asyncio.sleep(SEND_EVERY)
        await self._send()

    async def _send(self) -> None:
        while self._events:
            batch, self._events = self._events[:EVENTS_MAX], self._events[EVENTS_MAX:]
            try:
                allowance = await self._call.backend.add_events(
                    self._call.metadata.session_id, CallEvents(events=tuple(batch))
                )
            except (BackendError, RuntimeError):  # the latter: the job ends, and its connections are closed
                logger.info("events of the call not taken")
                return
            if allowance is not None:
                self._allowed(allowance)


def _head() -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "at": datetime.now(UTC)}


def _configured(refs: Iterable[ModelRef]) -> tuple[ConfiguredModel, ...]:
    found = dict.fromkeys((ref.stage, _name(ref.provider), _name(ref.model)) for ref in refs)
    return tuple(ConfiguredModel(stage=stage, provider=provider, model=model) for stage, provider, model in found)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(seconds * 1000))


def _name(text: str) -> str:
    """A provider's or model's name as the record takes it: some call themselves by a host, or in two words."""
    kept = "".join(char if char.isalnum() or char in "._:/-" else "-" for char in text).strip("._:/-")
    return kept[:100] or "unknown"
