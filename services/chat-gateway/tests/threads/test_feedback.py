"""What a person thinks of an item is kept, the last word of it, and of their own items only."""

import pytest
from chat_gateway.errors import InvalidRequest
from servicekit.identifiers import new_id

from ..equipment.storage import Storage
from .conftest import NewPerson, Person, adding, pointers


async def given(storage: Storage, person: Person) -> dict[str, str]:
    """Item → kind."""
    rows = await storage.rows(
        "SELECT item_id, kind FROM chat.feedback WHERE user_id = $1", person.user_id
    )
    return {str(row["item_id"]): row["kind"] for row in rows}


async def test_each_kind_of_item_can_be_judged_and_judged_again(
    person: Person, storage: Storage
) -> None:
    thread = await person.say(script=adding("milk"))
    said, workflow, answer = (one["id"] for one in await person.all_items(thread))
    ids = [said, workflow, answer.upper(), answer]

    for kind in ("positive", "negative"):
        judged = await person.ask("items.feedback", thread_id=thread, item_ids=ids, kind=kind)

        assert judged == {}
        assert await given(storage, person) == dict.fromkeys((said, workflow, answer), kind)
    await person.ask("items.feedback", thread_id=thread, item_ids=[said], kind="positive")
    assert await given(storage, person) == {
        said: "positive",
        workflow: "negative",
        answer: "negative",
    }


async def test_items_that_are_not_in_the_thread_are_refused_with_all_the_others(
    person: Person, new_person: NewPerson, storage: Storage
) -> None:
    thread, other = await person.say("one"), await person.say("two", script=adding("milk"))
    (mine, _) = await person.all_items(thread)
    stranger = new_person()
    theirs = await stranger.all_items(await stranger.say(script=adding("milk")))
    elsewhere = await person.all_items(other)
    # A turn that made no call has no workflow to think of.
    bare = [
        str(one["id"])
        for one in await storage.turns(person.user_id)
        if str(one["conversation_id"]) == thread
    ]
    wrong = [str(new_id()), "", "x", "a\0", thread, *bare]

    for item in [*wrong, *(one["id"] for one in [*theirs, *elsewhere])]:
        with pytest.raises(InvalidRequest) as refused:
            await person.ask(
                "items.feedback", thread_id=thread, item_ids=[mine["id"], item], kind="positive"
            )
        assert pointers(refused) == ["/params/item_ids"]
    assert await given(storage, person) == {}
    assert await given(storage, stranger) == {}


async def test_at_most_100_items_at_once(person: Person) -> None:
    thread = await person.say()
    (mine, _) = await person.all_items(thread)

    assert (
        await person.ask(
            "items.feedback", thread_id=thread, item_ids=[mine["id"]] * 100, kind="positive"
        )
        == {}
    )
    with pytest.raises(InvalidRequest):
        await person.ask(
            "items.feedback", thread_id=thread, item_ids=[mine["id"]] * 101, kind="positive"
        )
