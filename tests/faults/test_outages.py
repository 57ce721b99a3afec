"""What a person gets while something is down, what is left behind, and that it comes back alone.

Every outage ends with the same request answered by the same process: nothing was restarted.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx2
import pytest
from devstack.proxy import OutageProxy
from devstack.stack import Stack, base_url
from pydantic import JsonValue

from tests.equipment.chat import User, answer, refusal, say
from tests.equipment.database import OF_ONE_TURN, DatabaseView
from tests.equipment.retries import say_until_answered
from tests.equipment.simulator import Simulator, calls, text
from tests.equipment.waiting import wait_until
from tests.faults.conftest import DEADLINE_SECONDS, OpenLine

TURNS_ONCE = {
    **OF_ONE_TURN,
    "tasks.task": 1,
    "tasks.tool_call": 1,
}


@dataclass(frozen=True)
class Fragile:
    """A gateway and an mcp-tools of their own, each thing they need on a line that can break."""

    url: str
    database: OutageProxy
    tools: OutageProxy
    tools_database: OutageProxy
    keys: OutageProxy


def through(line: OutageProxy, url: str) -> str:
    """The same URL over a line that can break."""
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{line.port}".lstrip("@")))


@pytest.fixture(scope="module")
def fragile(stack: Stack, open_line: OpenLine) -> Fragile:
    postgres = stack.postgres.port
    database, tools_database = open_line(postgres), open_line(postgres)
    keys = open_line(stack.deployment.ports["auth"])
    jwks = through(keys, stack.env("chat-gateway")["AUTH_JWKS_URL"])
    tools_process = stack.add_process(
        "mcp-tools",
        "tools-on-lines",
        DATABASE_URL=through(tools_database, stack.env("mcp-tools")["DATABASE_URL"]),
        AUTH_JWKS_URL=jwks,
    )
    tools = open_line(int(tools_process.env["PORT"]))
    gateway = stack.add_process(
        "chat-gateway",
        "gateway-on-lines",
        DATABASE_URL=through(database, stack.env("chat-gateway")["DATABASE_URL"]),
        MCP_URL=f"{tools.url}/mcp",
        AUTH_JWKS_URL=jwks,
    )
    return Fragile(base_url(gateway), database, tools, tools_database, keys)


async def arrange(simulator: Simulator, said: str, hold_step: int | None = None) -> None:
    """Let the model add milk and say so; hold it once at one of its steps."""
    if hold_step is not None:
        await simulator.hang(said, step=hold_step)
    for step, response in enumerate((calls(("add_task", {"title": "milk"})), text("Done."))):
        await simulator.order(
            {"kind": "script", "match": said, "step": step, "count": 5, "responses": [response]}
        )


class TestDatabase:
    async def test_stopped_before_the_turn_nothing_is_stored(
        self, fragile: Fragile, simulator: Simulator, alice: User, database: DatabaseView
    ) -> None:
        said, key = f"milk {uuid4()}", str(uuid4())
        await arrange(simulator, said)
        fragile.database.stop()

        response = await say(fragile.url, alice, said, key=key)

        refusal(response, 503, "database_unavailable")
        assert int(response.header("retry-after") or "-1") >= 1
        assert await database.rows_of(alice.user_id) == {}
        assert await simulator.asked(said) == []
        fragile.database.resume()
        answer(await say_until_answered(fragile.url, alice, said, key=key))
        assert await database.rows_of(alice.user_id) == TURNS_ONCE

    @pytest.mark.parametrize("step", [0, 1], ids=["before the tool", "before the close"])
    async def test_stopped_while_the_model_thinks_the_key_ends_the_turn_later(
        self, fragile: Fragile, simulator: Simulator, alice: User, database: DatabaseView, step: int
    ) -> None:
        said, key = f"milk {uuid4()}", str(uuid4())
        await arrange(simulator, said, hold_step=step)
        turn = asyncio.create_task(say(fragile.url, alice, said, key=key))
        await simulator.wait_until_held(said)
        fragile.database.stop()
        await simulator.release(said)

        response = await turn

        refusal(response, 503, "database_unavailable")
        assert (await database.rows_of(alice.user_id)).get("tasks.task", 0) == step
        fragile.database.resume()
        answer(await say_until_answered(fragile.url, alice, said, key=key))
        assert await database.rows_of(alice.user_id) == TURNS_ONCE

    async def test_connections_cut_in_the_pool_are_not_noticed(
        self, fragile: Fragile, simulator: Simulator, alice: User
    ) -> None:
        answer(await say(fragile.url, alice, "hello"))
        fragile.database.cut()
        fragile.tools_database.cut()

        answer(await say(fragile.url, alice, "hello again"))

    async def test_that_hangs_costs_no_more_than_the_deadline(
        self, fragile: Fragile, alice: User, database: DatabaseView
    ) -> None:
        answer(await say(fragile.url, alice, "hello"))
        fragile.database.hold()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS + 5):
                response = await say(fragile.url, alice, "hello again", key=str(uuid4()))
        finally:
            fragile.database.resume()

        assert response.status in {503, 504}, response.body
        refusal(
            response,
            response.status,
            "database_unavailable" if response.status == 503 else "deadline_exceeded",
        )


class TestTools:
    async def test_stopped_fails_the_turn_and_the_key_ends_it_later(
        self, fragile: Fragile, simulator: Simulator, alice: User, database: DatabaseView
    ) -> None:
        said, key = f"milk {uuid4()}", str(uuid4())
        await arrange(simulator, said)
        answer(await say(fragile.url, alice, "hello"))
        fragile.tools.stop()

        response = await say(fragile.url, alice, said, key=key)

        refusal(response, 503, "tools_unavailable")
        assert response.header("retry-after")
        assert "tasks.task" not in await database.rows_of(alice.user_id)
        fragile.tools.resume()
        done = answer(await say_until_answered(fragile.url, alice, said, key=key))
        assert [call["status"] for call in done["tool_calls"]] == ["ok"]
        assert (await database.rows_of(alice.user_id))["tasks.task"] == 1

    async def test_without_their_database_fail_the_turn_and_the_key_ends_it_later(
        self, fragile: Fragile, simulator: Simulator, alice: User, database: DatabaseView
    ) -> None:
        said, key = f"milk {uuid4()}", str(uuid4())
        await arrange(simulator, said)
        fragile.tools_database.stop()

        response = await say(fragile.url, alice, said, key=key)

        refusal(response, 503, "tools_unavailable")
        fragile.tools_database.resume()
        done = answer(await say_until_answered(fragile.url, alice, said, key=key))
        assert [call["status"] for call in done["tool_calls"]] == ["ok"]
        assert await database.rows_of(alice.user_id) == TURNS_ONCE


class TestAuth:
    async def test_stopped_with_keys_cached_is_not_noticed(
        self, fragile: Fragile, alice: User
    ) -> None:
        fragile.keys.stop()
        try:
            answer(await say(fragile.url, alice, "hello"))
        finally:
            fragile.keys.resume()

    async def test_never_reached_answers_503_until_it_is(
        self, stack: Stack, open_line: OpenLine, alice: User, database: DatabaseView
    ) -> None:
        keys = open_line(stack.deployment.ports["auth"])
        keys.stop()
        jwks = through(keys, stack.env("chat-gateway")["AUTH_JWKS_URL"])
        process = stack.make_process("chat-gateway", "gateway-without-keys", AUTH_JWKS_URL=jwks)
        process.start()
        url = base_url(process)
        async with httpx2.AsyncClient() as client:
            await wait_until("the gateway without keys is alive", lambda: _alive(client, url))

            response = await say(url, alice, "hello")
            readiness = await client.get(f"{url}/readyz")

            refusal(response, 503, "auth_unavailable")
            assert int(response.header("retry-after") or "-1") >= 1
            assert (readiness.status_code, readiness.json()["code"]) == (503, "not_ready")
            assert await database.rows_of(alice.user_id) == {}

            keys.resume()
            answered = await say_until_answered(url, alice, "hello", key=str(uuid4()))
            answer(answered)
            process.wait_ready(5.0)


class TestModel:
    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            (
                {"kind": "status", "status": 429, "retry_after_seconds": 20},
                503,
                "model_unavailable",
            ),
            ({"kind": "status", "status": 500}, 503, "model_unavailable"),
            ({"kind": "status", "status": 503}, 503, "model_unavailable"),
            ({"kind": "cut"}, 503, "model_unavailable"),
            ({"kind": "status", "status": 400}, 502, "model_error"),
            ({"kind": "garbage", "variant": "not_json"}, 502, "model_error"),
            ({"kind": "garbage", "variant": "html"}, 502, "model_error"),
            ({"kind": "garbage", "variant": "empty_object"}, 502, "model_error"),
            ({"kind": "garbage", "variant": "no_choices"}, 502, "model_error"),
            ({"kind": "garbage", "variant": "empty_message"}, 502, "model_error"),
            ({"kind": "hang"}, 504, "deadline_exceeded"),
        ],
        ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
    )
    async def test_fault_is_answered_as_documented_and_the_key_ends_the_turn_later(
        self,
        stack: Stack,
        simulator: Simulator,
        alice: User,
        database: DatabaseView,
        fault: dict[str, object],
        status: int,
        code: str,
    ) -> None:
        said, key = f"milk {uuid4()}", str(uuid4())
        ordered = await simulator.order({**fault, "match": said, "count": 1000})
        await arrange(simulator, said)

        response = await say(stack.urls.gateway, alice, said, key=key)

        refused = refusal(response, status, code)
        assert "trace" not in (refused["detail"] or "").lower()
        if status == 503:
            assert response.header("retry-after")
        assert (await database.rows_of(alice.user_id)).get("tasks.task") is None
        await simulator.take_back(ordered)
        await simulator.release(said)
        answer(await say_until_answered(stack.urls.gateway, alice, said, key=key))
        assert await database.rows_of(alice.user_id) == TURNS_ONCE

    @pytest.mark.parametrize("kind", ["malformed_arguments", "unknown_tool"])
    async def test_a_call_that_is_none_is_a_failed_call_and_the_model_goes_on(
        self, stack: Stack, simulator: Simulator, alice: User, database: DatabaseView, kind: str
    ) -> None:
        said = f"add a task to buy milk {uuid4()}"
        await simulator.order({"kind": kind, "match": said, "count": 1})

        found = answer(await say(stack.urls.gateway, alice, said))

        assert [call["status"] for call in found["tool_calls"]] == ["error", "ok"]
        assert (await database.rows_of(alice.user_id))["tasks.task"] == 1

    async def test_wrong_id_is_a_tool_error_that_the_model_reads(
        self, stack: Stack, simulator: Simulator, alice: User
    ) -> None:
        said = f"milk {uuid4()}"
        wrong: dict[str, JsonValue] = {"task_id": "00000000-0000-7000-8000-000000000000"}
        await simulator.script(said, calls(("complete_task", wrong)), text("I found no such task."))

        found = answer(await say(stack.urls.gateway, alice, said))

        (call,) = found["tool_calls"]
        assert (call["status"], call["error"]["code"]) == ("error", "not_found")
        told = (await simulator.asked(said))[1]["messages"][-1]
        assert told["role"] == "tool"
        assert "list_tasks" in told["content"]


async def _alive(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/healthz")).status_code == 200
    except httpx2.TransportError:
        return False
