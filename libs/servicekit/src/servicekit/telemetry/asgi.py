"""Server spans: one per request, by the HTTP conventions; no span per send and receive, no probes.

FastAPI 0.165 makes server spans itself when a tracer provider is set, for probes too. Ours replace
them, so that FastAPI and FastMCP services look the same: around the app, `TelemetryMiddleware(app)`
tells FastAPI to stand aside; inside it, the app must be made with `telemetry=NO_NATIVE_TELEMETRY`.

A trace begins here, whatever a client sends: who could choose its id or whether it is sampled could
hide from it, or file requests under another's. What the client sent is linked (ADR 0036).
Source: OpenTelemetry semantic conventions 1.44, "HTTP server spans".
"""

from collections.abc import Callable, Sequence
from typing import Final

from fastapi.telemetry import TelemetryConfig
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.telemetry.failures import record_failure
from servicekit.telemetry.trace_context import FAILURE_KEY, SCOPE_KEY, remember_trace

NO_NATIVE_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""For `FastAPI(telemetry=...)` of an app that has this middleware among its own layers."""

_NATIVE: Final = "fastapi.telemetry"  # FastAPI leaves a request alone that has this in its scope
_NOT_TRACED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_tracer = trace.get_tracer("servicekit.http")


class _HeaderGetter(Getter[Headers]):
    """Reads trace context from request headers; a repeated `traceparent` counts as none."""

    def get(self, carrier: Headers, key: str) -> list[str] | None:
        values = carrier.getlist(key)
        if key.lower() == "traceparent" and len(values) != 1:
            return None
        return values or None

    def keys(self, carrier: Headers) -> list[str]:
        return carrier.keys()


_GETTER: Final = _HeaderGetter()


def _route_of(scope: Scope) -> str | None:
    """The route's template, which the router left in the scope: bounded, unlike the path."""
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    return template if isinstance(template, str) and template else None


def _name_span(span: Span, scope: Scope, method: str) -> None:
    route = _route_of(scope)
    if route is not None:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)


def links_to(theirs: Context) -> Sequence[Link]:
    """A link to the span that a stranger's context names, if it names one."""
    named = trace.get_current_span(theirs).get_span_context()
    return [Link(named)] if named.is_valid else []


def begins_here(_: Scope) -> bool:
    """Nobody before us is believed about traces."""
    return False


class TelemetryMiddleware:
    """Opens the server span that everything else of a request stands under.

    Args: app: the whole application. Probes and `/metrics` pass untraced.
        continues: whether a request comes from one of ours, whose trace goes on.
    """

    def __init__(self, app: ASGIApp, continues: Callable[[Scope], bool] = begins_here) -> None:
        self.app = app
        self._continues = continues

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault(_NATIVE, None)
        traced = scope["type"] == "http" and scope["path"] not in _NOT_TRACED
        if not traced or scope[_NATIVE] is not None:  # else FastAPI's span would have a twin
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "HTTP"
        theirs = propagate.extract(Headers(scope=scope), Context(), getter=_GETTER)
        ours = self._continues(scope)
        with _tracer.start_as_current_span(
            method,
            context=theirs if ours else Context(),
            links=() if ours else links_to(theirs),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method if method != "HTTP" else "_OTHER",
                "url.scheme": scope.get("scheme", "http"),
                "url.path": scope["path"],
                "network.protocol.version": scope.get("http_version", "1.1"),
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            context = span.get_span_context()
            if context.is_valid:
                scope[SCOPE_KEY] = f"{context.trace_id:032x}"
            await self._run(scope, receive, send, span, method)

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, span: Span, method: str
    ) -> None:
        status: int | None = None
        told = False

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        def tell(error: BaseException) -> None:
            nonlocal told
            told = True
            record_failure(span, error)

        scope[FAILURE_KEY] = tell
        try:
            await self.app(scope, receive, send_and_note)
        except BaseException as error:
            tell(error)
            span.set_status(StatusCode.ERROR)  # also cut off: the client got no answer
            remember_trace(error)
            raise
        finally:
            _name_span(span, scope, method)
            if status is not None:
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_status(StatusCode.ERROR)
                    if not told:  # else its code or class is there, which says more
                        span.set_attribute("error.type", str(status))
