"""What services export arrives in the file, whatever else knocks at the receiver."""

import gzip
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from devstack.local_traces.receiver import LARGEST_BODY, Receiver
from devstack.local_traces.trace_file import TraceFile
from devstack.ports import free_port
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import StatusCode

WAIT_SECONDS = 5.0


@pytest.fixture
def file(tmp_path: Path) -> TraceFile:
    return TraceFile(tmp_path)


@pytest.fixture
def receiver(file: TraceFile) -> Iterator[Receiver]:
    with closing(Receiver(file)) as open_receiver:
        yield open_receiver


def export_turn(url: str, *, service: str = "chat-gateway") -> None:
    """Export a turn with one failed child, as the SDK of a service does it."""
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    with (
        tracer.start_as_current_span("turn", attributes={"taskchat.turn.attempt": 1}),
        tracer.start_as_current_span("SELECT", attributes={"reasons": ["stop", "length"]}) as child,
    ):
        child.set_status(StatusCode.ERROR)
    provider.shutdown()


def test_export_of_the_sdk_is_kept(receiver: Receiver, file: TraceFile) -> None:
    export_turn(receiver.url)
    [[turn, child]] = file.turns()
    assert (turn.service, turn.name, turn.parent_id) == ("chat-gateway", "turn", "")
    assert turn.attributes["taskchat.turn.attempt"] == 1
    assert not turn.failed
    assert (child.name, child.parent_id, child.trace_id) == ("SELECT", turn.span_id, turn.trace_id)
    assert child.failed
    assert child.attributes["reasons"] == "stop, length"
    assert turn.milliseconds >= child.milliseconds > 0


def test_chunks_are_put_together(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(receiver.url.rpartition(":")[2]))
    connection.request("POST", "/v1/traces", iter([gzip.compress(b"")]), encode_chunked=True)
    # A body of one chunk without its headers of encoding: not protobuf.
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/v1/traces", b"not protobuf", {}, 400),
        ("/v1/traces", b"not gzip", {"content-encoding": "gzip"}, 400),
        ("/v1/traces", gzip.compress(b"")[:-4], {"content-encoding": "gzip"}, 400),
        ("/v1/metrics", b"", {}, 404),
        ("/v1/traces", b"", {}, 200),
    ],
    ids=["no protobuf", "no gzip", "cut off", "another path", "empty export"],
)
def test_answers_by_status(
    receiver: Receiver, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = httpx2.post(f"{receiver.url}{path}", content=body, headers=headers)
    assert answer.status_code == status


def test_body_that_is_too_large_is_refused_unread(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(receiver.url.rpartition(":")[2]))
    connection.putrequest("POST", "/v1/traces")
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_copy_goes_to_another_receiver(tmp_path: Path, file: TraceFile) -> None:
    copies = TraceFile(tmp_path / "copies")
    (tmp_path / "copies").mkdir()
    with (
        closing(Receiver(copies)) as other,
        closing(Receiver(file, relay_url=other.url)) as receiver,
    ):
        export_turn(receiver.url)
        wait_for_turns(copies, 1)
    assert json.dumps([span.as_json() for span in copies.turns()[0]]) == json.dumps(
        [span.as_json() for span in file.turns()[0]]
    )


def test_another_receiver_that_is_gone_disturbs_nobody(file: TraceFile) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    with closing(Receiver(file, relay_url=gone)) as receiver:
        export_turn(receiver.url)
        export_turn(receiver.url)
        wait_for_turns(file, 2)


def wait_for_turns(file: TraceFile, count: int) -> None:
    """Wait until so many turns are in the file, whole."""
    deadline = time.monotonic() + WAIT_SECONDS
    while [len(trace) for trace in file.turns()] != [2] * count:
        assert time.monotonic() < deadline, file.turns()
        time.sleep(0.01)
