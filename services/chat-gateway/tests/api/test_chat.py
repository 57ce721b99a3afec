"""The endpoint over HTTP: the order of its checks, and what it answers."""

import asyncio
import json

import pytest
from chat_gateway.errors import ModelError, ModelUnavailable
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway, running, settings
from ..equipment.issuer import Issuer
from ..equipment.scripted_agent import Gate
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

HELLO = {"message": "hello"}


class TestOrderOfChecks:
    """Each request is wrong in everything from one check on; the first one speaks."""

    async def test_origin_comes_before_the_token(self, gateway: Gateway) -> None:
        refused = await gateway.post(
            new_id(), b"[", origin="https://evil.example", authorization="Bearer x"
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in refused.headers

    async def test_token_comes_before_the_path(self, gateway: Gateway) -> None:
        refused = await gateway.post(
            new_id(), b"[", authorization="Bearer x", content_type="text/plain"
        )
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert refused.headers["www-authenticate"].startswith("Bearer")

    async def test_path_comes_before_the_media_type(self, gateway: Gateway) -> None:
        refused = await gateway.post(
            new_id(), b"[", path_user=str(new_id()), content_type="text/plain"
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_user")

    async def test_media_type_comes_before_the_body(self, gateway: Gateway) -> None:
        refused = await gateway.post(new_id(), b"[" * 140_000, content_type="text/plain")
        assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")

    async def test_size_comes_before_json(self, gateway: Gateway) -> None:
        refused = await gateway.post(new_id(), b"[" * 140_000)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")

    async def test_json_comes_before_the_headers(self, gateway: Gateway) -> None:
        refused = await gateway.post(new_id(), b"[", idempotency_key="a b")
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed_json")

    async def test_fields_come_before_the_conversation(self, gateway: Gateway) -> None:
        body = {"message": "", "conversation_id": str(new_id())}
        refused = await gateway.post(new_id(), body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
        assert refused.json()["errors"][0]["pointer"] == "/message"


class TestRefusals:
    async def test_refused_request_leaves_nothing(self, gateway: Gateway, storage: Storage) -> None:
        user_id = new_id()
        await gateway.post(user_id, {"message": ""})
        await gateway.post(user_id, HELLO, time_zone="Mars/Olympus")
        await gateway.post(user_id, {**HELLO, "conversation_id": str(new_id())})
        for table in ("conversation", "message", "turn"):
            assert await storage.count(table, user_id) == 0
        assert gateway.agent.contexts == []

    async def test_bug_is_a_500_that_shows_nothing_and_that_a_page_can_read(
        self, gateway: Gateway, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def break_down(_: TurnContext) -> str:
            raise RuntimeError("a secret")

        gateway.agent.script = break_down
        refused = await gateway.post(new_id(), HELLO)
        assert (refused.status_code, refused.json()["code"]) == (500, "internal_error")
        assert "secret" not in refused.text
        assert refused.headers["access-control-allow-origin"] == "http://localhost:3000"

    @pytest.mark.parametrize(
        ("problem", "status"), [(ModelError(), 502), (ModelUnavailable(retry_after_seconds=7), 503)]
    )
    async def test_failure_of_the_agent_is_answered_as_it_is(
        self, gateway: Gateway, problem: ModelError | ModelUnavailable, status: int
    ) -> None:
        async def fail(_: TurnContext) -> str:
            raise problem

        gateway.agent.script = fail
        refused = await gateway.post(new_id(), HELLO)
        assert (refused.status_code, refused.json()["code"]) == (status, problem.code)
        assert refused.json()["instance"].startswith("/api/")
        if status == 503:
            assert refused.headers["retry-after"] == "7"

    async def test_deadline_is_a_504(self, storage: Storage, issuer: Issuer) -> None:
        chosen = settings(storage.service_url, issuer, turn_deadline_seconds=0.3)
        async with running(chosen, issuer) as gateway:
            gateway.agent.script = Gate()
            refused = await gateway.post(new_id(), HELLO)
        assert (refused.status_code, refused.json()["code"]) == (504, "deadline_exceeded")


class TestAnswers:
    async def test_answer_is_stored_and_replayed_byte_for_byte(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        user_id = new_id()
        first = await gateway.post(user_id, HELLO, idempotency_key="key")
        again = await gateway.post(user_id, b'{ "message":"hello " }', idempotency_key="key")
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.headers["content-type"] == "application/json"
        assert first.content == again.content
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        (turn,) = await storage.turns(user_id)
        assert turn["answer"].encode() == first.content

    async def test_agent_is_told_who_when_and_where(self, gateway: Gateway) -> None:
        user_id = new_id()
        await gateway.post(user_id, HELLO, time_zone="Europe/Berlin")
        (context,) = gateway.agent.contexts
        assert context.identity.user_id == user_id
        assert context.time_zone == "Europe/Berlin"
        assert context.started_at <= context.now
        assert context.started_at.tzinfo is not None

    async def test_every_script_of_the_world_comes_back_as_it_was_said(
        self, gateway: Gateway
    ) -> None:
        async def answer(_: TurnContext) -> str:
            return 'Ünï 🦆 "quoted" \u2028 \x1b'

        gateway.agent.script = answer
        body = (await gateway.post(new_id(), {"message": "🦆"})).json()
        assert body["response"] == 'Ünï 🦆 "quoted" \u2028 \x1b'


class TestClientThatGoesAway:
    async def test_its_turn_runs_on_and_the_key_gets_the_answer(
        self, gateway: Gateway, storage: Storage
    ) -> None:
        user_id, gate = new_id(), Gate()
        gateway.agent.script = gate
        request = asyncio.create_task(gateway.post(user_id, HELLO, idempotency_key="key"))
        await gate.reached.wait()
        request.cancel()
        await asyncio.wait([request])

        running_still = await gateway.post(user_id, HELLO, idempotency_key="key")
        assert running_still.json()["code"] == "turn_in_progress"
        assert int(running_still.headers["retry-after"]) > 0
        gate.opened.set()

        async def completed() -> bool:
            (turn,) = await storage.turns(user_id)
            return bool(turn["state"] == "completed")

        await wait_until("the turn is completed", completed)
        replayed = await gateway.post(user_id, HELLO, idempotency_key="key")
        assert json.loads(replayed.content)["response"] == "Done waiting."

    async def test_half_a_body_is_no_bug(
        self, gateway: Gateway, caplog: pytest.LogCaptureFixture
    ) -> None:
        user_id = new_id()
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        head = (
            f"POST /api/{user_id}/chat HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:3000\r\n"
            f"Authorization: Bearer {gateway.issuer.token(user_id)}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        )
        writer.write(head.encode() + b'{"message"')
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await gateway.post(user_id, HELLO)).status_code == 200
        assert "Exception in ASGI application" not in caplog.text
