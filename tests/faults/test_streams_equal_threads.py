"""What is streamed is what is read again, whatever the model does meanwhile.

`TASKCHAT_STREAMED_TURNS` sets how many turns are run, `TASKCHAT_SEED` which ones.
"""

import asyncio
import os
from collections.abc import Sequence
from random import Random
from uuid import uuid4

import httpx2
from devstack.chatkit.client import ChatKitClient
from devstack.chatkit.requests import JsonObject, list_threads, say
from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User
from tests.equipment.chatkit import (
    CheckedView,
    chatkit,
    expect_stored_as_streamed,
    open_http,
    run_until_answered,
)
from tests.equipment.simulator import Simulator

TURNS = int(os.environ.get("TASKCHAT_STREAMED_TURNS", "40"))
SEED = int(os.environ.get("TASKCHAT_SEED", "0")) or Random().randrange(1, 2**31)
PEOPLE = 8
FAULTS: Sequence[JsonObject] = (
    {},
    {"kind": "cut", "after_events": 0},
    {"kind": "cut", "after_events": 1},
    {"kind": "cut", "after_events": 2},
    {"kind": "cut", "after_events": 3},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after_seconds": 0.1},
    {"kind": "garbage", "variant": "not_json"},
    {"kind": "garbage", "variant": "empty_message"},
    {"kind": "stream", "shapes": ["text_before"]},
    {"kind": "stream", "shapes": ["equal_indices", "signature_apart"]},
    {"kind": "stream", "shapes": ["one_piece"], "words": 1},
    {"kind": "broken_stream", "variant": "ends_in_text"},
    {"kind": "broken_stream", "variant": "ends_in_arguments"},
    {"kind": "broken_stream", "variant": "error", "after_events": 2},
    {"kind": "broken_stream", "variant": "garbage"},
    {"kind": "unknown_tool"},
    {"kind": "malformed_arguments"},
    {"kind": "wrong_id"},
)
"""What happens to one of a turn's model calls; the first: nothing."""


def something_to_say(dice: Random, said: int) -> str:
    """A message of a person who has said so many before."""
    word, other = (f"errand {dice.randrange(3)}" for _ in range(2))
    return dice.choice(
        [
            f"add a task to run {word}",
            f"add three tasks: run {word}, buy milk and call mom",
            "what is on my list?",
            f"mark run {word} as done",
            f"delete run {word}",
            f"rename run {word} to walk {other}",
            "hello" if said else "thank you",
        ]
    )


async def converse(
    client: ChatKitClient, simulator: Simulator, dice: Random, turns: int
) -> CheckedView:
    """Say so many things in one conversation, each with a fault; look at it after each."""
    view, word = CheckedView(), f"w{uuid4().hex[:12]}"
    for number in range(turns):
        fault = dice.choice(FAULTS)
        if fault:
            step = dice.randrange(3)
            # The first message has a word that stays in every request of this conversation.
            await simulator.order({**fault, "anywhere": word, "step": step})
        message = something_to_say(dice, number) if number else f"add a task to file {word}"
        await run_until_answered(client, say(message, view.thread_id), view, key=str(uuid4()))
        assert view.corrected == [], "an answer ended as something else than was shown"
        await expect_stored_as_streamed(client, view)
    return view


async def test_thread_read_again_is_what_was_streamed(
    stack: Stack, simulator: Simulator, new_user: NewUser
) -> None:
    print(f"TASKCHAT_SEED={SEED}")
    people = [await new_user() for _ in range(PEOPLE)]

    turns_each = max(1, TURNS // PEOPLE)

    async def talk(number: int, user: User, http: httpx2.AsyncClient) -> CheckedView:
        client = chatkit(stack.urls.gateway, user, http)
        return await converse(client, simulator, Random(f"{SEED}:{number}"), turns_each)

    async with open_http() as http:
        views = await asyncio.gather(
            *(talk(number, user, http) for number, user in enumerate(people))
        )

    ids = [item_id for view in views for item_id in view.items]
    assert len(ids) == len(set(ids)), "two items share an id"
    for user, view in zip(people, views, strict=True):
        page = await chatkit(stack.urls.gateway, user).ask(list_threads())
        assert [thread["id"] for thread in page["data"]] == [view.thread_id]
