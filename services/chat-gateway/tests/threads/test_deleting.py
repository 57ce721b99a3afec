"""A thread is deleted whole, alone, and not while a turn of it runs."""

import asyncio
from uuid import UUID

import pytest
from chat_gateway.errors import ConversationNotFound, ModelUnavailable, TurnInProgress
from servicekit.identifiers import new_id

from ..equipment.scripted_agent import Gate, say_hello
from ..equipment.storage import Storage
from .conftest import NewPerson, Person, adding

TABLES = ("conversation", "message", "turn", "feedback")


async def rows(storage: Storage, person: Person) -> dict[str, int]:
    return {table: await storage.count(table, person.user_id) for table in TABLES}


async def liked(person: Person, thread: str) -> None:
    """Feedback on every item of a thread."""
    ids = [one["id"] for one in await person.all_items(thread)]
    await person.ask("items.feedback", thread_id=thread, item_ids=ids, kind="positive")


async def test_all_of_a_thread_goes_and_nothing_else(
    person: Person, new_person: NewPerson, storage: Storage
) -> None:
    kept, other = await person.say("one", script=adding("milk")), new_person()
    theirs = await other.say("hello")
    await liked(person, kept)
    await liked(other, theirs)
    before = [await rows(storage, one) for one in (person, other)]
    kept_items = await person.all_items(kept)
    thread = await person.say("two", script=adding("milk"))
    await person.say("three", thread=thread)
    with pytest.raises(ModelUnavailable):
        await person.say("four", thread=thread, script=adding("eggs", ending=ModelUnavailable()))
    await liked(person, thread)

    assert await person.ask("threads.delete", thread_id=thread) == {}

    assert [await rows(storage, one) for one in (person, other)] == before
    assert await person.all_items(kept) == kept_items
    with pytest.raises(ConversationNotFound):
        await person.ask("threads.get_by_id", thread_id=thread)
    with pytest.raises(ConversationNotFound):
        await person.ask("threads.delete", thread_id=thread)
    with pytest.raises(ConversationNotFound):
        await person.say("hello?", thread=thread)


async def test_thread_is_kept_while_a_turn_of_it_runs(person: Person, storage: Storage) -> None:
    gate = Gate()
    thread = await person.say(script=say_hello)
    await liked(person, thread)
    talking = asyncio.create_task(person.say("wait", thread=thread, script=gate))
    await gate.reached.wait()
    before = await rows(storage, person)

    with pytest.raises(TurnInProgress):
        await person.ask("threads.delete", thread_id=thread)

    assert await rows(storage, person) == before
    gate.opened.set()
    await talking
    await person.ask("threads.delete", thread_id=thread)
    assert set((await rows(storage, person)).values()) == {0}


@pytest.mark.parametrize("then", ["answers", "calls"])
async def test_turn_whose_lease_ran_out_does_not_keep_a_thread(
    person: Person, storage: Storage, then: str
) -> None:
    """And if its process is alive after all, it can store nothing any more."""
    gate = Gate()

    async def go_on(context: object) -> str:
        answer = await gate(context)  # type: ignore[arg-type] # what the agent is given
        if then == "calls":
            await adding("milk")(context)  # type: ignore[arg-type] # as above
        return answer

    talking = asyncio.create_task(person.say("wait", script=go_on))
    await gate.reached.wait()
    await storage.abandon_turn(person.user_id)
    ((thread),) = (await person.ask("threads.list"))["data"]

    await person.ask("threads.delete", thread_id=thread["id"])
    gate.opened.set()

    with pytest.raises(ConversationNotFound):
        await talking
    assert set((await rows(storage, person)).values()) == {0}


async def test_deleting_and_speaking_at_once_end_in_one_or_the_other(
    person: Person, storage: Storage
) -> None:
    """Whoever comes first: the turn runs and the thread stays, or it goes and the turn is 404."""
    for number in range(10):
        thread = await person.say(script=say_hello)
        await liked(person, thread)
        ended: list[object] = await asyncio.gather(
            person.say("meanwhile", thread=thread),
            person.ask("threads.delete", thread_id=thread),
            person.ask("items.feedback", thread_id=thread, item_ids=[], kind="negative"),
            return_exceptions=True,
        )

        said, deleted, noted = ended
        assert isinstance(said, str | ConversationNotFound), (number, said)
        assert deleted == {} or isinstance(deleted, TurnInProgress), (number, deleted)
        assert noted == {} or isinstance(noted, ConversationNotFound), (number, noted)
        left = await storage.rows(
            "SELECT id FROM chat.message WHERE conversation_id = $1", UUID(thread)
        )
        if deleted == {}:
            assert left == []
        else:
            assert len(left) == 4
            await person.ask("threads.delete", thread_id=thread)
    assert set((await rows(storage, person)).values()) == {0}


async def test_deleting_leaves_an_unfinished_key_unknown(person: Person, storage: Storage) -> None:
    """A key of a deleted thread means nothing any more: the same request begins anew."""
    key = str(new_id())
    first = await person.say("hello", key=key, script=say_hello)
    await person.ask("threads.delete", thread_id=first)

    second = await person.say("hello", key=key)

    assert second != first
    assert len(await person.all_items(second)) == 2
