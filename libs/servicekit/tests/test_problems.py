"""Problems: each failure is RFC 9457 with its code, and tells its reader nothing it must not."""

import httpx2
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from pydantic import BaseModel, ConfigDict, Field
from servicekit.problems import (
    AuthUnavailable,
    DatabaseUnavailable,
    InternalError,
    InvalidRequest,
    NotReady,
    Problem,
    Unauthenticated,
    WrongUser,
    answer_bug_with,
    install_problem_handlers,
    problem_response,
    send_problem,
)
from servicekit.telemetry.asgi import NO_NATIVE_TELEMETRY
from servicekit.telemetry.trace_context import SCOPE_KEY
from starlette.types import Receive, Scope, Send


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    message: str = Field(min_length=1, max_length=5)
    tags: list[int] = []


class Teapot(Problem):
    status, code, title = 418, "teapot", "I am a teapot"


def make_app() -> FastAPI:
    app = FastAPI(openapi_url=None, telemetry=NO_NATIVE_TELEMETRY)
    install_problem_handlers(app)

    @app.post("/things/{number}")
    async def make_thing(number: int, body: Body) -> dict[str, int]:
        return {"number": number}

    @app.get("/teapot")
    async def teapot() -> None:
        raise Teapot("Short and stout.", retry_after_seconds=1.2)

    @app.get("/known-bug")
    async def known_bug() -> None:
        bug, answer = RuntimeError("the password is hush"), InternalError("Half of it was done.")
        answer.members = {"done": ["half"]}
        answer_bug_with(bug, answer)
        raise bug

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("the password is hush")

    return app


async def send(method: str, path: str, **options: object) -> httpx2.Response:
    transport = httpx2.ASGITransport(make_app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type] # a test's


async def test_problem_has_all_members() -> None:
    response = await send("GET", "/teapot")
    assert response.status_code == 418
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == "2"
    assert response.json() == {
        "type": "urn:taskchat:problem:teapot",
        "title": "I am a teapot",
        "status": 418,
        "code": "teapot",
        "detail": "Short and stout.",
        "instance": "/teapot",
    }


async def test_bug_shows_nothing_of_itself() -> None:
    response = await send("GET", "/bug")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response.headers["content-type"] == "application/problem+json"
    assert "hush" not in response.text
    assert "RuntimeError" not in response.text


async def test_bug_whose_answer_was_noted_is_told_so() -> None:
    response = await send("GET", "/known-bug")
    body = response.json()
    assert (response.status_code, body["code"]) == (500, "internal_error")
    assert (body["detail"], body["done"]) == ("Half of it was done.", ["half"])
    assert "hush" not in response.text


async def test_unknown_path_is_not_found() -> None:
    response = await send("GET", "/nowhere")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_other_method_is_not_allowed_and_says_which_is() -> None:
    response = await send("GET", "/things/1")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


async def test_broken_json_is_malformed() -> None:
    headers = {"content-type": "application/json"}
    response = await send("POST", "/things/1", content=b'{"message": hush', headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "malformed_json")
    assert "hush" not in response.text


async def test_wrong_fields_are_named_and_not_echoed() -> None:
    body = {"message": "hushhush", "tags": [1, "hush"]}
    response = await send("POST", "/things/x", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    pointers = {error["pointer"] for error in response.json()["errors"]}
    assert pointers == {"/path/number", "/message", "/tags/1"}
    assert "hush" not in response.text


async def test_extra_member_with_odd_name_has_an_escaped_pointer() -> None:
    response = await send("POST", "/things/1", json={"message": "hi", "a/b~c": 1})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/a~1b~0c"]


async def test_middleware_can_send_a_problem() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope[SCOPE_KEY] = "0af7651916cd43dd8448eb211c80319c"
        await send_problem(WrongUser("Not yours."), scope, receive, send)

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/somewhere")
    assert response.status_code == 403
    assert response.json()["instance"] == "/somewhere"
    assert response.json()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


def test_trace_id_is_that_of_the_current_span() -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("request") as span:
        response = problem_response(Teapot(), instance=None)
    assert f'"trace_id":"{span.get_span_context().trace_id:032x}"' in bytes(response.body).decode()


@pytest.mark.parametrize("problem", [AuthUnavailable(), DatabaseUnavailable(), NotReady()])
def test_unavailable_says_when_to_try_again(problem: Problem) -> None:
    response = problem_response(problem, instance=None)
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1


def test_retry_after_is_never_zero() -> None:
    response = problem_response(Teapot(retry_after_seconds=0.01), instance=None)
    assert response.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("token_sent", "challenge"), [(True, 'Bearer error="invalid_token"'), (False, "Bearer")]
)
def test_unauthenticated_has_a_challenge(token_sent: bool, challenge: str) -> None:
    response = problem_response(Unauthenticated("No.", token_sent=token_sent), instance=None)
    assert response.headers["www-authenticate"] == challenge


def test_errors_of_our_own_are_shown() -> None:
    problem = InvalidRequest(errors=[{"pointer": "/message", "message": "Too long."}])
    response = problem_response(problem, instance=None)
    assert b'"errors":[{"pointer":"/message","message":"Too long."}]' in bytes(response.body)
