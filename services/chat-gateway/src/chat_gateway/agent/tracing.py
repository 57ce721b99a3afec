"""SDK traces → OpenTelemetry: a span for each model request and each tool the agent executes.

The SDK's default is to send its traces to OpenAI; `trace_to_opentelemetry` takes that away. The
span of the whole run is telemetry.agent_span; the SDK's spans of agent, task and step say nothing
that it does not.
"""

from contextvars import Token
from typing import Any

from agents.tracing import (
    FunctionSpanData,
    GenerationSpanData,
    Span,
    Trace,
    TracingProcessor,
    set_trace_provider,
)
from agents.tracing.provider import DefaultTraceProvider
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode

from chat_gateway import genai

_tracer = trace.get_tracer("chat_gateway.agent")


def trace_to_opentelemetry(*, enabled: bool) -> None:
    """Decide where the SDK's traces go: to OpenTelemetry or nowhere. Once, when the process starts.

    Args: enabled: whether spans are exported.
    """
    # A provider of our own: asking for the SDK's would make its exporter to OpenAI first.
    provider = DefaultTraceProvider()
    provider.set_processors([SpanMapper()] if enabled else [])
    set_trace_provider(provider)


class SpanMapper(TracingProcessor):
    """Opens and closes an OpenTelemetry span with each of the SDK's that has a convention.

    The SDK starts and finishes a span in the same task, so what lies between, our own spans
    included, stands under it.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[trace.Span, Token[Context]]] = {}

    def on_span_start(self, span: Span[Any]) -> None:
        """Open its counterpart, if it has one."""
        data = span.span_data
        if isinstance(data, GenerationSpanData):
            operation, target, kind = genai.CHAT, str(data.model), SpanKind.CLIENT
            attributes = {genai.PROVIDER_NAME: genai.GEMINI, genai.REQUEST_MODEL: target}
        elif isinstance(data, FunctionSpanData):
            operation, target, kind = genai.EXECUTE_TOOL, data.name, SpanKind.INTERNAL
            attributes = {genai.TOOL_NAME: target, genai.TOOL_TYPE: "function"}
        else:
            return
        attributes[genai.OPERATION_NAME] = operation
        opened = _tracer.start_span(f"{operation} {target}", kind=kind, attributes=attributes)
        token = otel_context.attach(trace.set_span_in_context(opened))
        self._open[span.span_id] = opened, token

    def on_span_end(self, span: Span[Any]) -> None:
        """Close its counterpart, with what it cost or that it failed."""
        opened, token = self._open.pop(span.span_id, (None, None))
        if opened is None or token is None:
            return
        data = span.span_data
        if isinstance(data, GenerationSpanData) and data.usage:
            opened.set_attribute(genai.INPUT_TOKENS, data.usage.get("input_tokens") or 0)
            opened.set_attribute(genai.OUTPUT_TOKENS, data.usage.get("output_tokens") or 0)
        if span.error is not None:
            # The SDK keeps no type, and its text may quote the model.
            opened.set_attribute(genai.ERROR_TYPE, "_OTHER")
            opened.set_status(StatusCode.ERROR)
        opened.end()
        otel_context.detach(token)

    def on_trace_start(self, trace: Trace) -> None:
        """The run's own span is telemetry.agent_span."""

    def on_trace_end(self, trace: Trace) -> None:
        """Nothing to close."""

    def shutdown(self) -> None:
        """Nothing is buffered here."""

    def force_flush(self) -> None:
        """Nothing is buffered here."""
