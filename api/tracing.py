"""Traces in OpenTelemetry's terms: one from the page over the API and the agent to the fare source.

Off unless `POLYGLOT_TRACES_URL` is set. A span holds a route's template and a status; never a path, a query, a body
or a caller's address. FastAPI's own instrumentation writes paths and queries down, and so is not used.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from opentelemetry import context, trace
from opentelemetry.trace import NoOpTracerProvider, Span, SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

NAME: Final = "polyglot-api"
_W3C: Final = TraceContextTextMapPropagator()
_SERVER_ERROR: Final = 500

_provider: TracerProvider = NoOpTracerProvider()


def start(url: str, *, environment: str, version: str, share: float, processor: "SpanProcessor | None" = None) -> None:
    """Send traces to an OTLP/HTTP address from now on; `processor` replaces the exporter in tests.

    `share` of the traces is kept, by their id, so that every service keeps the same ones; what a caller wishes for is
    not heard, because strangers would decide about the bill.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - 0.2 s that an API without traces does not spend
    from opentelemetry.sdk.trace import TracerProvider as Provider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased  # noqa: PLC0415

    global _provider  # noqa: PLW0603 - one a process, as OpenTelemetry's own
    resource = Resource.create(
        {"service.name": NAME, "service.version": version, "deployment.environment.name": environment}
    )
    made = Provider(sampler=TraceIdRatioBased(share), resource=resource, shutdown_on_exit=False)
    made.add_span_processor(
        processor or BatchSpanProcessor(OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=5))
    )
    _provider = made


def stop() -> None:
    """Send what is left, within seconds, and stop."""
    global _provider
    ended, _provider = _provider, NoOpTracerProvider()
    shutdown = getattr(ended, "shutdown", None)
    if shutdown is not None:
        shutdown()


def on() -> bool:
    """Whether traces are sent anywhere."""
    return not isinstance(_provider, NoOpTracerProvider)


@contextmanager
def serving(headers: Mapping[str, str]) -> Iterator[Span]:
    """The span of a request, within the caller's trace."""
    if not on():
        yield trace.INVALID_SPAN
        return
    span = _provider.get_tracer(NAME).start_span("request", _W3C.extract(headers), SpanKind.SERVER)
    token = context.attach(trace.set_span_in_context(span))
    try:
        yield span
    finally:
        context.detach(token)
        span.end()


def served(span: Span, method: str, route: str, status: int) -> None:
    """Name a request's span by what it turned out to be."""
    if not span.is_recording():
        return
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status or _SERVER_ERROR}
    )
    if not status or status >= _SERVER_ERROR:
        span.set_status(Status(StatusCode.ERROR))


@contextmanager
def asking(name: str, headers: MutableMapping[str, str] | None = None, **attributes: str | int) -> Iterator[Span]:
    """The span of something asked of somebody else, or done later; its context goes into `headers`."""
    with _provider.get_tracer(NAME).start_as_current_span(
        name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        if headers is not None:
            _W3C.inject(headers)
        try:
            yield span
        except BaseException as error:
            # Its type alone: messages hold addresses, and those hold keys and where somebody wants to travel.
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise


def here() -> str | None:
    """The current span as W3C writes it, for whoever goes on with the trace."""
    found: dict[str, str] = {}
    _W3C.inject(found)
    return found.get("traceparent")
