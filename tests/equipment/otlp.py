"""An OTLP/HTTP receiver: what the services export, decoded, and the bytes as they came."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from devstack.local_traces.bodies import read_body
from devstack.local_traces.receiver import LARGEST_BODY
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from pydantic import JsonValue

from tests.equipment.local_server import LocalServer, QuietHandler

_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened within a span."""

    name: str
    attributes: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Span:
    """One exported span. parent_id: empty for a root. resource: what is said of its process."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    started_at: int
    ended_at: int
    failed: bool
    attributes: Mapping[str, JsonValue] = field(repr=False)
    events: Sequence[Event] = field(repr=False)
    resource: Mapping[str, JsonValue] = field(repr=False)


class Receiver(LocalServer):
    """Receives traces on a free port; `url` is what OTEL_EXPORTER_OTLP_ENDPOINT is set to."""

    def __init__(self) -> None:
        received: list[bytes] = []
        traces: dict[str, list[Span]] = defaultdict(list)

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                body = read_body(self.headers, self.rfile, LARGEST_BODY)
                assert body is not None
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                received.append(body)
                for span in _decoded(body):
                    traces[span.trace_id].append(span)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.answer("application/x-protobuf", answer)

        self.received = received
        self._traces = traces
        super().__init__(Handler)

    def spans(self) -> list[Span]:
        """Everything received so far."""
        return [span for spans in tuple(self._traces.values()) for span in tuple(spans)]

    def trace(self, trace_id: str) -> list[Span]:
        """The spans of one trace, by their start."""
        return sorted(tuple(self._traces.get(trace_id, ())), key=lambda span: span.started_at)


def tree(spans: list[Span], root_parent: str) -> list[str]:
    """A trace as lines, children indented under their parent, siblings by their start.

    Args: root_parent: the id of the parent that is not among the spans.
    """
    lines: list[str] = []

    def add(parent_id: str, depth: int) -> None:
        for span in spans:
            if span.parent_id == parent_id:
                lines.append(f"{'  ' * depth}{span.service}: {span.name}")
                add(span.span_id, depth + 1)

    add(root_parent, 0)
    return lines


def _decoded(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = _attributes(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=str(about["service.name"]),
                    name=span.name,
                    kind=_KINDS[span.kind],
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    started_at=span.start_time_unix_nano,
                    ended_at=span.end_time_unix_nano,
                    failed=span.status.code == Status.STATUS_CODE_ERROR,
                    attributes=_attributes(span.attributes),
                    events=[Event(one.name, _attributes(one.attributes)) for one in span.events],
                    resource=about,
                )


def _attributes(pairs: Sequence[KeyValue]) -> dict[str, JsonValue]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> JsonValue:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    found = None if kind is None else getattr(value, kind)
    return found if isinstance(found, str | int | float | bool) else str(found)
