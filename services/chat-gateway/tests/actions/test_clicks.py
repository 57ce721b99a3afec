"""Clicks from the inside: one call, one turn, no message, no model."""

import asyncio
import json
import logging
from typing import Any

import pytest
from chat_gateway.actions.clicks import ClickService
from chat_gateway.errors import ConversationNotFound
from chat_gateway.turns.service import TurnService
from prometheus_client import CollectorRegistry
from servicekit.identifiers import new_id

from ..equipment.mcp_tools import ScriptedTools, done, failed
from ..equipment.requests import asking, clicking, conversation_of, somebody
from ..equipment.scripted_agent import Gate, ScriptedAgent
from ..equipment.storage import Storage
from ..equipment.waiting import wait_until

AT_ONCE = 20
KEY = "taskchat/idempotency-key"


class TestOneClick:
    async def test_is_one_call_in_one_turn_without_message_or_conversation(
        self, clicks: ClickService, tools: ScriptedTools, storage: Storage
    ) -> None:
        identity = somebody()

        answer = await clicks.answer(clicking(identity))

        (row,) = await storage.turns(identity.user_id)
        (call,) = tools.calls
        assert call["arguments"] == {"title": "milk", "user_id": str(identity.user_id)}
        assert call["_meta"][KEY] == {"turn_id": str(row["id"]), "ordinal": 0}
        assert "taskchat/conversation-id" not in call["_meta"]
        assert (row["state"], row["answer"]) == ("completed", answer.body)
        assert (row["conversation_id"], row["user_message_id"]) == (None, None)
        assert await storage.count("message", identity.user_id) == 0
        assert await storage.count("conversation", identity.user_id) == 0
        body = json.loads(answer.body)
        assert body == {
            "conversation_id": None,
            "turn_id": str(row["id"]),
            "tool_call": {
                "id": json.loads(row["tool_results"])["0"]["id"],
                "name": "add_task",
                "arguments": {"title": "milk"},
                "status": "ok",
                "output": {"task": {"title": "milk"}},
                "error": None,
                "duration_ms": 1.5,
            },
        }

    async def test_is_recorded_before_the_call_is_made(
        self, clicks: ClickService, tools: ScriptedTools, storage: Storage
    ) -> None:
        identity = somebody()
        seen: list[dict[str, Any]] = []

        async def look(_: dict[str, Any]) -> Any:
            seen.extend(await storage.turns(identity.user_id))
            return done({"task": {"title": "milk"}})

        tools.answer = look
        await clicks.answer(clicking(identity))

        (row,) = seen
        (step,) = json.loads(row["steps"])
        assert (row["state"], json.loads(row["tool_results"])) == ("running", {})
        assert [(call["name"], call["arguments"]) for call in step["calls"]] == [
            ("add_task", {"title": "milk"})
        ]

    async def test_names_the_conversation_that_it_is_about(
        self, clicks: ClickService, service: TurnService, tools: ScriptedTools, storage: Storage
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity)))

        answer = await clicks.answer(clicking(identity, conversation_id=conversation_id))

        assert json.loads(answer.body)["conversation_id"] == str(conversation_id)
        assert tools.calls[0]["_meta"]["taskchat/conversation-id"] == str(conversation_id)
        (_, row) = await storage.turns(identity.user_id)
        assert row["conversation_id"] == conversation_id

    async def test_error_of_the_tool_is_its_answer(
        self, clicks: ClickService, tools: ScriptedTools, storage: Storage
    ) -> None:
        async def refuse(_: dict[str, Any]) -> Any:
            return failed("not_found", "There is no such task.")

        tools.answer, identity = refuse, somebody()

        answer = await clicks.answer(clicking(identity, key="key"))

        call = json.loads(answer.body)["tool_call"]
        assert (call["status"], call["output"]) == ("error", None)
        assert call["error"] == {"code": "not_found", "message": "There is no such task."}
        assert (await storage.turns(identity.user_id))[0]["state"] == "completed"
        again = await clicks.answer(clicking(identity, key="key"))
        assert (again.body, again.replayed) == (answer.body, True)

    @pytest.mark.parametrize("theirs", [True, False])
    async def test_conversation_of_a_stranger_looks_like_none_and_leaves_nothing(
        self,
        clicks: ClickService,
        service: TurnService,
        tools: ScriptedTools,
        storage: Storage,
        theirs: bool,
    ) -> None:
        other = conversation_of(await service.answer(asking(somebody()))) if theirs else new_id()
        identity = somebody()
        with pytest.raises(ConversationNotFound):
            await clicks.answer(clicking(identity, conversation_id=other))
        assert await storage.count("turn", identity.user_id) == 0
        assert tools.calls == []


class TestBesideTurns:
    async def test_running_turn_does_not_hold_a_click_up(
        self,
        clicks: ClickService,
        service: TurnService,
        agent: ScriptedAgent,
        storage: Storage,
    ) -> None:
        identity, gate = somebody(), Gate()
        conversation_id = conversation_of(await service.answer(asking(identity)))
        agent.script = gate
        turn = asyncio.create_task(
            service.answer(asking(identity, conversation_id=conversation_id, seconds=60))
        )
        await gate.reached.wait()

        await clicks.answer(clicking(identity, conversation_id=conversation_id))

        gate.opened.set()
        await turn
        states = [row["state"] for row in await storage.turns(identity.user_id)]
        assert states == ["completed"] * 3

    async def test_running_click_holds_up_neither_a_turn_nor_another_click(
        self, clicks: ClickService, service: TurnService, tools: ScriptedTools, storage: Storage
    ) -> None:
        identity, may_end = somebody(), asyncio.Event()
        conversation_id = conversation_of(await service.answer(asking(identity)))

        async def hold(params: dict[str, Any]) -> Any:
            if params["arguments"]["title"] == "slow":
                await may_end.wait()
            return done({"task": {}})

        tools.answer = hold
        slow = asyncio.create_task(
            clicks.answer(clicking(identity, {"title": "slow"}, conversation_id=conversation_id))
        )

        async def held() -> bool:
            return bool(tools.calls)

        await wait_until("the first click's call is made", held)

        await service.answer(asking(identity, conversation_id=conversation_id))
        await clicks.answer(clicking(identity, {"title": "x"}, conversation_id=conversation_id))

        assert not slow.done()
        may_end.set()
        await slow

    async def test_many_at_once_are_as_many_calls(
        self, clicks: ClickService, tools: ScriptedTools, storage: Storage
    ) -> None:
        identity = somebody()
        await asyncio.gather(
            *(clicks.answer(clicking(identity, {"title": str(n)})) for n in range(AT_ONCE))
        )
        assert {call["arguments"]["title"] for call in tools.calls} == set(map(str, range(AT_ONCE)))
        assert await storage.count("turn", identity.user_id) == AT_ONCE

    async def test_model_is_not_told_of_clicks(
        self, clicks: ClickService, service: TurnService, agent: ScriptedAgent
    ) -> None:
        identity = somebody()
        conversation_id = conversation_of(await service.answer(asking(identity, "one")))
        await clicks.answer(clicking(identity, conversation_id=conversation_id))
        await service.answer(asking(identity, "two", conversation_id=conversation_id))
        assert [one.content for one in agent.histories[-1]] == ["one", "Hello!", "two"]


class TestObservation:
    async def test_clicks_are_counted_apart_from_turns(
        self, clicks: ClickService, tools: ScriptedTools, registry: CollectorRegistry
    ) -> None:
        async def refuse(_: dict[str, Any]) -> Any:
            return failed("not_found")

        await clicks.answer(clicking(somebody()))
        tools.answer = refuse
        await clicks.answer(clicking(somebody()))

        def counted(outcome: str) -> float | None:
            labels = {"action": "tasks.add", "outcome": outcome}
            return registry.get_sample_value("taskchat_click_duration_seconds_count", labels)

        assert (counted("completed"), counted("not_found")) == (1, 1)
        turns = registry.get_sample_value(
            "taskchat_turn_duration_seconds_count", {"outcome": "completed"}
        )
        assert turns == 0

    async def test_each_click_ends_in_one_line(
        self, clicks: ClickService, caplog: pytest.LogCaptureFixture
    ) -> None:
        identity = somebody()
        with caplog.at_level(logging.INFO):
            await clicks.answer(clicking(identity))
        (line,) = [one for one in caplog.records if one.message == "turn ended"]
        told = vars(line)
        assert (told["action"], told["outcome"], told["tool_calls"]) == (
            "tasks.add",
            "completed",
            1,
        )
        assert (told["model_calls"], told["conversation_id"]) == (0, None)
