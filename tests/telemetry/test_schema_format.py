"""otel/schema can be read, and every name that one entry uses is described by another."""

from collections import Counter
from collections.abc import Iterable

from tests.equipment.telemetry_schema import (
    attribute_schema,
    field_schema,
    log_schema,
    metric_schema,
    security_schema,
    span_schema,
)


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_spans_use_only_described_attributes_events_and_parents_and_all_of_them() -> None:
    schema = span_schema()
    attributes = [one.name for one in attribute_schema().attributes]
    events = {one.name for one in schema.events}
    ids = {one.id for one in schema.spans}

    used = {name for span in schema.spans for name in span.attributes}
    used |= {name for event in schema.events for name in event.attributes}

    assert used == set(attributes)
    assert {name for span in schema.spans for name in span.events} == events
    assert {parent for span in schema.spans for parent in span.parents} <= ids | {"caller"}
    assert not repeated(attributes)
    assert not repeated(one.id for one in schema.spans)


def test_an_example_is_of_the_type_that_it_stands_for() -> None:
    described = (*attribute_schema().attributes, *metric_schema().labels, *field_schema().fields)
    wrong = [
        one.name for one in described if one.example is not None and not one.holds(one.example)
    ]
    assert not wrong


def test_metrics_use_only_described_labels_and_all_of_them() -> None:
    schema = metric_schema()
    assert {label for metric in schema.metrics for label in metric.labels} == {
        label.name for label in schema.labels
    }
    assert not repeated(metric.name for metric in schema.metrics)
    assert all((one.buckets is not None) == (one.type == "histogram") for one in schema.metrics)


def test_log_events_use_only_described_fields() -> None:
    lines, security = log_schema().events, security_schema().events
    used = {name for event in lines for name in event.fields}
    used |= {name for event in security for name in event.fields}
    assert used <= {field.name for field in field_schema().fields}
    assert not repeated(event.message for event in lines)
    assert not repeated(event.event for event in security)
