"""A failure passes many spans: each says of which kind it was, one says what and where."""

import asyncio

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from servicekit.problems import DatabaseUnavailable, NotFound
from servicekit.telemetry.failures import record_failure


def fail_through(*errors: BaseException) -> None:
    """Raise the first error in the innermost span, and in each span around it the next, from it."""
    first, *others = errors
    tracer = trace.get_tracer("test")
    names = [str(number) for number in range(len(errors))]

    def raised(depth: int) -> None:
        with tracer.start_as_current_span(
            names[depth], record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                if depth == 0:
                    raise first
                try:
                    raised(depth - 1)
                except BaseException as inner:
                    if others[depth - 1] is inner:
                        raise
                    raise others[depth - 1] from inner
            except BaseException as error:
                record_failure(span, error)
                raise

    with pytest.raises(type(errors[-1])):
        raised(len(errors) - 1)


def finished(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    """Innermost first."""
    return list(spans.get_finished_spans())


def test_exception_is_an_event_of_the_innermost_span_alone(spans: InMemorySpanExporter) -> None:
    error = RuntimeError("the person's words")
    fail_through(error, error, error)
    told = finished(spans)
    assert [len(span.events) for span in told] == [1, 0, 0]
    assert all(span.status.status_code is StatusCode.ERROR for span in told)
    assert {(span.attributes or {})["error.type"] for span in told} == {"RuntimeError"}


def test_what_an_exception_was_translated_to_is_not_told_again(
    spans: InMemorySpanExporter,
) -> None:
    fail_through(OSError("connection refused"), DatabaseUnavailable(), DatabaseUnavailable())
    told = finished(spans)
    assert [len(span.events) for span in told] == [1, 0, 0]
    assert [(span.attributes or {})["error.type"] for span in told] == [
        "OSError",
        "database_unavailable",
        "database_unavailable",
    ]


def test_event_has_type_and_stack_and_no_words(spans: InMemorySpanExporter) -> None:
    fail_through(LookupError("the person's words"))
    (span,) = finished(spans)
    (event,) = span.events
    told = dict(event.attributes or {})
    assert event.name == "exception"
    assert told.pop("exception.type") == "builtins.LookupError"
    assert str(told.pop("exception.stacktrace")).endswith(" raised")
    assert not told
    assert "words" not in span.to_json()
    assert span.status.description is None


@pytest.mark.parametrize(
    ("error", "named"),
    [(NotFound(), "not_found"), (asyncio.CancelledError(), "CancelledError")],
)
def test_mistake_of_the_caller_and_cancellation_are_named_and_no_error(
    spans: InMemorySpanExporter, error: BaseException, named: str
) -> None:
    fail_through(error)
    (span,) = finished(spans)
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["error.type"] == named
    assert not span.events
