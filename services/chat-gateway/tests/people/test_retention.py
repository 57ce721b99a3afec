"""What old turns recorded goes; conversations stay as a person sees them."""

import contextlib
from uuid import UUID

import pytest
from chat_gateway.errors import IdempotencyKeyReused
from chat_gateway.retention import RETENTION
from servicekit.people.retention import expire

from ..equipment.storage import Storage
from ..threads.conftest import NewPerson, adding, agent, new_person

__all__ = ["agent", "new_person"]

OLD = "UPDATE chat.turn SET updated_at = now() - interval '91 days' WHERE user_id = $1"


async def grow_old(storage: Storage, user_id: UUID) -> dict[str, int]:
    """Make a person's turns old, and let go what is."""
    await storage.rows(OLD, user_id)
    return await expire(RETENTION, storage.owner_url, 90)


async def test_old_turns_are_emptied_and_messages_stay(
    storage: Storage, new_person: NewPerson
) -> None:
    person, other = new_person(), new_person()
    thread = await person.say("feed the cat", script=adding("an old secret"), key="k")
    await other.say("feed the dog", script=adding("young"))
    young = await storage.turns(other.user_id)

    done = await grow_old(storage, person.user_id)

    assert done["chat.turn"] == 1
    (turn,) = await storage.turns(person.user_id)
    assert (turn["steps"], turn["tool_results"], turn["answer"]) == ("[]", "{}", "{}")
    assert (turn["request_hash"], turn["state"]) == (b"", "completed")
    assert "an old secret" not in str(turn)
    assert await storage.turns(other.user_id) == young
    items = await person.all_items(thread)
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert (await person.ask("threads.get_by_id", thread_id=thread))["id"] == thread


async def test_the_conversation_goes_on(storage: Storage, new_person: NewPerson) -> None:
    person = new_person()
    thread = await person.say("feed the cat", script=adding("cat"))
    await grow_old(storage, person.user_id)

    await person.say("and the dog", thread=thread, script=adding("dog"))

    items = await person.all_items(thread)
    assert [item["type"] for item in items][2:] == [
        "user_message",
        "workflow",
        "assistant_message",
    ]


@pytest.mark.parametrize("ending", ["Done.", ValueError("a bug")])
async def test_a_key_whose_answer_is_not_kept_runs_nothing_again(
    storage: Storage, new_person: NewPerson, ending: str | Exception
) -> None:
    person = new_person()
    with contextlib.suppress(ValueError):
        await person.say("feed the cat", script=adding("cat", ending=ending), key="k")
    await grow_old(storage, person.user_id)

    with pytest.raises(IdempotencyKeyReused, match="no longer kept"):
        await person.say("feed the cat", script=adding("cat"), key="k")


async def test_a_turn_that_runs_is_not_emptied(storage: Storage, new_person: NewPerson) -> None:
    person = new_person()
    await person.say("feed the cat", script=adding("cat"))
    await storage.rows(
        "UPDATE chat.turn SET state = 'running', answer = NULL, lease_expires_at = now()"
        " WHERE user_id = $1",
        person.user_id,
    )

    assert (await grow_old(storage, person.user_id))["chat.turn"] == 0


async def test_a_turn_that_its_process_has_left_is_emptied(
    storage: Storage, new_person: NewPerson
) -> None:
    """Nobody came back to it, so nothing has ended it."""
    person = new_person()
    thread = await person.say("feed the cat", script=adding("an old secret"), key="k")
    await storage.rows(
        "UPDATE chat.turn SET state = 'running', answer = NULL,"
        " lease_expires_at = now() - interval '91 days' WHERE user_id = $1",
        person.user_id,
    )

    assert (await grow_old(storage, person.user_id))["chat.turn"] == 1

    (turn,) = await storage.turns(person.user_id)
    assert (turn["steps"], turn["tool_results"], turn["request_hash"]) == ("[]", "{}", b"")
    assert "an old secret" not in str(turn)
    with pytest.raises(IdempotencyKeyReused, match="no longer kept"):
        await person.say("feed the cat", script=adding("cat"), key="k")
    await person.say("and the dog", thread=thread, script=adding("dog"))


async def test_old_budgets_and_notes_go(storage: Storage, new_person: NewPerson) -> None:
    person = new_person()
    await storage.rows(
        "INSERT INTO chat.daily_use (user_id, day, turns, model_tokens)"
        " SELECT $1, current_date - n, 1, 1 FROM unnest(ARRAY[0, 89, 91, 400]) AS n",
        person.user_id,
    )
    await storage.rows(
        "INSERT INTO chat.erased_person VALUES ($1, now() - interval '91 days')", person.user_id
    )

    await expire(RETENTION, storage.owner_url, 90)

    assert await storage.count("daily_use", person.user_id) == 2
    assert await storage.count("erased_person", person.user_id) == 0
