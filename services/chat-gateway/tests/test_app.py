"""The application as a whole: when it is ready, and what it says of itself."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from chat_gateway.app import DATABASE, SIGNING_KEYS, create_app
from chat_gateway.errors import Problem
from devstack.proxy import OutageProxy
from servicekit.identifiers import new_id

from .equipment.gateway import Gateway, running, settings
from .equipment.issuer import Issuer
from .equipment.scripted_agent import Gate
from .equipment.storage import Storage
from .equipment.streams import opened, said, streamed
from .equipment.waiting import wait_until

HELLO = {"message": "hello"}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer().publishing() as publishing:
        yield publishing


async def until_ready(gateway: Gateway) -> None:
    async def ready() -> bool:
        return (await gateway.client.get("/readyz")).status_code == 200

    await wait_until("the gateway is ready", ready)


class TestReadiness:
    async def test_gateway_without_keys_is_not_ready_until_it_has_them(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        issuer.available = False
        async with running(settings(storage.service_url, issuer), issuer) as gateway:

            async def only_keys_are_missing() -> bool:
                return gateway.app.readiness.missing == [SIGNING_KEYS]

            await wait_until("only the keys are missing", only_keys_are_missing)
            probe = await gateway.client.get("/readyz")
            assert (probe.status_code, probe.json()["code"]) == (503, "not_ready")
            assert SIGNING_KEYS in probe.json()["detail"]
            refused = await gateway.post(new_id(), HELLO)
            assert (refused.status_code, refused.json()["code"]) == (503, "auth_unavailable")
            assert (await gateway.client.get("/healthz")).status_code == 200
            issuer.available = True
            await until_ready(gateway)
            assert (await gateway.post(new_id(), HELLO)).status_code == 200

    async def test_gateway_without_a_database_is_not_ready_until_it_has_one(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        with OutageProxy(storage.postgres.port) as proxy:
            proxy.stop()
            chosen = settings(storage.url_through(proxy), issuer)
            async with running(chosen, issuer) as gateway:

                async def only_the_database_is_missing() -> bool:
                    return gateway.app.readiness.missing == [DATABASE]

                await wait_until("only the database is missing", only_the_database_is_missing)
                refused = await gateway.post(new_id(), HELLO)
                assert refused.json()["code"] == "database_unavailable"
                assert int(refused.headers["retry-after"]) > 0
                proxy.resume()
                await until_ready(gateway)
                assert (await gateway.post(new_id(), HELLO)).status_code == 200

    async def test_draining_gateway_is_not_ready_and_still_answers(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        async with running(settings(storage.service_url, issuer), issuer) as gateway:
            await until_ready(gateway)
            gateway.app.readiness.drain()
            assert (await gateway.client.get("/readyz")).json()["detail"] == "draining"
            assert (await gateway.post(new_id(), HELLO)).status_code == 200


class TestShutdown:
    async def test_turn_in_flight_ends(self, storage: Storage, issuer: Issuer) -> None:
        user_id, gate = new_id(), Gate()
        async with running(settings(storage.service_url, issuer), issuer) as gateway:
            gateway.agent.script = gate
            turn = asyncio.create_task(gateway.post(user_id, HELLO))
            await gate.reached.wait()
            asyncio.get_running_loop().call_later(0.3, gate.opened.set)
        assert (await turn).status_code == 200
        assert [row["state"] for row in await storage.turns(user_id)] == ["completed"]

    async def test_turn_that_is_cut_off_can_be_resumed_at_once(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        user_id, gate, chosen = new_id(), Gate(), settings(storage.service_url, issuer)
        async with running(chosen, issuer, graceful_seconds=1) as gateway:
            gateway.agent.script = gate
            turn = asyncio.create_task(gateway.post(user_id, HELLO, idempotency_key="key"))
            await gate.reached.wait()
        await asyncio.wait([turn])
        (row,) = await storage.turns(user_id)
        assert (row["state"], json.loads(row["failure"])["code"]) == ("failed", "interrupted")
        async with running(chosen, issuer) as gateway:
            answer = await gateway.post(user_id, HELLO, idempotency_key="key")
        assert answer.status_code == 200
        assert await storage.messages(user_id) == [("user", "hello"), ("assistant", "Hello!")]

    async def test_streamed_turn_without_a_reader_ends_before_the_process_does(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        user_id, gate, chosen = new_id(), Gate(), settings(storage.service_url, issuer)
        async with running(chosen, issuer) as gateway:
            gateway.agent.script = gate
            async with opened(gateway, user_id, said("hello")) as response:
                assert response.status_code == 200
                await gate.reached.wait()
            asyncio.get_running_loop().call_later(0.5, gate.opened.set)
        assert await storage.messages(user_id) == [
            ("user", "hello"), ("assistant", "Done waiting."),
        ]  # fmt: skip

    async def test_streamed_turn_that_is_cut_off_can_be_retried_by_its_item(
        self, storage: Storage, issuer: Issuer
    ) -> None:
        user_id, gate, chosen = new_id(), Gate(), settings(storage.service_url, issuer)
        async with running(chosen, issuer, graceful_seconds=1) as gateway:
            gateway.agent.script = gate
            turn = asyncio.create_task(gateway.post(user_id, said("hello")))
            await gate.reached.wait()
            (context,) = gateway.agent.contexts
        await asyncio.wait([turn])
        (row,) = await storage.turns(user_id)
        assert (row["state"], json.loads(row["failure"])["code"]) == ("failed", "interrupted")
        async with running(chosen, issuer) as gateway:
            params = {
                "thread_id": str(context.conversation_id),
                "item_id": str(row["user_message_id"]),
            }
            body: dict[str, object] = {"type": "threads.retry_after_item", "params": params}
            stream = await streamed(gateway, user_id, body)
        assert stream.items[-1]["content"][0]["text"] == "Hello!"


class TestDescription:
    def test_every_problem_of_the_endpoint_is_declared(self) -> None:
        issuer = Issuer(url="http://localhost/jwks")
        app = create_app(settings("postgresql://u:p@localhost/db", issuer))
        document = app.openapi()
        (path,) = document["paths"].items()
        assert path[0] == "/api/{user_id}/chat"
        responses = path[1]["post"]["responses"]
        declared = {
            (int(status), code)
            for status, response in responses.items()
            if status != "200"
            for code in response["content"]["application/problem+json"]["schema"]["properties"][
                "code"
            ]["enum"]
        }
        known = {(problem.status, problem.code) for problem in every_subclass(Problem)}
        elsewhere = {(404, "not_found"), (405, "method_not_allowed"), (503, "not_ready")}
        assert declared == known - elsewhere

    async def test_document_itself_is_not_served(self, storage: Storage, issuer: Issuer) -> None:
        async with running(settings(storage.service_url, issuer), issuer) as gateway:
            for path in ("/openapi.json", "/docs", "/redoc"):
                answer = await gateway.client.get(path, headers={"Origin": "http://localhost:3000"})
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def every_subclass(of: type[Problem]) -> set[type[Problem]]:
    found: set[type[Problem]] = set()
    for child in of.__subclasses__():
        found |= {child} | every_subclass(child)
    return found
