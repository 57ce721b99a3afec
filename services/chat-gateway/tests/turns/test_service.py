"""Turns from the inside: the order of law 7, conversations, failures."""

import asyncio
import json

import pytest
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import (
    ConversationNotFound,
    DeadlineExceeded,
    TurnInProgress,
)
from chat_gateway.turns.attempt import Attempt
from chat_gateway.turns.chat_answer import TurnAnswer
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from servicekit.identifiers import new_id

from ..equipment.requests import asking, conversation_of, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent, result, step
from ..equipment.storage import Storage

AT_ONCE = 20


class TestOrder:
    async def test_message_is_committed_before_the_agent_runs(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        gate, identity = Gate(), somebody()
        agent.script = gate
        turn = asyncio.create_task(service.answer(asking(identity, "buy milk")))
        await gate.reached.wait()

        assert await storage.messages(identity.user_id) == [("user", "buy milk")]
        (row,) = await storage.turns(identity.user_id)
        assert (row["state"], row["attempt"], row["answer"]) == ("running", 1, None)

        gate.opened.set()
        answer = await turn
        assert await storage.messages(identity.user_id) == [
            ("user", "buy milk"),
            ("assistant", "Done waiting."),
        ]
        (row,) = await storage.turns(identity.user_id)
        assert (row["state"], row["answer"], row["lease_expires_at"]) == (
            "completed",
            answer.body,
            None,
        )

    async def test_no_connection_is_held_while_the_agent_runs(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        gates = [Gate() for _ in range(AT_ONCE)]
        waiting = iter(gates)

        async def wait(context: TurnContext) -> str:
            return await next(waiting)(context)

        agent.script = wait
        turns = [asyncio.create_task(service.answer(asking(somebody()))) for _ in gates]
        await asyncio.gather(*(gate.reached.wait() for gate in gates))
        busy = await storage.rows(
            "SELECT state FROM pg_stat_activity WHERE usename = 'chat_gateway'"
            " AND state <> 'idle' AND datname = $1",
            storage.name,
        )
        assert busy == []
        for gate in gates:
            gate.opened.set()
        await asyncio.gather(*turns)

    async def test_agent_sees_what_was_said_before(
        self, service: TurnService, agent: ScriptedAgent
    ) -> None:
        identity = somebody()
        first = await service.answer(asking(identity, "one"))
        await service.answer(asking(identity, "two", conversation_id=conversation_of(first)))
        assert agent.histories[-1] == [
            HistoryMessage("user", "one"),
            HistoryMessage("assistant", "Hello!"),
            HistoryMessage("user", "two"),
        ]

    async def test_answer_says_what_is_stored(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        milk = result(0, "milk")

        async def add(context: TurnContext) -> str:
            await context.journal.record_step(step(0, "milk"))
            await context.journal.record_result(milk)
            return "Added milk."

        agent.script, identity = add, somebody()
        body = json.loads((await service.answer(asking(identity))).body)
        (turn,) = await storage.turns(identity.user_id)
        messages = await storage.rows(
            "SELECT * FROM chat.message WHERE user_id = $1 AND role = 'assistant'",
            identity.user_id,
        )
        assert body == {
            "conversation_id": str(turn["conversation_id"]),
            "turn_id": str(turn["id"]),
            "message_id": str(messages[0]["id"]),
            "response": "Added milk.",
            "tool_calls": [
                {
                    "id": str(milk.id),
                    "name": "add_task",
                    "arguments": {"title": "milk"},
                    "status": "ok",
                    "output": {"task": {"title": "milk"}},
                    "error": None,
                    "duration_ms": 1.5,
                }
            ],
            "created_at": messages[0]["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }


class TestConversations:
    async def test_conversation_of_a_stranger_is_not_found(self, service: TurnService) -> None:
        theirs = conversation_of(await service.answer(asking(somebody())))
        with pytest.raises(ConversationNotFound):
            await service.answer(asking(somebody(), conversation_id=theirs))

    async def test_unknown_conversation_is_not_found_and_leaves_nothing(
        self, service: TurnService, storage: Storage
    ) -> None:
        identity = somebody()
        with pytest.raises(ConversationNotFound):
            await service.answer(asking(identity, conversation_id=new_id()))
        for table in ("conversation", "message", "turn"):
            assert await storage.count(table, identity.user_id) == 0

    async def test_second_turn_of_a_conversation_is_refused_while_the_first_runs(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity)))
        gate = Gate()
        agent.script = gate
        turn = asyncio.create_task(
            service.answer(asking(identity, conversation_id=conversation_id))
        )
        await gate.reached.wait()
        with pytest.raises(TurnInProgress):
            await service.answer(asking(identity, "again", conversation_id=conversation_id))
        assert ("user", "again") not in await storage.messages(identity.user_id)
        gate.opened.set()
        await turn

    async def test_of_many_at_once_in_one_conversation_the_answered_ones_are_serial(
        self, service: TurnService, storage: Storage
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity)))
        outcomes = await asyncio.gather(
            *(
                service.answer(asking(identity, conversation_id=conversation_id))
                for _ in range(AT_ONCE)
            ),
            return_exceptions=True,
        )
        answered = [outcome for outcome in outcomes if isinstance(outcome, TurnAnswer)]
        assert answered
        assert all(
            isinstance(outcome, TurnInProgress) for outcome in outcomes if outcome not in answered
        )
        roles = [role for role, _ in await storage.messages(identity.user_id)]
        assert roles == ["user", "assistant"] * (len(answered) + 1)

    async def test_abandoned_turn_is_passed_over(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity)))
        gate = Gate()
        agent.script = gate
        dead = asyncio.create_task(
            service.answer(asking(identity, "dead", conversation_id=conversation_id, key="dead"))
        )
        await gate.reached.wait()
        await storage.abandon_turn(identity.user_id)
        agent.script = ScriptedAgent().script

        await service.answer(asking(identity, "alive", conversation_id=conversation_id))

        states = [(row["state"], row["failure"]) for row in await storage.turns(identity.user_id)]
        assert states == [
            ("completed", None),
            ("failed", '{"code": "lease_expired", "retryable": true}'),
            ("completed", None),
        ]
        gate.opened.set()
        with pytest.raises(TurnInProgress):
            await dead
        assert ("assistant", "Done waiting.") not in await storage.messages(identity.user_id)


class TestFailures:
    async def test_deadline_is_recorded_and_the_turn_can_be_resumed_at_once(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity = somebody()
        agent.script = Gate()
        with pytest.raises(DeadlineExceeded):
            await service.answer(asking(identity, key="key", seconds=0.5))
        (row,) = await storage.turns(identity.user_id)
        assert json.loads(row["failure"]) == {"code": "deadline_exceeded", "retryable": True}
        agent.script = ScriptedAgent().script
        assert not (await service.answer(asking(identity, key="key"))).replayed

    async def test_bug_of_the_agent_is_recorded_without_its_words(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        async def break_down(_: TurnContext) -> str:
            raise RuntimeError("a secret")

        identity = somebody()
        agent.script = break_down
        with pytest.raises(RuntimeError):
            await service.answer(asking(identity))
        (row,) = await storage.turns(identity.user_id)
        assert json.loads(row["failure"]) == {"code": "internal_error", "retryable": False}

    async def test_turn_that_is_cut_off_gives_its_lease_back(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity, gate = somebody(), Gate()
        agent.script = gate
        turn = asyncio.create_task(service.answer(asking(identity)))
        await gate.reached.wait()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        (row,) = await storage.turns(identity.user_id)
        assert json.loads(row["failure"]) == {"code": "interrupted", "retryable": True}

    async def test_turn_that_completed_cannot_be_failed_afterwards(
        self, service: TurnService, storage: Storage
    ) -> None:
        identity = somebody()
        await service.answer(asking(identity))
        (row,) = await storage.turns(identity.user_id)
        async with service.database.user_transaction(identity.user_id) as transaction:
            turns = TurnRepository(transaction)
            assert not await turns.fail(
                Attempt(row["id"], 1, lease_seconds=10), {"code": "late", "retryable": True}
            )
