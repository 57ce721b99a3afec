"""Somebody with something to steal, and somebody who tries."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.conftest import NewUser
from tests.equipment.chat import User, answer, ask, say
from tests.equipment.simulator import Simulator, calls, text


@dataclass(frozen=True, slots=True)
class Treasure:
    """What one person has, and nobody else may learn of.

    secret: a word that stands in the message, the answer, the title and the task. key: the
    idempotency key of the turn that made them; `body` is what was answered.
    """

    owner: User
    secret: str
    key: str
    body: bytes
    conversation_id: str
    turn_id: str
    message_id: str
    task_id: str


@pytest.fixture(scope="package")
async def treasure(stack: Stack, simulator: Simulator, new_user: NewUser) -> Treasure:
    """A conversation with one turn, which made one task and was liked.

    One for all tests here: that nobody else can change it is what they are about.
    """
    owner = await new_user()
    secret, key = f"secret-{uuid4().hex}", str(uuid4())
    await simulator.script(
        secret,
        calls(("add_task", {"title": secret, "description": secret})),
        text(f"I will remember {secret}."),
    )
    response = await say(stack.urls.gateway, owner, f"remember {secret}", key=key)
    found = answer(response)
    (call,) = found["tool_calls"]
    liked = await ask(
        stack.urls.gateway,
        owner,
        "items.feedback",
        thread_id=found["conversation_id"],
        item_ids=[found["message_id"]],
        kind="positive",
    )
    assert answer(liked) == {}
    return Treasure(
        owner=owner,
        secret=secret,
        key=key,
        body=response.body,
        conversation_id=found["conversation_id"],
        turn_id=found["turn_id"],
        message_id=found["message_id"],
        task_id=call["output"]["task"]["id"],
    )


@pytest.fixture(scope="module")
async def stranger(new_user: NewUser) -> User:
    """Somebody with a good token and nothing else; tests that give him something take `bob`."""
    return await new_user()
