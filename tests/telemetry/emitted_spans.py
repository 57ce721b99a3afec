"""Spans as they came, held against otel/schema: what each is, and what is wrong with it."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from tests.equipment.otlp import Span
from tests.equipment.telemetry_schema import (
    ALWAYS,
    CONTENTS,
    AttributeSchema,
    SpanEntry,
    SpanSchema,
    Value,
)

_PLACE = re.compile(r"\{([^}]+)\}")
CALLER = "caller"


def filled(template: str, attributes: Mapping[str, JsonValue]) -> str | None:
    """A name with the attributes' values in it; None when one of them is missing."""
    if any(name not in attributes for name in _PLACE.findall(template)):
        return None
    return _PLACE.sub(lambda place: str(attributes[place[1]]), template)


@dataclass
class Comparison:
    """What a set of spans says about the schema.

    seen: for each span's id, the attributes that some span had. events: all that there were.
    """

    spans: SpanSchema
    attributes: Mapping[str, Value]
    seen: dict[str, set[str]] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, spans: SpanSchema, attributes: AttributeSchema) -> "Comparison":
        """A comparison that has seen nothing yet."""
        return cls(spans, {value.name: value for value in attributes.attributes})

    def entry(self, span: Span) -> SpanEntry | None:
        """What the schema calls a span; None when it does not know it."""
        for one in self.spans.spans:
            names = {
                filled(one.name, span.attributes),
                filled(one.short_name, span.attributes) if one.short_name else None,
            }
            if span.service in one.services and span.kind == one.kind and span.name in names:
                return one
        return None

    def problems(self, spans: Collection[Span]) -> set[str]:
        """All that is emitted and not listed, each in a line."""
        by_id = {span.span_id: span for span in spans}
        found: set[str] = set()
        for span in spans:
            entry = self.entry(span)
            if entry is None:
                found.add(f"{span.service}: {span.kind} span “{span.name}” is not listed")
                continue
            self.seen.setdefault(entry.id, set()).update(span.attributes)
            found.update(f"{entry.id}: {problem}" for problem in self._of_attributes(span, entry))
            found.update(f"{entry.id}: {problem}" for problem in self._of_events(span, entry))
            parent = by_id.get(span.parent_id)
            above = self.entry(parent) if parent else None
            name = above.id if above else CALLER
            if name not in entry.parents:
                found.add(f"{entry.id}: stands under {name}")
        return found

    def _of_attributes(self, span: Span, entry: SpanEntry) -> Iterator[str]:
        for name, when in entry.attributes.items():
            if when == ALWAYS and name not in span.attributes:
                yield f"{name} is missing"
        for name, value in span.attributes.items():
            if name not in entry.attributes:
                yield f"{name} is not listed"
            elif not self.attributes[name].holds(value):
                yield f"{name} is {value!r}"

    def _of_events(self, span: Span, entry: SpanEntry) -> Iterator[str]:
        listed = {event.name: event for event in self.spans.events}
        for event in span.events:
            self.events.add(event.name)
            if event.name not in entry.events:
                yield f"event {event.name} is not listed"
            elif event.attributes.keys() != listed[event.name].attributes.keys():
                yield f"event {event.name} has {sorted(event.attributes)}"
            elif not all(self.attributes[n].holds(v) for n, v in event.attributes.items()):
                yield f"event {event.name} says {event.attributes}"

    def never_seen(self, *, contents: bool) -> set[str]:
        """All that is listed and was not emitted. contents: whether contents were switched on."""
        found: set[str] = set()
        for entry in self.spans.spans:
            if entry.id not in self.seen:
                found.add(entry.id)
                continue
            for name, when in entry.attributes.items():
                if (when != CONTENTS or contents) and name not in self.seen[entry.id]:
                    found.add(f"{entry.id}: {name}")
        return found | {event.name for event in self.spans.events} - self.events
