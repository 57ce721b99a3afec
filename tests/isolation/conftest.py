"""Somebody with something to steal, and somebody who tries."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from devstack.stack import Stack

from tests.conftest import Newcomer
from tests.equipment.chat import Speaker, answer, say
from tests.equipment.simulator import Simulator, calls, text


@dataclass(frozen=True, slots=True)
class Treasure:
    """What one person has, and nobody else may learn of.

    secret: a word that stands in the message, the answer and the task. key: the idempotency key of
    the turn that made them; `body` is what was answered.
    """

    owner: Speaker
    secret: str
    key: str
    body: bytes
    conversation_id: str
    turn_id: str
    task_id: str


@pytest.fixture(scope="package")
async def treasure(stack: Stack, simulator: Simulator, newcomer: Newcomer) -> Treasure:
    """A conversation with one turn, which made one task.

    One for all tests here: that nobody else can change it is what they are about.
    """
    owner = await newcomer()
    secret, key = f"secret-{uuid4().hex}", str(uuid4())
    await simulator.script(
        secret,
        calls(("add_task", {"title": secret, "description": secret})),
        text(f"I will remember {secret}."),
    )
    response = await say(stack.urls.gateway, owner, f"remember {secret}", key=key)
    found = answer(response)
    (call,) = found["tool_calls"]
    return Treasure(
        owner=owner,
        secret=secret,
        key=key,
        body=response.body,
        conversation_id=found["conversation_id"],
        turn_id=found["turn_id"],
        task_id=call["output"]["task"]["id"],
    )


@pytest.fixture(scope="module")
async def stranger(newcomer: Newcomer) -> Speaker:
    """Somebody with a good token and nothing else; tests that give him something take `bob`."""
    return await newcomer()
