"""Pages of threads and of items, joined, are the whole list, whatever is added meanwhile."""

import asyncio
import random
from typing import Any
from uuid import UUID

import pytest
from chat_gateway.errors import ConversationNotFound, InvalidRequest, ModelUnavailable
from chat_gateway.turns.runner import TurnContext
from servicekit.identifiers import new_id

from ..equipment.scripted_agent import Gate, Script, say_hello
from ..equipment.storage import Storage
from .conftest import NewPerson, Person, adding, pointers

TURNS = 500
"""With a message and an answer each."""
FILL = """
    INSERT INTO chat.message (user_id, id, conversation_id, role, content, created_at)
    SELECT $1, gen_random_uuid(), $2, role, role || ' ' || n, now() + make_interval(secs => n)
    FROM generate_series(1, $3::int) AS n, unnest(ARRAY['user', 'assistant']) AS role
"""
"""Two share each moment, so that ids decide."""


async def failing(person: Person, thread: str) -> None:
    with pytest.raises(ModelUnavailable):
        await person.say(
            "fail",
            thread=thread,
            script=adding("bread", ending=ModelUnavailable(), without_result=1),
        )


async def a_long_thread(person: Person, turns: int, seed: int) -> str:
    """Turns with and without calls, some of them failed."""
    chance = random.Random(seed)
    thread = await person.say("begin", script=say_hello)
    for number in range(turns):
        script: Script = chance.choice([say_hello, adding("milk"), adding("milk", "eggs")])
        if chance.random() < 0.3:
            await failing(person, thread)
        else:
            await person.say(f"turn {number}", thread=thread, script=script)
    return thread


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_items_are_the_whole(person: Person, order: str, limit: int) -> None:
    thread = await a_long_thread(person, 8, seed=limit)
    whole = await person.all_items(thread)

    joined = await person.all_items(thread, order=order, limit=limit)

    assert joined == (whole if order == "asc" else whole[::-1])
    assert len({one["id"] for one in joined}) == len(joined)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("seed", range(4))
async def test_items_that_come_meanwhile_disturb_no_page(
    person: Person, order: str, seed: int
) -> None:
    chance = random.Random(seed)
    thread = await a_long_thread(person, 3, seed)
    before = await person.all_items(thread)
    joined: list[Any] = []
    after: str | None = None
    for _ in range(100):
        page = await person.ask(
            "items.list", thread_id=thread, order=order, limit=chance.randint(1, 3), after=after
        )
        joined += page["data"]
        if not page["has_more"]:
            break
        after = page["after"]
        if chance.random() < 0.3:
            await person.say("meanwhile", thread=thread, script=adding("milk"))

    whole = await person.all_items(thread)
    assert joined == (whole[: len(joined)] if order == "asc" else before[::-1])
    assert len(joined) >= len(before)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_threads_that_move_meanwhile_are_missed_by_no_page(
    person: Person, order: str
) -> None:
    """One that moves to the end is seen there; one that moved to the top was seen or is new."""
    ids = [await person.say(f"thread {number}") for number in range(7)]
    seen: list[str] = []
    after: str | None = None
    moved: set[str] = set()
    while True:
        page = await person.ask("threads.list", order=order, limit=2, after=after)
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        after = page["after"]
        if len(moved) < 3:
            # The very one that the page ended with.
            await person.say("again", thread=seen[-1])
            moved.add(seen[-1])

    assert set(seen) == set(ids)
    still = [one for one in ids if one not in moved]
    shown = [one for one in seen if one not in moved]
    assert shown == (still if order == "asc" else still[::-1])


async def test_page_begins_where_a_deleted_thread_was(person: Person) -> None:
    ids = [await person.say(f"thread {number}") for number in range(4)]
    page = await person.ask("threads.list", limit=2)
    assert [one["id"] for one in page["data"]] == [ids[3], ids[2]]

    await person.ask("threads.delete", thread_id=ids[2])

    rest = await person.ask("threads.list", limit=2, after=page["after"])
    assert [one["id"] for one in rest["data"]] == [ids[1], ids[0]]
    assert rest["has_more"] is False
    assert "after" not in rest


async def test_page_after_a_thread_by_its_id_alone(person: Person) -> None:
    ids = [await person.say(f"thread {number}") for number in range(3)]

    newest = await person.ask("threads.list", after=ids[1], order="asc")
    oldest = await person.ask("threads.list", after=ids[1])

    assert [one["id"] for one in newest["data"]] == [ids[2]]
    assert [one["id"] for one in oldest["data"]] == [ids[0]]


async def test_list_is_by_the_last_turn_and_renaming_moves_nothing(person: Person) -> None:
    first, second = await person.say("one"), await person.say("two")
    await person.say("again", thread=first)
    await person.ask("threads.update", thread_id=second, title="Two")

    listed = await person.ask("threads.list")

    assert [one["id"] for one in listed["data"]] == [first, second]
    assert all(one["items"]["data"] == [] for one in listed["data"])


async def test_newest_message_is_on_top_while_it_waits_and_when_it_has_failed(
    person: Person,
) -> None:
    first, second, gate = await person.say("one"), await person.say("two"), Gate()

    async def fails(context: TurnContext) -> str:
        await gate(context)
        raise ModelUnavailable()

    async def listed() -> list[str]:
        return [one["id"] for one in (await person.ask("threads.list"))["data"]]

    talking = asyncio.create_task(person.say("again", thread=first, script=fails))
    await gate.reached.wait()
    assert await listed() == [first, second]
    gate.opened.set()
    with pytest.raises(ModelUnavailable):
        await talking
    assert await listed() == [first, second]


async def test_thread_of_a_thousand_items_opens_at_its_end(
    person: Person, storage: Storage
) -> None:
    thread = await person.say("begin")
    await storage.rows(FILL, person.user_id, UUID(thread), TURNS)

    opened = await person.ask("threads.get_by_id", thread_id=thread)

    shown = opened["items"]["data"]
    assert len(shown) == 20
    assert shown[-1]["content"][0]["text"].endswith(f" {TURNS}")
    assert opened["items"]["has_more"] is True
    assert opened["items"]["after"] == shown[0]["id"]
    older: list[Any] = []
    after = opened["items"]["after"]
    while after is not None:
        page = await person.ask(
            "items.list", thread_id=thread, order="desc", limit=100, after=after
        )
        older += page["data"]
        after = page.get("after")
    whole = await person.all_items(thread)
    assert older[::-1] + shown == whole
    assert len(whole) == 2 * TURNS + 2


@pytest.mark.parametrize("limit", [0, -1, 101, 10**9])
@pytest.mark.parametrize("kind", ["threads.list", "items.list"])
async def test_limit_is_1_to_100(person: Person, kind: str, limit: int) -> None:
    thread = await person.say()
    named = {"thread_id": thread} if kind == "items.list" else {}

    with pytest.raises(InvalidRequest) as refused:
        await person.ask(kind, limit=limit, **named)

    assert pointers(refused) == ["/params/limit"]
    for good in (1, 100, None):
        assert (await person.ask(kind, limit=good, **named))["data"]


async def test_page_begins_at_items_of_the_thread_only(
    person: Person, new_person: NewPerson, storage: Storage
) -> None:
    thread, other = await person.say("one"), await person.say("two")
    stranger = new_person()
    theirs = await stranger.all_items(await stranger.say(script=adding("milk")))
    (elsewhere, _) = await person.all_items(other)
    # A turn without calls is none of the items.
    turn = next(
        one["id"]
        for one in await storage.turns(person.user_id)
        if str(one["conversation_id"]) == thread
    )
    wrong = [str(new_id()), str(turn), elsewhere["id"], thread, "", "x", "1' OR '1'='1", "a\0"]

    for after in [*wrong, *(one["id"] for one in theirs)]:
        for order in ("asc", "desc"):
            with pytest.raises(InvalidRequest) as refused:
                await person.ask("items.list", thread_id=thread, after=after, order=order)
            assert pointers(refused) == ["/params/after"]


async def test_page_of_threads_begins_at_threads_only(person: Person) -> None:
    thread = await person.say()
    (item, _) = await person.all_items(thread)

    for after in (item["id"], str(new_id()), "", "x", f"{thread}.", f"{thread}.-1", f"{thread}.x"):
        with pytest.raises(ConversationNotFound):
            await person.ask("threads.list", after=after)
    for forged in (f"{thread}.0", f"{thread}.{'9' * 17}", f"{new_id()}.1"):
        await person.ask("threads.list", after=forged)
