"""Law 1. One entry point: `POST /api/{user_id}/chat`. Everything a person does goes through it.

What auth does about a person, at their request or an operator's, has two doors beside it, which no
token of a person opens and no edge routes (ADR 0037).
"""

from collections.abc import Iterator

import pytest
from chat_gateway.app import create_app
from chat_gateway.settings import GatewaySettings
from devstack.deployment import Kind
from devstack.stack import Stack, base_url
from servicekit.settings import load
from starlette.routing import BaseRoute, Mount, Route

from tests.equipment.chat import ORIGIN, User, refusal
from tests.equipment.raw_http import send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X")
PROBES = ("/healthz", "/readyz")
ELSEWHERE = (
    "/",
    "/api",
    "/api/",
    "/api/{user}",
    "/api/{user}/",
    "/api/{user}/chat/",
    "/api/{user}/chat/stream",
    "/api/{user}/chat/x",
    "/api//chat",
    "/api/chat",
    "/api/{user}/tasks",
    "/api/{user}/conversations",
    "/api/{user}/messages",
    "/api/{user}/turns",
    "/api/tasks",
    "/API/{user}/chat",
    "/api/{user}/CHAT",
    "//api/{user}/chat",
    "/v1/api/{user}/chat",
    "/chat",
    "/chatkit",
    "/mcp",
    "/tools",
    "/admin",
    "/metrics",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/debug",
    "/static/x",
    "/healthz/",
    "/readyz/x",
    "/health",
    "/../api/{user}/chat/..",
    "/internal/people/{user}",
    "/internal/people/{user}/erase/",
    "/api/../internal/people/{user}/erase",
    "/api/internal/people/{user}/erase",
    "/api/{user}/chat%00",
    "/api/{user}/chat;x=1",
)


def routes(under: list[BaseRoute]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each route's path and methods; a mount counts as a path that takes everything."""
    for route in under:
        if isinstance(route, Mount):
            yield route.path, frozenset({"*"})
        elif isinstance(route, Route):
            yield route.path, frozenset(route.methods or {"*"}) - {"HEAD"}
        else:
            yield f"{type(route).__name__} {getattr(route, 'path', '')}", frozenset({"*"})


def test_app_has_one_route_for_people_two_for_probes_and_two_for_auth(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in stack.env("chat-gateway").items():
        monkeypatch.setenv(variable, value)
    app = create_app(load(GatewaySettings))

    assert sorted(routes(app.routes)) == [
        ("/api/{user_id}/chat", frozenset({"POST"})),
        ("/healthz", frozenset({"GET"})),
        ("/internal/people/{user_id}/erase", frozenset({"POST"})),
        ("/internal/people/{user_id}/export", frozenset({"GET"})),
        ("/readyz", frozenset({"GET"})),
    ]


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_else_is_served(
    stack: Stack, shared_user: User, method: str, path: str
) -> None:
    response = await send(
        stack.urls.gateway,
        method,
        target=path.replace("{user}", str(shared_user.user_id)),
        headers=[
            ("Origin", ORIGIN),
            ("Content-Type", "application/json"),
            shared_user.authorization,
        ],
        body=b'{"message": "hello"}' if method == "POST" else b"",
    )

    refusal(response, 404, "not_found")


@pytest.mark.parametrize("method", [method for method in METHODS if method != "POST"])
async def test_endpoint_takes_no_other_method(stack: Stack, shared_user: User, method: str) -> None:
    response = await send(
        f"{stack.urls.gateway}/api/{shared_user.user_id}/chat",
        method,
        headers=[("Origin", ORIGIN), shared_user.authorization],
    )

    assert response.status == 405
    assert response.header("allow") == "POST"


@pytest.mark.parametrize("service", ["chat-gateway", "mcp-tools"])
@pytest.mark.parametrize(("method", "errand"), [("POST", "erase"), ("GET", "export")])
@pytest.mark.parametrize("origin", [None, ORIGIN])
async def test_no_person_opens_auths_doors(
    stack: Stack, shared_user: User, service: Kind, method: str, errand: str, origin: str | None
) -> None:
    headers = [shared_user.authorization, *([("Origin", origin)] if origin else [])]
    path = f"/internal/people/{shared_user.user_id}/{errand}"
    url = base_url(stack.process(service))

    refusal(await send(url, method, target=path, headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize("path", PROBES)
@pytest.mark.parametrize("method", [method for method in METHODS if method not in {"GET", "HEAD"}])
async def test_probes_only_answer(stack: Stack, method: str, path: str) -> None:
    response = await send(f"{stack.urls.gateway}{path}", method, headers=[("Origin", ORIGIN)])

    assert response.status == 405
    assert set((response.header("allow") or "").split(", ")) <= {"GET", "HEAD"}
