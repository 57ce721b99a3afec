"""Whatever stands in a request about threads, it is answered or refused, and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from servicekit.identifiers import new_id

from ..equipment.gateway import Gateway
from ..equipment.storage import Storage

HOSTILE: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "null",
    "*",
    "%",
    "\0",
    "\ud800",
    "\u202e",
    "' OR '1'='1",
    "{thread}'--",
    "{thread}.",
    "{thread}.99999999999999999999",
    "{thread}\n",
    "urn:uuid:{thread}",
    "x" * 10_000,
    [],
    [[]],
    ["{thread}"],
    {},
    {"$ne": None},
]
GOOD: dict[str, dict[str, object]] = {
    "threads.get_by_id": {"thread_id": "{thread}"},
    "threads.list": {"limit": 5, "order": "asc", "after": "{thread}"},
    "threads.update": {"thread_id": "{thread}", "title": "Mine"},
    "threads.delete": {"thread_id": "{thread}"},
    "items.list": {"thread_id": "{thread}", "limit": 5, "order": "asc", "after": "{message}"},
    "items.feedback": {
        "thread_id": "{thread}",
        "item_ids": ["{message}"],
        "kind": "positive",
    },
}
REFUSED = {404: {"conversation_not_found"}, 422: {"invalid_request"}}
CHANGING = {"threads.update", "items.feedback"}


def bodies(type_: str, names: dict[str, str]) -> Iterator[bytes]:
    """A good request with one member made hostile at a time, and all of them left out in turn."""
    good = GOOD[type_]
    for member in good:
        for value in HOSTILE:
            yield _filled({"type": type_, "params": {**good, member: value}}, names)
        yield _filled(
            {"type": type_, "params": {one: good[one] for one in good if one != member}}, names
        )
    for params in HOSTILE:
        yield _filled({"type": type_, "params": params}, names)


def _filled(body: dict[str, Any], names: dict[str, str]) -> bytes:
    text = json.dumps(body)
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text.encode()


@pytest.mark.parametrize("type_", GOOD)
async def test_hostile_params_are_answered_or_refused(
    gateway: Gateway, storage: Storage, type_: str
) -> None:
    user_id, stranger = new_id(), new_id()
    said = (await gateway.post(user_id, {"message": "a secret"})).json()
    names = {"thread": said["conversation_id"], "message": said["message_id"]}
    before = await everything(storage)

    for body in bodies(type_, names):
        theirs = await gateway.post(stranger, body)
        assert theirs.status_code in {200, 404, 422}, (body, theirs.text)
        assert b"a secret" not in theirs.content
        if theirs.status_code == 200:
            assert type_ == "threads.list", body
        else:
            assert theirs.json()["code"] in REFUSED[theirs.status_code], (body, theirs.text)
        if type_ != "threads.delete":
            own = await gateway.post(user_id, body)
            assert own.status_code in {200, 404, 422}, (body, own.text)

    after = await everything(storage)
    if type_ not in CHANGING:
        assert after == before


async def everything(storage: Storage) -> list[object]:
    """All rows of everybody."""
    tables = ("conversation", "message", "turn", "feedback")
    return [
        await storage.rows(f"SELECT * FROM chat.{table} ORDER BY user_id, 2, 3") for table in tables
    ]
