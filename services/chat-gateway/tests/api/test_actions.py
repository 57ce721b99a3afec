"""Custom actions over HTTP: clicks and stops, with scripted tools."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway, running, settings
from ..equipment.issuer import Issuer
from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.scripted_agent import Gate
from ..equipment.storage import Storage


@pytest.fixture
async def tools() -> AsyncIterator[ScriptedTools]:
    async with ScriptedTools().running() as server:
        yield server


@pytest.fixture
async def gateway(storage: Storage, issuer: Issuer, tools: ScriptedTools) -> AsyncIterator[Gateway]:
    chosen = settings(storage.service_url, issuer, mcp_url=tools.url)
    async with running(chosen, issuer) as gateway:
        yield gateway


async def click(
    gateway: Gateway,
    user_id: UUID,
    action: str,
    payload: object = None,
    thread: object = None,
    **headers: str | None,
) -> httpx2.Response:
    params = {"thread_id": thread, "action": {"type": action, "payload": payload}}
    body = {"type": "threads.custom_action", "params": params}
    return await gateway.post(user_id, body, **headers)


def events(response: httpx2.Response) -> list[dict[str, Any]]:
    """What a stream told."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store, no-transform"
    found = response.text.split("\n\n")
    assert found.pop() == ""
    return [json.loads(one.removeprefix("data: ")) for one in found]


async def test_click_is_a_stream_of_its_result(gateway: Gateway, tools: ScriptedTools) -> None:
    user_id = new_id()
    told = events(await click(gateway, user_id, "tasks.add", {"title": "milk"}))
    assert [one["type"] for one in told] == ["stream_options", "client_effect"]
    assert told[1]["data"]["arguments"] == {"title": "milk"}
    assert tools.calls[0]["arguments"]["user_id"] == str(user_id)
    assert gateway.agent.contexts == [], "the model was asked"


async def test_same_key_replays_it_byte_for_byte(gateway: Gateway, tools: ScriptedTools) -> None:
    user_id = new_id()
    sent = [
        await click(gateway, user_id, "tasks.add", {"title": "milk"}, idempotency_key="key")
        for _ in range(2)
    ]
    assert sent[0].content == sent[1].content
    assert [one.headers.get("idempotency-replayed") for one in sent] == [None, "true"]
    assert len(tools.calls) == 1


async def test_tools_error_is_told_and_is_no_problem(
    gateway: Gateway, tools: ScriptedTools
) -> None:
    async def refuse(_: dict[str, Any]) -> Any:
        return failed("not_found", "There is no such task.")

    tools.answer = refuse
    told = events(await click(gateway, new_id(), "tasks.delete", {"task_id": str(uuid4())}))
    assert told[-1]["message"] == "There is no such task, or not any more."


async def test_tools_that_are_away_are_a_problem(gateway: Gateway, tools: ScriptedTools) -> None:
    async def away(_: dict[str, Any]) -> Any:
        return failed("unavailable")

    tools.answer = away
    response = await click(gateway, new_id(), "tasks.list")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (503, "tools_unavailable")
    assert (problem["conversation_id"], problem["tool_calls"]) == (None, [])


@pytest.mark.parametrize(
    ("action", "payload"),
    [("tasks.burn", {}), ("tasks.add", {"user_id": "x"}), ("turn.stop", {"turn_id": "x"})],
)
async def test_what_there_is_not_opens_no_turn(
    gateway: Gateway, storage: Storage, action: str, payload: object
) -> None:
    user_id = new_id()
    response = await click(gateway, user_id, action, payload, thread=str(new_id()))
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert await storage.count("turn", user_id) == 0


@pytest.mark.parametrize(
    ("action", "payload"),
    [("tasks.list", None), ("turn.stop", {"turn_id": "01980000-0000-7000-8000-00000000000d"})],
)
async def test_strangers_thread_looks_like_none(
    gateway: Gateway, action: str, payload: object
) -> None:
    owner, stranger = new_id(), new_id()
    theirs = (await gateway.post(owner, {"message": "hello"})).json()["conversation_id"]
    refusals = []
    for thread in (theirs, str(new_id())):
        response = await click(gateway, stranger, action, payload, thread=thread)
        assert response.status_code == 404
        refusals.append({**response.json(), "instance": None, "trace_id": None})
    assert refusals[0] == refusals[1]


async def test_turn_is_stopped_by_another_request(gateway: Gateway, storage: Storage) -> None:
    user_id, gate = new_id(), Gate()
    gateway.agent.script = gate
    said = {"message": "hello"}
    turn = asyncio.create_task(gateway.post(user_id, said, idempotency_key="key"))
    await gate.reached.wait()
    (row,) = await storage.turns(user_id)
    thread, payload = str(row["conversation_id"]), {"turn_id": str(row["id"])}

    told = events(await click(gateway, user_id, "turn.stop", payload, thread=thread))

    assert told[-1]["data"] == {**payload, "stopped": True}
    response = await turn
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "turn_stopped")
    assert "retry-after" not in response.headers
    assert (problem["conversation_id"], problem["turn_id"]) == (thread, payload["turn_id"])
    again = events(await click(gateway, user_id, "turn.stop", payload, thread=thread))
    assert again[-1]["data"]["stopped"] is False
    gate.opened.set()
    resumed = await gateway.post(user_id, said, idempotency_key="key")
    assert resumed.json()["turn_id"] == payload["turn_id"]


async def test_reader_who_leaves_stops_nothing(gateway: Gateway, storage: Storage) -> None:
    user_id, gate = new_id(), Gate()
    gateway.agent.script = gate
    turn = asyncio.create_task(gateway.post(user_id, {"message": "hello"}, idempotency_key="key"))
    await gate.reached.wait()
    turn.cancel()
    gate.opened.set()
    response = await gateway.post(user_id, {"message": "hello"}, idempotency_key="key")
    while response.status_code == 409:
        assert response.json()["code"] == "turn_in_progress"
        response = await gateway.post(user_id, {"message": "hello"}, idempotency_key="key")
    assert response.headers["idempotency-replayed"] == "true"
    assert len(gateway.agent.contexts) == 1
