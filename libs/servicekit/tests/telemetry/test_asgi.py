"""Server spans: exactly one a request, none a probe, whoever else would like to make one."""

from collections.abc import Callable

import httpx2
import pytest
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from servicekit.probes import Readiness, probe_routes
from servicekit.problems import AuthUnavailable, WrongUser, install_problem_handlers
from servicekit.telemetry.asgi import NO_NATIVE_TELEMETRY, TelemetryMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from .trees import tree

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"


def fastapi_app(app: FastAPI) -> FastAPI:
    install_problem_handlers(app)
    app.router.routes.extend(probe_routes(Readiness()))

    @app.get("/things/{number}")
    async def thing(number: int) -> int:
        with trace.get_tracer("test").start_as_current_span("work"):
            return number

    @app.get("/away")
    async def away() -> None:
        raise AuthUnavailable("hush")

    @app.get("/mine")
    async def mine() -> None:
        raise WrongUser("hush")

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("hush")

    return app


def starlette_app() -> Starlette:
    async def thing(request: Request) -> Response:
        with trace.get_tracer("test").start_as_current_span("work"):
            return JSONResponse(1)

    return Starlette(routes=[Route("/things/{number}", thing), *probe_routes(Readiness())])


def inside() -> ASGIApp:
    app = FastAPI(telemetry=NO_NATIVE_TELEMETRY)
    app.add_middleware(TelemetryMiddleware)
    return fastapi_app(app)


def around_fastapi() -> ASGIApp:
    return TelemetryMiddleware(fastapi_app(FastAPI()))


def around_starlette() -> ASGIApp:
    return TelemetryMiddleware(starlette_app())


APPS: dict[str, Callable[[], ASGIApp]] = {
    "around FastAPI": around_fastapi,
    "inside FastAPI": inside,
    "around Starlette": around_starlette,
}


async def get(app: ASGIApp, path: str, **headers: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize("name", APPS)
class TestEveryWay:
    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    async def test_probe_has_no_span(
        self, spans: InMemorySpanExporter, name: str, path: str
    ) -> None:
        await get(APPS[name](), path)
        assert spans.get_finished_spans() == ()

    async def test_request_has_one_server_span(
        self, spans: InMemorySpanExporter, name: str
    ) -> None:
        await get(APPS[name](), "/things/7?token=hush")
        assert tree(spans.get_finished_spans()) == {"GET /things/{number}": {"work": {}}}
        (server,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
        assert dict(server.attributes or {}) == {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "http.route": "/things/{number}",
            "network.protocol.version": "1.1",
            "url.path": "/things/7",
            "url.scheme": "http",
        }

    @pytest.mark.parametrize("flags", ["00", "01"])
    async def test_trace_begins_here_and_links_the_strangers(
        self, spans: InMemorySpanExporter, name: str, flags: str
    ) -> None:
        """Neither its id nor whether it is sampled is for a client to choose (ADR 0036)."""
        theirs = f"00-{TRACE_ID}-{PARENT_ID}-{flags}"
        await get(APPS[name](), "/things/7", traceparent=theirs, baggage="from=stranger")
        (server,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
        assert server.parent is None
        assert f"{server.context.trace_id:032x}" != TRACE_ID
        (link,) = server.links
        assert f"{link.context.trace_id:032x}" == TRACE_ID
        assert f"{link.context.span_id:016x}" == PARENT_ID

    async def test_broken_trace_of_the_caller_is_ignored(
        self, spans: InMemorySpanExporter, name: str
    ) -> None:
        await get(APPS[name](), "/things/7", traceparent="00-zz-zz-01")
        (server,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
        assert server.parent is None
        assert server.links == ()

    async def test_unknown_path_is_not_part_of_the_name(
        self, spans: InMemorySpanExporter, name: str
    ) -> None:
        await get(APPS[name](), "/nowhere/hush")
        (server,) = spans.get_finished_spans()
        assert server.name == "GET"


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_trace_of_one_of_ours_goes_on(spans: InMemorySpanExporter, flags: str) -> None:
    app = TelemetryMiddleware(fastapi_app(FastAPI()), continues=lambda _: True)
    await get(app, "/things/7", traceparent=f"00-{TRACE_ID}-{PARENT_ID}-{flags}")
    server = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert len(server) == int(flags)
    for span in server:
        assert f"{span.context.trace_id:032x}" == TRACE_ID
        assert span.parent is not None
        assert f"{span.parent.span_id:016x}" == PARENT_ID
        assert span.links == ()


async def test_native_span_of_fastapi_gets_no_twin(spans: InMemorySpanExporter) -> None:
    app = FastAPI()
    app.add_middleware(TelemetryMiddleware)
    await get(fastapi_app(app), "/things/7")
    kinds = [span.kind for span in spans.get_finished_spans()]
    assert kinds.count(SpanKind.SERVER) == 1


async def test_bug_is_an_error_without_its_words_and_its_answer_names_the_trace(
    spans: InMemorySpanExporter,
) -> None:
    response = await get(inside(), "/bug", traceparent=TRACEPARENT)
    (span,) = spans.get_finished_spans()
    assert response.json()["trace_id"] == f"{span.context.trace_id:032x}" != TRACE_ID
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "RuntimeError"
    assert "hush" not in span.to_json()


async def test_problem_is_an_error_with_its_code_and_the_place_where_it_was_raised(
    spans: InMemorySpanExporter,
) -> None:
    await get(inside(), "/away")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "auth_unavailable"
    (event,) = span.events
    assert "away" in str((event.attributes or {})["exception.stacktrace"])
    assert "hush" not in span.to_json()


async def test_refusal_is_named_by_its_code_and_no_error(spans: InMemorySpanExporter) -> None:
    await get(around_fastapi(), "/mine")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["error.type"] == "wrong_user"
    assert not span.events


async def test_unknown_method_does_not_become_a_name(spans: InMemorySpanExporter) -> None:
    transport = httpx2.ASGITransport(APPS["around FastAPI"]())
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.request("HUSH", "/things/7")
    (span,) = spans.get_finished_spans()
    assert (span.name, (span.attributes or {})["http.request.method"]) == (
        "HTTP /things/{number}",
        "_OTHER",
    )
