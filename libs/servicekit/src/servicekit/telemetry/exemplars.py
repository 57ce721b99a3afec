"""Exemplars: which trace an observation came from, so that a dashboard's point leads to one.

Source: OpenMetrics 1.0.0, "Exemplars": at most 128 characters of names and values together.
"""

from opentelemetry import trace


def current_exemplar() -> dict[str, str] | None:
    """Name the current trace and span for a histogram's `observe`.

    Returns: None outside a trace, and in one that is not sampled: nobody could look at it.
    """
    context = trace.get_current_span().get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return None
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
