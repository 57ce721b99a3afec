"""The whole loop of the agent, from the person's message to its text."""

from typing import Any

import orjson
from chat_gateway.agent.run import TaskAgent
from chat_gateway.conversations.history import HistoryMessage
from prometheus_client import CollectorRegistry

from ..equipment.gemini import ScriptedGemini, asks, fails, says, signature
from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.turns import USER, MemoryJournal, turn


class TestTheLoop:
    async def test_the_model_calls_a_tool_and_answers(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "buy milk"})), says("Added.\n"))

        answer = await agent.run(turn(journal), [], "add a task to buy milk")

        assert answer == "Added."
        (step,) = journal.steps
        assert [call.arguments for call in step.calls] == [{"title": "buy milk"}]
        (result,) = journal.results
        assert (result.status, result.output) == ("ok", {"task": {"title": "buy milk"}})
        (call,) = tools.calls
        assert call["arguments"] == {"title": "buy milk", "user_id": str(USER)}

    async def test_the_model_reads_the_output_as_a_string_and_its_signature_comes_back(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})), says("ok"))

        await agent.run(turn(), [], "add a and b")

        *_, assistant, first, second = gemini.requests[1]["messages"]
        assert [call["id"] for call in assistant["tool_calls"]] == ["call_0", "call_1"]
        signed = [call.get("extra_content") for call in assistant["tool_calls"]]
        expected = signature("add_task", '{"title":"a"}')
        assert signed == [{"google": {"thought_signature": expected}}, None]
        assert first == {
            "role": "tool",
            "tool_call_id": "call_0",
            "content": '{"task":{"title":"a"}}',
        }
        assert second["tool_call_id"] == "call_1"

    async def test_a_tool_error_is_told_to_the_model_with_code_and_words(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        async def not_found(params: dict[str, Any]) -> Any:
            return failed("not_found", "No task with this id; call list_tasks.")

        tools.answer = not_found
        journal = MemoryJournal()
        gemini.will(asks(("complete_task", {"task_id": "x"})), says("There is no such task."))

        await agent.run(turn(journal), [], "complete x")

        shown = gemini.requests[1]["messages"][-1]["content"]
        assert orjson.loads(shown) == {
            "error": {"code": "not_found", "message": "No task with this id; call list_tasks."}
        }
        assert journal.results[0].error is not None
        assert journal.results[0].output is None

    async def test_history_comes_before_the_message_and_the_time_into_the_instructions(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(says("Hello again."))
        history = [HistoryMessage("user", "hi"), HistoryMessage("assistant", "Hello.")]

        await agent.run(turn(time_zone="Asia/Karachi"), history, "hi again")

        system, *rest = gemini.requests[0]["messages"]
        assert (
            "Saturday, 21 November 2026, 14:30 in the person's time zone, Asia/Karachi"
            in (system["content"])
        )
        assert [(m["role"], m["content"]) for m in rest] == [
            ("user", "hi"),
            ("assistant", "Hello."),
            ("user", "hi again"),
        ]

    async def test_the_model_sees_five_tools_without_user_id(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(says("Hello."))

        await agent.run(turn(), [], "hi")

        shown = gemini.requests[0]["tools"]
        assert len(shown) == 5
        assert "user_id" not in orjson.dumps(shown).decode()
        assert "$" not in orjson.dumps(shown).decode()

    async def test_a_model_that_names_a_user_still_acts_for_the_person(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal = MemoryJournal()
        stranger = {"title": "x", "user_id": "01980000-0000-7000-8000-00000000beef"}
        gemini.will(asks(("add_task", stranger)), says("ok"))

        await agent.run(turn(journal), [], "add x")

        assert tools.calls[0]["arguments"]["user_id"] == str(USER)
        assert journal.results[0].arguments == {"title": "x"}
        # The model's own words go back to it unchanged: its signature covers them.
        replayed = gemini.requests[1]["messages"][-2]["tool_calls"][0]["function"]["arguments"]
        assert orjson.loads(replayed) == stranger


class TestWhatTheToolsAreTold:
    async def test_each_call_has_token_key_conversation_and_start_of_the_turn(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        context = turn()
        gemini.will(asks(("add_task", {"title": "a"})))
        gemini.will(asks(("add_task", {"title": "b"})), says("ok"))

        await agent.run(context, [], "a, then b")

        headers = tools.headers[-1]
        assert headers["authorization"] == "Bearer the.persons.token"
        assert headers["turn-started-at"] == "1795253400.000"
        assert (headers["mcp-method"], headers["mcp-name"]) == ("tools/call", "add_task")
        assert headers["mcp-protocol-version"] == "2026-07-28"
        assert [call["_meta"]["taskchat/idempotency-key"] for call in tools.calls] == [
            {"turn_id": str(context.turn_id), "ordinal": 0},
            {"turn_id": str(context.turn_id), "ordinal": 1},
        ]
        meta = tools.calls[0]["_meta"]
        assert meta["taskchat/conversation-id"] == str(context.conversation_id)
        assert meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"


async def test_requests_tokens_and_calls_are_counted(
    agent: TaskAgent, gemini: ScriptedGemini, registry: CollectorRegistry
) -> None:
    gemini.will(fails(503), asks(("add_task", {"title": "a"})), says(None), says("ok"))

    context = turn()
    await agent.run(context, [], "a")

    usage = context.usage
    assert (usage.model_calls, usage.input_tokens, usage.output_tokens) == (4, 21, 9)
    assert usage.model_seconds > 0

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    model = "gemini-flash-latest"
    assert value("taskchat_model_retries_total", gen_ai_request_model=model, reason="nonsense") == 1
    first_bytes = "taskchat_model_time_to_first_token_seconds_count"
    assert value(first_bytes, gen_ai_request_model=model) == 3
    asked = "gen_ai_client_operation_duration_seconds_count"
    assert value(asked, gen_ai_request_model=model, outcome="ok") == 3
    assert value(asked, gen_ai_request_model=model, outcome="model_unavailable") == 1
    tokens = "gen_ai_client_token_usage_sum"
    assert value(tokens, gen_ai_request_model=model, gen_ai_token_type="input") == 21
    assert value("taskchat_model_nonsense_total", reason="empty_answer") == 1
    assert value("taskchat_tool_call_duration_seconds_count", tool="add_task", outcome="ok") == 1
