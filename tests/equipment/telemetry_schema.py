"""What otel/schema says the system tells, read strictly: a typo in it is an error, not a no-op."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tests.equipment.documents import ROOT

FOLDER: Final = ROOT / "otel" / "schema"
ALWAYS: Final = "always"
CONTENTS: Final = "contents"
"""When an attribute is there: at any time, or only with the contents switch. Others are words."""

Stability = Literal["stable", "development"]
Service = Literal["chat-gateway", "mcp-tools", "auth", "gemini-simulator"]
Text = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    stability: Stability
    meaning: Text


class Value(_Entry):
    """An attribute, label or field. values: all that it can be; None: no short list."""

    name: Text
    type: Literal["string", "int", "double", "boolean", "string[]", "object"]
    unit: Text | None = None
    values: tuple[str, ...] | None = None
    example: JsonValue = None

    def holds(self, value: JsonValue) -> bool:
        """Whether a value is one of this type and, where there is a list, on it."""
        listed = self.values is None or value in self.values
        match self.type:
            case "string":
                return isinstance(value, str) and listed
            case "int":
                return isinstance(value, int) and not isinstance(value, bool)
            case "double":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "boolean":
                return isinstance(value, bool)
            case "string[]":
                return isinstance(value, list) and all(isinstance(one, str) for one in value)
            case "object":
                return isinstance(value, dict)


class ResourceValue(Value):
    """An attribute of a span's process. set_by: the chart's are there on Kubernetes only."""

    set_by: Literal["service", "chart"] = "service"


class SpanEvent(_Entry):
    """An event of spans. attributes: name → when."""

    name: Text
    attributes: Mapping[str, Text]


class SpanEntry(_Entry):
    """A span. name: with `{attribute}`s in it; short_name: where the last of those is missing."""

    id: Text
    name: Text
    short_name: Text | None = None
    services: Sequence[Service]
    kind: Literal["internal", "server", "client"]
    parents: Sequence[Text]
    attributes: Mapping[str, Text]
    events: Sequence[Text] = ()


class AttributeSchema(BaseModel):
    """attributes.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    resource: Sequence[ResourceValue]
    attributes: Sequence[Value]


class SpanSchema(BaseModel):
    """spans.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    events: Sequence[SpanEvent]
    spans: Sequence[SpanEntry]


class Metric(_Entry):
    """A metric as Prometheus shows it. buckets: upper bounds of a histogram, without +Inf."""

    name: Text
    type: Literal["counter", "gauge", "histogram"]
    unit: Text | None = None
    services: Sequence[Service]
    labels: Sequence[Text] = ()
    buckets: Sequence[float] | None = None


class MetricSchema(BaseModel):
    """metrics.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    labels: Sequence[Value]
    metrics: Sequence[Metric]


Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class LogEvent(_Entry):
    """A log line of ours by its message. fields: name → when; beside those that all lines have."""

    message: Text
    services: Sequence[Service]
    level: Level
    fields: Mapping[str, Text]


class SecurityEvent(_Entry):
    """A line `security event`, by its field of that name. outcomes: outcome → level."""

    event: Text
    services: Sequence[Service]
    outcomes: Mapping[Literal["ok", "refused", "failed"], Level]
    fields: Mapping[str, Text]
    reasons: Sequence[Text] = ()


class FieldSchema(BaseModel):
    """fields.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fields: Sequence[Value]


class LogSchema(BaseModel):
    """logs.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    events: Sequence[LogEvent]


class SecuritySchema(BaseModel):
    """security.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    events: Sequence[SecurityEvent]


_Schema = TypeVar(
    "_Schema",
    AttributeSchema,
    SpanSchema,
    MetricSchema,
    FieldSchema,
    LogSchema,
    SecuritySchema,
)


def _load(name: str, schema: type[_Schema]) -> _Schema:
    return schema.model_validate(yaml.safe_load((FOLDER / name).read_text()))


def attribute_schema() -> AttributeSchema:
    """Read attributes.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("attributes.yaml", AttributeSchema)


def span_schema() -> SpanSchema:
    """Read spans.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("spans.yaml", SpanSchema)


def metric_schema() -> MetricSchema:
    """Read metrics.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("metrics.yaml", MetricSchema)


def field_schema() -> FieldSchema:
    """Read fields.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("fields.yaml", FieldSchema)


def log_schema() -> LogSchema:
    """Read logs.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("logs.yaml", LogSchema)


def security_schema() -> SecuritySchema:
    """Read security.yaml. Raises: ValidationError: it does not follow the format."""
    return _load("security.yaml", SecuritySchema)
