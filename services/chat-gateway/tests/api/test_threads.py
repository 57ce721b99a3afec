"""The requests of the ChatKit protocol that are answered with JSON, over HTTP."""

from typing import Any
from uuid import UUID

import httpx2
from chatkit.types import Page, Thread, ThreadItem
from pydantic import TypeAdapter
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway

ITEMS: TypeAdapter[Page[ThreadItem]] = TypeAdapter(Page[ThreadItem])
THREADS: TypeAdapter[Page[Thread]] = TypeAdapter(Page[Thread])


async def asked(gateway: Gateway, user_id: UUID, type_: str, **params: object) -> httpx2.Response:
    return await gateway.post(user_id, {"type": type_, "params": params})


async def answered(gateway: Gateway, user_id: UUID, type_: str, **params: object) -> Any:
    response = await asked(gateway, user_id, type_, **params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


async def test_life_of_a_thread(gateway: Gateway) -> None:
    """Begun by the plain body, read, named, judged and deleted by the other."""
    user_id = new_id()
    said = (await gateway.post(user_id, {"message": "hello"})).json()
    thread = said["conversation_id"]

    listed = await answered(gateway, user_id, "threads.list")
    opened = await answered(gateway, user_id, "threads.get_by_id", thread_id=thread)
    items = await answered(gateway, user_id, "items.list", thread_id=thread, order="asc", limit=2)
    named = await answered(gateway, user_id, "threads.update", thread_id=thread, title="Mine")
    judged = await answered(
        gateway,
        user_id,
        "items.feedback",
        thread_id=thread,
        item_ids=[said["message_id"]],
        kind="positive",
    )
    deleted = await answered(gateway, user_id, "threads.delete", thread_id=thread)

    assert [one.id for one in THREADS.validate_python(listed).data] == [thread]
    assert Thread.model_validate(opened).title == "hello"
    assert ITEMS.validate_python(items).data == Thread.model_validate(opened).items.data
    assert [one["id"] for one in items["data"]][1:] == [said["message_id"]]
    assert Thread.model_validate(named).title == "Mine"
    assert judged == deleted == {}
    assert (await answered(gateway, user_id, "threads.list"))["data"] == []
    again = await asked(gateway, user_id, "threads.get_by_id", thread_id=thread)
    assert (again.status_code, again.json()["code"]) == (404, "conversation_not_found")


async def test_wrong_params_are_pointed_at(gateway: Gateway) -> None:
    user_id = new_id()
    said = (await gateway.post(user_id, {"message": "hello"})).json()
    thread = said["conversation_id"]
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("threads.list", {"limit": 0}, "/params/limit"),
        ("threads.list", {"limit": "many"}, "/params/limit"),
        ("threads.list", {"order": "up"}, "/params/order"),
        ("items.list", {"thread_id": thread, "limit": 101}, "/params/limit"),
        ("items.list", {"thread_id": thread, "after": str(new_id())}, "/params/after"),
        ("threads.update", {"thread_id": thread, "title": " "}, "/params/title"),
        ("threads.update", {"thread_id": thread}, "/params/title"),
        ("threads.get_by_id", {"thread_id": 7}, "/params/thread_id"),
        (
            "items.feedback",
            {"thread_id": thread, "item_ids": [str(new_id())], "kind": "positive"},
            "/params/item_ids",
        ),
        (
            "items.feedback",
            {"thread_id": thread, "item_ids": [said["message_id"]], "kind": "so-so"},
            "/params/kind",
        ),
    ]
    for type_, params, pointer in wrong:
        refused = await asked(gateway, user_id, type_, **params)

        assert refused.status_code == 422, (type_, params, refused.text)
        assert refused.json()["code"] == "invalid_request"
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
