"""Traces of a call: the library's own spans of turns, stages and tools, within the trace that the API began.

Off unless `POLYGLOT_TRACES_URL` is set. The library writes prompts, words and arguments into its spans; what leaves here
is their names, times and numbers, and texts from a closed list: nothing that anybody said, and nobody's name.
"""

import asyncio
import contextlib
import re
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from livekit.agents.telemetry import set_tracer_provider
from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import NoOpTracerProvider, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from contracts import tools

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Link
    from opentelemetry.util.types import Attributes

NAME: Final = "polyglot-agent"
CALL: Final = "call"
FLUSH_WITHIN: Final = 3.0
_W3C: Final = TraceContextTextMapPropagator()
_PII: Final = "pii"
_SPAN_NAME: Final = re.compile(r"[a-z0-9_.]{1,60}|(GET|POST|PATCH|DELETE) /v1(/[a-z]+|/\{id\})*")
_SEGMENT: Final = re.compile(r"v1|[a-z]{1,12}")
_TOOLS: Final = frozenset(value for name, value in vars(tools).items() if name.startswith("TOOL_"))
_TEXTS: Final = frozenset(
    {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.output.type",
        "error.type",
        "lk.eou.outcome",
        "lk.close_reason",
        "polyglot.pipeline",
        "polyglot.language",
        "http.request.method",
    }
)
"""Attributes whose text is a provider's, a model's or a kind's name."""
_TOOL_NAMES: Final = frozenset({"lk.function_tool.name", "gen_ai.tool.name"})
"""The model writes these, and may write anything: only names of our own tools leave."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")

_provider: TracerProvider | None = None
_call: Span = trace.INVALID_SPAN


class _CallsAlone(Sampler):
    """What belongs to no call, as the start of a process, is not kept; of calls a share is, by the trace's id."""

    def __init__(self, share: float) -> None:
        self._by_id = TraceIdRatioBased(share)

    def should_sample(  # noqa: PLR0913, PLR0917 - OpenTelemetry's
        self,
        parent_context: "Context | None",
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: "Attributes" = None,
        links: "Sequence[Link] | None" = None,
        trace_state: trace.TraceState | None = None,  # noqa: ARG002 - as above
    ) -> SamplingResult:
        chosen = self._by_id if name == CALL else ALWAYS_OFF
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        return f"calls alone, {self._by_id.get_description()}"


class WithoutContent(SpanExporter):
    """Passes spans on without anything that was said."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        return self._exporter.export([stripped(span) for span in spans])

    def shutdown(self) -> None:
        """Stop."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is left."""
        return self._exporter.force_flush(timeout_millis)


def stripped(span: ReadableSpan) -> ReadableSpan:
    """A span's name, times, numbers and known names; no events, links or messages."""
    return ReadableSpan(
        name=span.name if _SPAN_NAME.fullmatch(span.name) else "other",
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if _harmless(name, value)},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _harmless(name: str, value: object) -> bool:
    if _PII in name.split("."):
        return False
    if isinstance(value, bool | int | float):
        return True
    if name in _TOOL_NAMES:
        return value in _TOOLS
    return name in _TEXTS and isinstance(value, str) and _NAME.fullmatch(value) is not None


def start(url: str, *, share: float, version: str, exporter: SpanExporter | None = None) -> None:
    """Send traces of this process to an OTLP/HTTP address from now on; `exporter` replaces the network in tests."""
    # Loaded by the library already, so that it costs nothing here.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    global _provider  # noqa: PLW0603 - one a process, as OpenTelemetry's own
    by_id = _CallsAlone(share)
    made = TracerProvider(
        sampler=ParentBased(root=by_id, remote_parent_sampled=by_id, remote_parent_not_sampled=by_id),
        resource=Resource({"service.name": NAME, "service.version": version}),
        shutdown_on_exit=False,
    )
    sink = WithoutContent(exporter or OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=5))
    made.add_span_processor(_processor(sink))
    _provider = made
    set_tracer_provider(made, allow_pii=False)


def _processor(sink: SpanExporter) -> SpanProcessor:
    return BatchSpanProcessor(sink)


async def aclose() -> None:
    """End the call's span and send what is left, within seconds."""
    global _provider, _call
    _call.end()
    ended, _provider, _call = _provider, None, trace.INVALID_SPAN
    if ended is not None:
        set_tracer_provider(NoOpTracerProvider())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_WITHIN):
                await asyncio.to_thread(ended.shutdown)


def begin_call(traceparent: str | None, *, pipeline: str, language: str) -> None:
    """The span of a whole call, within the trace that it came with; what this process does next belongs to it."""
    global _call  # noqa: PLW0603
    if _provider is None:
        return
    parent = _W3C.extract({"traceparent": traceparent} if traceparent else {}, context.Context())
    attributes = {"polyglot.pipeline": pipeline, "polyglot.language": language}
    _call = _provider.get_tracer(NAME).start_span(CALL, parent, SpanKind.CONSUMER, attributes)


@contextmanager
def in_call() -> Iterator[None]:
    """Whatever begins here belongs to the call, and to none of its turns."""
    token = context.attach(trace.set_span_in_context(_call, context.Context())) if _provider is not None else None
    try:
        yield
    finally:
        if token is not None:
            context.detach(token)


@contextmanager
def asking(method: str, path: str, headers: MutableMapping[str, str]) -> Iterator[None]:
    """A request to the API, by its path without ids; its trace goes on there."""
    if _provider is None:
        yield
        return
    around = trace.get_current_span()
    parent = None if around.get_span_context().is_valid else trace.set_span_in_context(_call, context.Context())
    route = "/".join(part if not part or _SEGMENT.fullmatch(part) else "{id}" for part in path.split("/"))
    span = _provider.get_tracer(NAME).start_span(
        f"{method} {route}", parent, SpanKind.CLIENT, {"http.request.method": method}
    )
    _W3C.inject(headers, trace.set_span_in_context(span))
    try:
        yield
    except BaseException as error:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        span.end()
