"""Telemetry, set up once per process: JSON logs always, traces by OTLP when configured.

The standard OTEL_* variables are the configuration: the endpoint turns tracing on; resource,
sampler, batch sizes, headers and propagators are read by the SDK itself.
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final
from uuid import uuid4

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from servicekit.settings import EnvironmentSettings, LogLevel, load
from servicekit.telemetry.log_level import LevelFile
from servicekit.telemetry.logs import set_up_logs

SHUTDOWN_SECONDS: Final = 3.0


class _OtelSettings(EnvironmentSettings):
    """The standard variables that decide whether there is an SDK at all."""

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_traces_exporter: str = "otlp"
    otel_sdk_disabled: str = "false"
    otel_service_name: str = ""

    @property
    def tracing(self) -> bool:
        configured = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        refused = self.otel_sdk_disabled.lower() == "true" or self.otel_traces_exporter == "none"
        return bool(configured) and not refused


@dataclass(frozen=True)
class Telemetry:
    """What was set up. `tracing` says whether spans leave the process."""

    provider: TracerProvider | None

    @property
    def tracing(self) -> bool:
        """Whether spans are exported."""
        return self.provider is not None

    def shutdown(self) -> None:
        """Send what is still buffered, for 3 s at most: a collector that hangs is no reason to."""
        if self.provider is not None:
            sending = Thread(target=self.provider.shutdown, name="telemetry shutdown", daemon=True)
            sending.start()
            sending.join(SHUTDOWN_SECONDS)


def set_up_telemetry(
    service_name: str, *, log_level: LogLevel, log_level_file: Path | None = None
) -> Telemetry:
    """Set up logs and, when an OTLP endpoint is configured, traces. Once, before the app is made.

    Args: service_name: e.g. `chat-gateway`; OTEL_SERVICE_NAME wins. log_level: of our own loggers.
        log_level_file: followed while the process lives; its level wins.
    """
    settings = load(_OtelSettings)
    name = settings.otel_service_name or service_name
    set_up_logs(name, log_level)
    if log_level_file is not None:
        LevelFile(log_level_file, log_level).follow()
    if not settings.tracing:
        return Telemetry(provider=None)
    resource = Resource.create({"service.name": name, "service.instance.id": str(uuid4())})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return Telemetry(provider=provider)
