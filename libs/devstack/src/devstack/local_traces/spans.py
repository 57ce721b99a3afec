"""A span as it is kept on this machine, read out of an OTLP export."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Span:
    """One ended span.

    Attributes: trace_id: 32 hex digits. span_id: 16. parent_id: 16, or empty for a root.
        started_at, ended_at: nanoseconds since 1970. failed: its status is an error.
    """

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    started_at: int
    ended_at: int
    failed: bool
    attributes: Mapping[str, Value]

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return (self.ended_at - self.started_at) / 1e6

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """A span that was kept. Raises: TypeError: it is not one."""
        return cls(**kept)


def decode(export: bytes) -> Iterator[Span]:
    """The spans of the body of an OTLP/HTTP export in protobuf.

    Raises: google.protobuf.message.DecodeError: it is none.
    """
    for resource in ExportTraceServiceRequest.FromString(export).resource_spans:
        named = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=named.get("service.name", "unknown_service"),
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    started_at=span.start_time_unix_nano,
                    ended_at=span.end_time_unix_nano,
                    failed=span.status.code == Status.STATUS_CODE_ERROR,
                    attributes={one.key: _value(one.value) for one in span.attributes},
                )


def _value(value: AnyValue) -> Value:
    """A scalar as it is, a list as its values with commas, anything else as text."""
    kind = value.WhichOneof("value")
    found = None if kind is None else getattr(value, kind)
    if isinstance(found, ArrayValue):
        return ", ".join(str(_value(one)) for one in found.values)
    return found if isinstance(found, str | int | float | bool) else str(found).strip()
