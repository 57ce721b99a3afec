"""Turns that are asked for again: with the same key, after a failure, after a death."""

import asyncio
import json

import pytest
from chat_gateway.errors import (
    IdempotencyKeyReused,
    ModelUnavailable,
    TurnInProgress,
)
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService

from ..equipment.requests import asking, conversation_of, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent, result, step, unavailable
from ..equipment.storage import Storage

AT_ONCE = 20


async def test_twenty_at_once_with_one_key_and_a_new_conversation_are_one_turn(
    service: TurnService, storage: Storage
) -> None:
    identity = somebody()
    outcomes = await asyncio.gather(
        *(service.answer(asking(identity, key="key")) for _ in range(AT_ONCE)),
        return_exceptions=True,
    )
    answered = [outcome for outcome in outcomes if isinstance(outcome, TurnAnswer)]
    assert len({answer.body for answer in answered}) == 1
    assert [answer.replayed for answer in answered].count(False) == 1
    assert all(
        isinstance(outcome, TurnInProgress) for outcome in outcomes if outcome not in answered
    )
    assert await storage.count("conversation", identity.user_id) == 1
    assert await storage.count("message", identity.user_id) == 2
    assert await storage.count("turn", identity.user_id) == 1


async def test_key_of_another_body_is_refused_and_leaves_nothing(
    service: TurnService, storage: Storage
) -> None:
    identity = somebody()
    await service.answer(asking(identity, "one", key="key"))
    with pytest.raises(IdempotencyKeyReused):
        await service.answer(asking(identity, "two", key="key"))
    assert await storage.count("message", identity.user_id) == 2


async def test_same_key_of_two_people_is_two_turns(service: TurnService) -> None:
    first = await service.answer(asking(somebody(), key="key"))
    second = await service.answer(asking(somebody(), key="key"))
    assert not second.replayed
    assert first.body != second.body


async def test_completed_turn_is_replayed_without_the_agent(
    service: TurnService, agent: ScriptedAgent
) -> None:
    identity = somebody()
    first = await service.answer(asking(identity, key="key"))
    again = await service.answer(asking(identity, key="key"))
    assert (again.body, again.replayed) == (first.body, True)
    assert len(agent.contexts) == 1


async def test_failed_turn_goes_on_from_its_journal(
    service: TurnService, agent: ScriptedAgent, storage: Storage
) -> None:
    identity, milk = somebody(), result(0, "milk")

    async def fail_in_the_middle(context: TurnContext) -> str:
        await context.journal.record_step(step(0, "milk", "eggs"))
        await context.journal.record_result(milk)
        raise ModelUnavailable()

    agent.script = fail_in_the_middle
    with pytest.raises(ModelUnavailable):
        await service.answer(asking(identity, key="key"))
    (row,) = await storage.turns(identity.user_id)
    assert (row["state"], json.loads(row["failure"])) == (
        "failed",
        {"code": "model_unavailable", "retryable": True},
    )

    agent.script = ScriptedAgent().script
    answer = await service.answer(asking(identity, key="key"))

    journal = agent.contexts[-1].journal
    assert list(journal.steps) == [step(0, "milk", "eggs")]
    assert journal.result(0) == milk
    assert journal.result(1) is None
    assert journal.call("call_1").arguments == {"title": "eggs"}
    assert [call["id"] for call in json.loads(answer.body)["tool_calls"]] == [str(milk.id)]
    assert await storage.messages(identity.user_id) == [
        ("user", "hello"),
        ("assistant", "Hello!"),
    ]
    (row,) = await storage.turns(identity.user_id)
    assert (row["state"], row["attempt"], row["failure"]) == ("completed", 2, None)


async def test_resumed_turn_sees_the_history_as_it_was(
    service: TurnService, agent: ScriptedAgent
) -> None:
    identity = somebody()
    conversation_id = conversation_of(await service.answer(asking(identity, "one")))
    agent.script = unavailable
    with pytest.raises(ModelUnavailable):
        await service.answer(asking(identity, "two", conversation_id=conversation_id, key="two"))
    agent.script = ScriptedAgent().script
    await service.answer(asking(identity, "three", conversation_id=conversation_id))
    await service.answer(asking(identity, "two", conversation_id=conversation_id, key="two"))
    assert [message.content for message in agent.histories[-1]] == ["one", "Hello!", "two"]


async def test_abandoned_turn_is_taken_over_once(
    service: TurnService, agent: ScriptedAgent, storage: Storage
) -> None:
    identity, gate = somebody(), Gate()
    agent.script = gate
    dead = asyncio.create_task(service.answer(asking(identity, key="key")))
    await gate.reached.wait()
    await storage.abandon_turn(identity.user_id)
    agent.script = ScriptedAgent().script

    outcomes = await asyncio.gather(
        *(service.answer(asking(identity, key="key")) for _ in range(AT_ONCE)),
        return_exceptions=True,
    )

    answered = [outcome for outcome in outcomes if isinstance(outcome, TurnAnswer)]
    assert [answer.replayed for answer in answered].count(False) == 1
    gate.opened.set()
    with pytest.raises(TurnInProgress):
        await dead
    assert await storage.messages(identity.user_id) == [
        ("user", "hello"),
        ("assistant", "Hello!"),
    ]


async def test_attempt_that_lost_its_lease_records_nothing_more(
    service: TurnService, agent: ScriptedAgent, storage: Storage
) -> None:
    identity, gate = somebody(), Gate()

    async def record_after_the_gate(context: TurnContext) -> str:
        await gate(context)
        await context.journal.record_step(step(0, "milk"))
        return "never"

    agent.script = record_after_the_gate
    dead = asyncio.create_task(service.answer(asking(identity, key="key")))
    await gate.reached.wait()
    await storage.abandon_turn(identity.user_id)
    agent.script = ScriptedAgent().script
    await service.answer(asking(identity, key="key"))
    gate.opened.set()
    with pytest.raises(TurnInProgress):
        await dead
    (row,) = await storage.turns(identity.user_id)
    assert (row["steps"], row["state"]) == ("[]", "completed")
