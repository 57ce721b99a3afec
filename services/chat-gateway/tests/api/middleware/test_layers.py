"""The layers around the endpoint: origin, body limit, path spelling."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from chat_gateway.api.middleware.origin import OriginMiddleware
from servicekit.identifiers import new_id
from starlette.responses import PlainTextResponse

from ...equipment.gateway import ORIGIN, Gateway

HELLO = {"message": "hello"}


class TestOrigin:
    def test_empty_list_is_refused(self) -> None:
        with pytest.raises(ValueError, match="must not be empty"):
            OriginMiddleware(PlainTextResponse("never"), [], lambda: None)

    @pytest.mark.parametrize(
        "origin",
        [None, "", "null", "*", ORIGIN + "/", ORIGIN.upper(), ORIGIN + ".evil", "http://localhost"],
    )
    async def test_origin_that_is_not_listed_is_refused(
        self, gateway: Gateway, origin: str | None
    ) -> None:
        refused = await gateway.post(new_id(), HELLO, origin=origin)
        assert refused.json()["code"] == "origin_not_allowed"
        assert not [name for name in refused.headers if name.startswith("access-control-")]

    async def test_two_origins_are_refused(self, gateway: Gateway) -> None:
        headers = httpx2.Headers([("Origin", ORIGIN), ("Origin", ORIGIN)])
        refused = await gateway.client.post(f"/api/{new_id()}/chat", headers=headers)
        assert refused.json()["code"] == "origin_not_allowed"

    async def test_preflight_of_a_listed_origin_names_what_may_be_sent(
        self, gateway: Gateway
    ) -> None:
        asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        answer = await gateway.client.options(f"/api/{new_id()}/chat", headers=asks)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-methods"] == "POST"
        allowed = set(answer.headers["access-control-allow-headers"].split(", "))
        assert allowed == {
            "authorization",
            "content-type",
            "idempotency-key",
            "time-zone",
            "traceparent",
        }
        assert "access-control-allow-credentials" not in answer.headers

    async def test_preflight_of_another_origin_is_refused(self, gateway: Gateway) -> None:
        asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        refused = await gateway.client.options(f"/api/{new_id()}/chat", headers=asks)
        assert refused.status_code == 403

    async def test_every_answer_varies_by_origin_and_exposes_its_headers(
        self, gateway: Gateway
    ) -> None:
        answer = await gateway.post(new_id(), HELLO)
        assert "Origin" in answer.headers["vary"]
        assert answer.headers["access-control-expose-headers"] == (
            "idempotency-replayed, retry-after"
        )

    async def test_probes_need_none(self, gateway: Gateway) -> None:
        assert (await gateway.client.get("/healthz")).json() == {"status": "ok"}


class TestBodyLimit:
    @pytest.mark.parametrize("size", [131_073, 300_000])
    async def test_chunks_are_counted(self, gateway: Gateway, size: int) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(0, size, 1_000):
                yield b"x" * 1_000

        user_id = new_id()
        refused = await gateway.client.post(
            f"/api/{user_id}/chat",
            content=chunks(),
            headers={
                "Origin": ORIGIN,
                "Content-Type": "application/json",
                "Authorization": f"Bearer {gateway.issuer.token(user_id)}",
            },
        )
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")

    async def test_body_of_exactly_128_kib_is_read(self, gateway: Gateway) -> None:
        body = b'{"message": "hello"' + b" " * (131_072 - 20) + b"}"
        assert len(body) == 131_072
        assert (await gateway.post(new_id(), body)).status_code == 200


class TestPathSpelling:
    @pytest.mark.parametrize("path", ["/api/{user}%2Fchat", "/api%2f{user}/chat"])
    async def test_encoded_slash_is_no_slash(self, gateway: Gateway, path: str) -> None:
        refused = await gateway.client.post(
            path.replace("{user}", str(new_id())), headers={"Origin": ORIGIN}
        )
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
