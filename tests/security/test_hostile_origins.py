"""No Origin but one of the list, byte for byte and once, gets past the gateway's first check."""

import json
from collections.abc import Sequence

import pytest

from tests.equipment.chat import refusal
from tests.equipment.database import DatabaseView
from tests.equipment.raw_http import Header, RawResponse, send
from tests.security.borders import Border
from tests.security.hostile_origins import ALLOWED_ORIGINS, HOSTILE_ORIGINS

pytestmark = pytest.mark.parametrize("border", ["chat-gateway"], indirect=True)

hostile = pytest.mark.parametrize("origins", HOSTILE_ORIGINS.values(), ids=HOSTILE_ORIGINS.keys())


async def ask(
    border: Border,
    origins: Sequence[str | bytes],
    authorization: str | None,
    method: str = "POST",
    headers: Sequence[Header] = (),
) -> RawResponse:
    """Send a request that is right but for what is given."""
    sent: list[Header] = [("Origin", origin) for origin in origins]
    if authorization is not None:
        sent.append(("Authorization", authorization))
    return await send(
        f"{border.url}/api/{border.forge.user_id}/chat",
        method,
        headers=(*sent, *headers),
        body=json.dumps({"message": "hello"}).encode() if method == "POST" else b"",
    )


JSON: Header = ("Content-Type", "application/json")


def cors_headers(response: RawResponse) -> list[str]:
    """What would let a browser's page read the answer."""
    return [name for name, _ in response.headers if name.startswith("access-control-")]


@hostile
async def test_hostile_origin_is_refused_with_a_good_token(
    border: Border, origins: Sequence[str | bytes], database: DatabaseView
) -> None:
    good = f"Bearer {border.forge.good_token()}"

    response = await ask(border, origins, good, headers=[JSON])

    refusal(response, 403, "origin_not_allowed")
    assert cors_headers(response) == []
    assert await database.rows_of(border.forge.user_id) == {}


@pytest.mark.parametrize("authorization", [None, "Bearer x.y.z", "Basic eDp5"])
@pytest.mark.parametrize("origins", [[], ["https://evil.example"], ["null"]])
async def test_origin_is_refused_before_the_token_is_looked_at(
    border: Border, origins: Sequence[str], authorization: str | None
) -> None:
    response = await ask(border, origins, authorization, headers=[JSON])

    refusal(response, 403, "origin_not_allowed")
    assert response.header("www-authenticate") is None


@hostile
async def test_preflight_of_a_hostile_origin_is_refused(
    border: Border, origins: Sequence[str | bytes]
) -> None:
    asked: list[Header] = [
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization, content-type"),
    ]

    response = await ask(border, origins, None, method="OPTIONS", headers=asked)

    refusal(response, 403, "origin_not_allowed")
    assert cors_headers(response) == []


@pytest.mark.parametrize("origin", ALLOWED_ORIGINS)
async def test_allowed_origin_gets_to_the_token(border: Border, origin: str) -> None:
    response = await ask(border, [origin], "Bearer x.y.z", headers=[JSON])

    refusal(response, 401, "unauthenticated")
    assert response.header("access-control-allow-origin") == origin
    assert "Origin" in (response.header("vary") or "")


@pytest.mark.parametrize("origin", ALLOWED_ORIGINS)
async def test_preflight_of_an_allowed_origin_names_that_origin_alone(
    border: Border, origin: str
) -> None:
    asked: list[Header] = [
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization, content-type, idempotency-key"),
    ]

    response = await ask(border, [origin], None, method="OPTIONS", headers=asked)

    assert response.status == 204
    assert response.header("access-control-allow-origin") == origin
    assert response.header("access-control-allow-credentials") is None
    allowed = (response.header("access-control-allow-headers") or "").lower()
    assert {"authorization", "content-type", "idempotency-key"} <= set(
        allowed.replace(" ", "").split(",")
    )


async def test_allowed_origin_with_a_good_token_is_served(border: Border) -> None:
    good = f"Bearer {border.forge.good_token()}"

    response = await ask(border, [ALLOWED_ORIGINS[1]], good, headers=[JSON])

    assert response.status == 200, response.body
    assert response.header("access-control-allow-origin") == ALLOWED_ORIGINS[1]
