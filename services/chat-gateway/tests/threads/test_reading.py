"""A thread as it is opened again: what was said and done, and what became of the newest turn."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest
from chat_gateway.errors import (
    ConversationNotFound,
    InvalidRequest,
    ModelUnavailable,
    Problem,
)
from chatkit.types import Thread
from servicekit.identifiers import new_id

from ..equipment.scripted_agent import Gate, say_hello
from ..equipment.storage import Storage
from .conftest import NewPerson, Person, adding, pointers

NAMING = {
    "threads.get_by_id": {},
    "threads.update": {"title": "Mine"},
    "threads.delete": {},
    "items.list": {},
    "items.feedback": {"item_ids": [], "kind": "positive"},
}
"""Every request that is answered here and names a thread, with its other params."""


def kinds(items: list[dict[str, object]]) -> list[object]:
    return [one["type"] for one in items]


def text_of(item: dict[str, list[dict[str, str]]]) -> str:
    (content,) = item["content"]
    return content["text"]


async def test_turn_is_message_workflow_and_answer(person: Person, storage: Storage) -> None:
    thread = await person.say("add milk and eggs", script=adding("milk", "eggs"))

    opened = await person.ask("threads.get_by_id", thread_id=thread)

    Thread.model_validate(opened)
    said, workflow, answer = opened["items"]["data"]
    (turn,) = await storage.turns(person.user_id)
    assert kinds([said, workflow, answer]) == ["user_message", "workflow", "assistant_message"]
    assert (text_of(said), text_of(answer)) == ("add milk and eggs", "Done.")
    assert [UUID(one["id"]) for one in (said, workflow, answer)] == [
        turn["user_message_id"],
        turn["id"],
        turn["answer_message_id"],
    ]
    assert [one["title"] for one in workflow["workflow"]["tasks"]] == [
        "Added “milk”",
        "Added “eggs”",
    ]
    assert {one["thread_id"] for one in (said, workflow, answer)} == {thread}


async def test_turn_without_a_call_has_no_workflow(person: Person) -> None:
    thread = await person.say("hello", script=say_hello)

    opened = await person.ask("threads.get_by_id", thread_id=thread)

    assert kinds(opened["items"]["data"]) == ["user_message", "assistant_message"]
    assert opened["items"]["has_more"] is False


async def test_times_are_utc_with_offset(person: Person) -> None:
    thread = await person.say("add milk", script=adding("milk"))
    opened = await person.ask("threads.get_by_id", thread_id=thread)

    for one in (opened, *opened["items"]["data"]):
        offset = datetime.fromisoformat(one["created_at"]).utcoffset()
        assert offset is not None
        assert not offset


async def test_failed_turn_has_no_answer_and_says_what_is_not_known(person: Person) -> None:
    with pytest.raises(ModelUnavailable):
        await person.say(
            "add milk and eggs",
            script=adding("milk", "eggs", ending=ModelUnavailable(), without_result=1),
        )
    ((thread),) = (await person.ask("threads.list"))["data"]

    opened = await person.ask("threads.get_by_id", thread_id=thread["id"])

    said, workflow = opened["items"]["data"]
    assert kinds([said, workflow]) == ["user_message", "workflow"]
    done, in_doubt = workflow["workflow"]["tasks"]
    assert done["title"] == "Added “milk”"
    assert "eggs" in in_doubt["title"]
    assert "known" in in_doubt["content"]
    assert opened["metadata"]["turn"] == {
        "id": workflow["id"],
        "item_id": said["id"],
        "state": "failed",
        "code": "model_unavailable",
    }


async def test_running_turn_shows_what_runs(person: Person, storage: Storage) -> None:
    gate = Gate()

    async def stop_in_the_middle(context: object) -> str:
        await adding("milk", "eggs", without_result=1)(context)  # type: ignore[arg-type] # what the agent is given
        return await gate(context)  # type: ignore[arg-type] # as above

    talking = asyncio.create_task(person.say("add milk and eggs", script=stop_in_the_middle))
    await gate.reached.wait()
    ((thread),) = (await person.ask("threads.list"))["data"]
    running = await person.ask("threads.get_by_id", thread_id=thread["id"])
    await storage.abandon_turn(person.user_id)
    abandoned = await person.ask("threads.get_by_id", thread_id=thread["id"])
    gate.opened.set()
    await asyncio.gather(talking, return_exceptions=True)

    assert kinds(running["items"]["data"]) == ["user_message", "workflow"]
    said, workflow = running["items"]["data"]
    assert workflow["workflow"]["expanded"] is True
    assert [one["status_indicator"] for one in workflow["workflow"]["tasks"]] == [
        "complete",
        "loading",
    ]
    assert running["metadata"]["turn"] == {
        "id": workflow["id"],
        "item_id": said["id"],
        "state": "running",
        "code": None,
    }
    # Its process is dead, as far as anybody can tell: it can be tried again.
    assert abandoned["metadata"]["turn"]["state"] == "failed"
    assert abandoned["metadata"]["turn"]["code"] == "lease_expired"
    (_, workflow) = abandoned["items"]["data"]
    assert [one["status_indicator"] for one in workflow["workflow"]["tasks"]] != [
        "complete",
        "loading",
    ]


async def test_newest_turn_is_the_one_of_the_newest_message(person: Person) -> None:
    thread = await person.say("add milk", script=adding("milk"))
    with pytest.raises(ModelUnavailable):
        await person.say("again", thread=thread, script=adding("eggs", ending=ModelUnavailable()))
    await person.say("hello", thread=thread, script=say_hello)

    opened = await person.ask("threads.get_by_id", thread_id=thread)

    assert opened["metadata"]["turn"]["state"] == "completed"
    assert opened["metadata"]["turn"]["code"] is None
    assert opened["metadata"]["turn"]["item_id"] == opened["items"]["data"][-2]["id"]
    assert kinds(opened["items"]["data"]) == [
        *("user_message", "workflow", "assistant_message"),
        *("user_message", "workflow"),
        *("user_message", "assistant_message"),
    ]


async def test_title_is_of_the_first_message_until_another_is_given(
    person: Person, storage: Storage
) -> None:
    thread = await person.say("add  milk\nand " + "very " * 20 + "many eggs", script=say_hello)
    await person.say("something else", thread=thread)
    ((first),) = (await person.ask("threads.list"))["data"]
    # As a version wrote it that knew no titles.
    await storage.rows("UPDATE chat.conversation SET title = NULL WHERE id = $1", UUID(thread))
    ((old),) = (await person.ask("threads.list"))["data"]

    renamed = await person.ask("threads.update", thread_id=thread, title="  Shopping ")

    assert first["title"] == old["title"]
    assert first["title"].startswith("add milk and very very")
    assert len(first["title"]) == 60
    assert renamed["title"] == "Shopping"
    assert (await person.ask("threads.get_by_id", thread_id=thread))["title"] == "Shopping"
    assert (await person.ask("threads.list"))["data"][0]["title"] == "Shopping"


@pytest.mark.parametrize(
    "title",
    ["", "  ", "x" * 201, "a\0b", "half \ud800", "\u200b", "\u202egnip", "tag \U000e0041"],
    ids=["empty", "blank", "long", "NUL", "surrogate", "unseen", "turned", "tags"],
)
async def test_title_that_is_none_is_refused(person: Person, title: str) -> None:
    thread = await person.say()
    before = await person.ask("threads.get_by_id", thread_id=thread)

    with pytest.raises(InvalidRequest) as refused:
        await person.ask("threads.update", thread_id=thread, title=title)

    assert pointers(refused) == ["/params/title"]
    assert await person.ask("threads.get_by_id", thread_id=thread) == before


async def test_title_of_200_characters_is_taken(person: Person) -> None:
    thread = await person.say()

    renamed = await person.ask("threads.update", thread_id=thread, title="ä" * 200)

    assert renamed["title"] == "ä" * 200


@pytest.mark.parametrize(("kind", "params"), NAMING.items(), ids=NAMING.keys())
async def test_thread_of_a_stranger_is_no_other_than_none(
    person: Person, new_person: NewPerson, kind: str, params: dict[str, object]
) -> None:
    thread = await person.say("a secret", script=adding("a secret"))
    before = await person.ask("threads.get_by_id", thread_id=thread)
    stranger = new_person()

    async def refusal(thread_id: str) -> Problem:
        with pytest.raises(ConversationNotFound) as refused:
            await stranger.ask(kind, thread_id=thread_id, **params)
        return refused.value

    refusals = [
        await refusal(one)
        for one in (thread, str(new_id()), "", "thr_1", f"{{{thread}}}", f"{thread}\0", "null")
    ]

    assert {(one.status, one.code, one.detail) for one in refusals} == {
        (404, "conversation_not_found", refusals[0].detail)
    }
    assert await person.ask("threads.get_by_id", thread_id=thread) == before


async def test_list_shows_ones_own_only(person: Person, new_person: NewPerson) -> None:
    mine = await person.say()
    stranger = new_person()
    await stranger.say()

    assert [one["id"] for one in (await person.ask("threads.list"))["data"]] == [mine]
    with pytest.raises(ConversationNotFound):
        await stranger.ask("threads.list", after=mine)
