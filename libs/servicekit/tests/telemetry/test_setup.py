"""Set-up: spans leave the process when an endpoint says where to, and only then."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from servicekit.telemetry.setup import SHUTDOWN_SECONDS

from ..programs import Program

PROGRAM = """
    from opentelemetry import trace
    from servicekit.telemetry.setup import set_up_telemetry

    telemetry = set_up_telemetry("service", log_level="INFO")
    with trace.get_tracer("test").start_as_current_span("work"):
        pass
    telemetry.shutdown()
    print('{"tracing": %s}' % str(telemetry.tracing).lower())
"""


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.exports: list[ExportTraceServiceRequest] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.exports.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


def run(directory: Path, **variables: str) -> bool:
    program = Program(PROGRAM, directory, **variables)
    assert program.ended() == 0, program.errors
    return bool(program.log[-1]["tracing"])


def test_without_an_endpoint_there_is_no_tracing(tmp_path: Path) -> None:
    assert run(tmp_path) is False


@pytest.mark.parametrize(
    "off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}], ids=str
)
def test_standard_switches_turn_it_off(
    tmp_path: Path, collector: Collector, off: dict[str, str]
) -> None:
    assert run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, **off) is False
    assert collector.exports == []


def test_collector_that_hangs_does_not_keep_the_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        # Far longer than a start of Python may take on a busy machine: what waits for it is seen.
        patient = {"OTEL_EXPORTER_OTLP_TIMEOUT": "60"}
        assert run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **patient) is True
    assert time.monotonic() - started < SHUTDOWN_SECONDS + 25


def test_unreachable_collector_does_not_break_the_service(tmp_path: Path) -> None:
    timeout = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    assert run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", **timeout) is True


@pytest.mark.parametrize(
    ("variables", "name"), [({}, "service"), ({"OTEL_SERVICE_NAME": "other"}, "other")], ids=str
)
def test_spans_are_exported_with_the_service_name(
    tmp_path: Path, collector: Collector, variables: dict[str, str], name: str
) -> None:
    assert run(
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
        **variables,
    )
    (export,) = collector.exports
    resource = export.resource_spans[0]
    attributes = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert attributes["service.name"] == name
    assert attributes["deployment.environment.name"] == "test"
    assert attributes["service.instance.id"]
    assert resource.scope_spans[0].spans[0].name == "work"


def test_endpoint_of_traces_alone_is_enough(tmp_path: Path, collector: Collector) -> None:
    assert run(tmp_path, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.endpoint}/v1/traces")
    assert len(collector.exports) == 1
