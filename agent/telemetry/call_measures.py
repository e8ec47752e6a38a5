"""What the facts of a call, as its record has them, mean for the metrics of the worker."""

from agent.telemetry.measures import measure
from contracts.records import (
    CallEvent,
    EndedEvent,
    FailureEvent,
    InterruptionEvent,
    NoticeEvent,
    PipelineEvent,
    ToolEvent,
    TurnEvent,
    UsageEvent,
)


def count(event: CallEvent) -> None:
    """Measure one fact."""
    match event:
        case TurnEvent():
            _turn(event)
        case UsageEvent():
            _usage(event)
        case ToolEvent():
            measure("tool_seconds", event.ms / 1000, tool=event.name, outcome=event.outcome)
        case InterruptionEvent():
            measure("interruptions", by=event.by)
            if event.silence_ms is not None:
                measure("silence_seconds", event.silence_ms / 1000, by=event.by)
        case FailureEvent():
            measure("failures", stage=event.stage, recovered=str(event.recovered).lower())
        case NoticeEvent():
            measure("notices", notice=event.notice)
        case PipelineEvent():
            measure("switches", pipeline=event.pipeline.value)
        case EndedEvent():
            measure("calls_ended", reason=event.reason.value)


def _turn(event: TurnEvent) -> None:
    times, pipeline = event.times, event.pipeline.value
    first_sound = None
    if times.provider_ms is not None and times.first_token_ms is not None:
        first_sound = times.provider_ms - times.first_token_ms
    stages = {"words": times.words_ms, "first_token": times.first_token_ms, "first_sound": first_sound}
    for stage, waited in stages.items():
        if waited:
            measure("stage_seconds", waited / 1000, stage=stage, pipeline=pipeline)
    if event.corrected:
        measure("corrections", event.corrected)


def _usage(event: UsageEvent) -> None:
    of = {"provider": event.provider, "model": event.model}
    tokens = {
        "input": event.input_tokens,
        "input_cached": event.cached_input_tokens,
        "input_audio": event.input_audio_tokens,
        "output": event.output_tokens,
        "output_audio": event.output_audio_tokens,
    }
    for kind, number in tokens.items():
        if number:
            measure("tokens", number, stage=event.stage, kind=kind, **of)
    if event.characters:
        measure("characters", event.characters, **of)
    if event.audio_ms:
        measure("audio_seconds", event.audio_ms / 1000, stage=event.stage, **of)
