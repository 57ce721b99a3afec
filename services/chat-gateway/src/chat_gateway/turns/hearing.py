"""What is measured of what a turn tells, whoever listens."""

import time

from chat_gateway.telemetry.stream_metrics import StreamMetrics
from chat_gateway.turns.events import Event, Listener, Retracted, Said, nobody


def measured_listener(listener: Listener, metrics: StreamMetrics, arrived_at: float) -> Listener:
    """The same listener, with the first text and each retraction counted.

    Args: arrived_at: when the request came, on the clock of `time.perf_counter`.
    Returns: `nobody` for `nobody`: a turn that nobody listens to is not streamed.
    """
    if listener is nobody:
        return nobody
    has_said = False

    def hear(event: Event) -> None:
        nonlocal has_said
        match event:
            case Said() if not has_said:
                has_said = True
                metrics.first_text_said(time.perf_counter() - arrived_at)
            case Retracted():
                metrics.text_retracted(event.reason)
        listener(event)

    return hear
