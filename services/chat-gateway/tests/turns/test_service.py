"""Turns from the inside: the order of law 7, and what a retry finds."""

import asyncio
import json
from uuid import UUID

import pytest
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import (
    ConversationNotFound,
    DeadlineExceeded,
    IdempotencyKeyReused,
    ModelUnavailable,
    TurnInProgress,
)
from chat_gateway.turns.answer import TurnAnswer
from chat_gateway.turns.repository import TurnRepository
from chat_gateway.turns.runner import TurnContext
from chat_gateway.turns.service import TurnService
from servicekit.identifiers import new_id

from ..equipment.requests import asking, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent, result, step
from ..equipment.storage import Storage

AT_ONCE = 20


def conversation_of(answer: TurnAnswer) -> UUID:
    return UUID(json.loads(answer.body)["conversation_id"])


async def unavailable(_: TurnContext) -> str:
    raise ModelUnavailable()


async def abandon(service: TurnService, storage: Storage, user_id: UUID) -> None:
    """Let a person's running turn look as if its process had died long ago."""
    await storage.rows(
        "UPDATE chat.turn SET lease_expires_at = clock_timestamp() - interval '1 second'"
        " WHERE user_id = $1 AND state = 'running'",
        user_id,
    )


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
        await abandon(service, storage, identity.user_id)
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


class TestRetries:
    async def test_twenty_at_once_with_one_key_and_a_new_conversation_are_one_turn(
        self, service: TurnService, storage: Storage
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
        self, service: TurnService, storage: Storage
    ) -> None:
        identity = somebody()
        await service.answer(asking(identity, "one", key="key"))
        with pytest.raises(IdempotencyKeyReused):
            await service.answer(asking(identity, "two", key="key"))
        assert await storage.count("message", identity.user_id) == 2

    async def test_same_key_of_two_people_is_two_turns(self, service: TurnService) -> None:
        first = await service.answer(asking(somebody(), key="key"))
        second = await service.answer(asking(somebody(), key="key"))
        assert not second.replayed
        assert first.body != second.body

    async def test_completed_turn_is_replayed_without_the_agent(
        self, service: TurnService, agent: ScriptedAgent
    ) -> None:
        identity = somebody()
        first = await service.answer(asking(identity, key="key"))
        again = await service.answer(asking(identity, key="key"))
        assert (again.body, again.replayed) == (first.body, True)
        assert len(agent.contexts) == 1

    async def test_failed_turn_goes_on_from_its_journal(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
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
        self, service: TurnService, agent: ScriptedAgent
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity, "one")))
        agent.script = unavailable
        with pytest.raises(ModelUnavailable):
            await service.answer(
                asking(identity, "two", conversation_id=conversation_id, key="two")
            )
        agent.script = ScriptedAgent().script
        await service.answer(asking(identity, "three", conversation_id=conversation_id))
        await service.answer(asking(identity, "two", conversation_id=conversation_id, key="two"))
        assert [message.content for message in agent.histories[-1]] == ["one", "Hello!", "two"]

    async def test_abandoned_turn_is_taken_over_once(
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity, gate = somebody(), Gate()
        agent.script = gate
        dead = asyncio.create_task(service.answer(asking(identity, key="key")))
        await gate.reached.wait()
        await abandon(service, storage, identity.user_id)
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
        self, service: TurnService, agent: ScriptedAgent, storage: Storage
    ) -> None:
        identity, gate = somebody(), Gate()

        async def record_after_the_gate(context: TurnContext) -> str:
            await gate(context)
            await context.journal.record_step(step(0, "milk"))
            return "never"

        agent.script = record_after_the_gate
        dead = asyncio.create_task(service.answer(asking(identity, key="key")))
        await gate.reached.wait()
        await abandon(service, storage, identity.user_id)
        agent.script = ScriptedAgent().script
        await service.answer(asking(identity, key="key"))
        gate.opened.set()
        with pytest.raises(TurnInProgress):
            await dead
        (row,) = await storage.turns(identity.user_id)
        assert (row["steps"], row["state"]) == ("[]", "completed")


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
            turns = TurnRepository(transaction, identity.user_id)
            assert not await turns.fail(row["id"], 1, {"code": "late", "retryable": True})
