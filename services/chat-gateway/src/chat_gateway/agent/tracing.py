"""The Agents SDK's own traces: switched off.

By default the SDK sends them to OpenAI, contents included. They would also tell less than our spans
do: nothing of repeated requests, no kind of failure, no finish reason.
"""

from agents.tracing import set_trace_provider
from agents.tracing.provider import DefaultTraceProvider


def silence_sdk_traces() -> None:
    """Make sure that the SDK traces nothing. Once, when the process starts."""
    # A provider of our own: asking for the SDK's would make its exporter to OpenAI first.
    provider = DefaultTraceProvider()
    provider.set_disabled(True)
    set_trace_provider(provider)
