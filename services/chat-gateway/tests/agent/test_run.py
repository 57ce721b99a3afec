"""The whole loop of the agent, from the person's message to its text."""

import asyncio
from typing import Any

import orjson
import pytest
from aiohttp import web
from chat_gateway.agent.run import TaskAgent
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import (
    DeadlineExceeded,
    ModelError,
    ModelUnavailable,
    ToolsUnavailable,
)
from chat_gateway.turns.journal import LeaseLost, ToolResult

from ..equipment.gemini import Reply, ScriptedGemini, asks, fails, says, signature
from ..equipment.mcp_tools import ScriptedTools, done, failed
from ..equipment.turns import USER, MemoryJournal, turn


class TestTheLoop:
    async def test_the_model_calls_a_tool_and_answers(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "buy milk"})), says("Added."))

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
            "content": '{"task": {"title": "a"}}',
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


class TestNonsense:
    @pytest.mark.parametrize(
        "nonsense",
        [
            asks(("drop_table", {})),
            asks(("add_task", "not json")),
            asks(("add_task", "[1]")),
            asks(("add_task", '{"title": NaN}')),
            asks(("add_task", '{"title": "a\\u0000b"}')),
            asks(("add_task", '{"title": "\\ud800"}')),
            asks(*[("add_task", {"title": "again"})] * 33),
            says(None),
            says("  \n"),
            says("a\0b"),
            Reply(b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
            Reply(b"<html>surely not</html>", content_type="text/html"),
            Reply(b"{not json"),
            Reply(b"[]"),
            Reply(b"{}"),
            Reply(b'{"choices": []}'),
            Reply(b'{"choices": [{"message": null}]}'),
            Reply(b'{"choices": [{"message": {"tool_calls": [{"type": "function"}]}}]}'),
            Reply(b'{"choices": [{"finish_reason": "length", "message": {"role": "assistant"}}]}'),
        ],
    )
    async def test_nonsense_is_asked_again_once_and_never_recorded(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        tools: ScriptedTools,
        nonsense: Reply,
    ) -> None:
        journal = MemoryJournal()
        gemini.will(nonsense, says("Here I am."))

        assert await agent.run(turn(journal), [], "hi") == "Here I am."
        assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 2)

        gemini.will(nonsense, nonsense)
        with pytest.raises(ModelError):
            await agent.run(turn(journal), [], "hi")
        assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 4)

    async def test_a_refusal_is_not_asked_again(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(says(None, refusal="I will not."))

        with pytest.raises(ModelError):
            await agent.run(turn(), [], "hi")
        assert len(gemini.requests) == 1

    async def test_a_model_that_never_ends_is_a_model_error(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(*[asks(("list_tasks", {}))] * 4)

        with pytest.raises(ModelError):
            await agent.run(turn(), [], "hi")
        assert len(gemini.requests) == 4


class TestModelFailures:
    @pytest.mark.parametrize("status", [429, 500])
    async def test_a_passing_failure_is_asked_again(
        self, agent: TaskAgent, gemini: ScriptedGemini, status: int
    ) -> None:
        gemini.will(fails(status), Reply(b'{"choi', cut=True), says("Here I am."))

        assert await agent.run(turn(), [], "hi") == "Here I am."

    async def test_three_failures_are_model_unavailable(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(*[fails(503)] * 3)

        with pytest.raises(ModelUnavailable):
            await agent.run(turn(), [], "hi")
        assert len(gemini.requests) == 3

    @pytest.mark.parametrize(
        "reply", [fails(429, retry_after=60), fails(429, retryDelay="60s")], ids=["header", "body"]
    )
    async def test_a_wait_beyond_the_deadline_is_handed_to_the_client(
        self, agent: TaskAgent, gemini: ScriptedGemini, reply: Reply
    ) -> None:
        gemini.will(reply)

        with pytest.raises(ModelUnavailable) as raised:
            await agent.run(turn(), [], "hi")
        assert raised.value.retry_after_seconds == 60
        assert len(gemini.requests) == 1

    @pytest.mark.parametrize(
        "reply", [fails(400, reason="API_KEY_INVALID"), fails(401), fails(403), fails(404)]
    )
    async def test_a_refused_request_is_an_error_that_somebody_must_act_on(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        reply: Reply,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        gemini.will(reply)

        with pytest.raises(ModelError):
            await agent.run(turn(), [], "hi")
        (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
        assert record.message == "model refused our request"
        assert "secret" not in str(vars(record))

    async def test_no_server_at_all_is_model_unavailable(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.will(*[Reply(b"", cut=True)] * 3)

        with pytest.raises(ModelUnavailable):
            await agent.run(turn(), [], "hi")

    async def test_a_model_that_hangs_ends_at_the_deadline(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        gemini.may_answer.clear()

        with pytest.raises(DeadlineExceeded):
            await agent.run(turn(seconds=0.3), [], "hi")


class TestToolFailures:
    async def test_a_lost_answer_is_asked_again_with_the_same_key(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        attempts = 0

        async def flaky(params: dict[str, Any]) -> Any:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                return web.Response(status=503)
            return failed("unavailable") if attempts == 2 else done({"task": {}})

        tools.answer = flaky
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "a"})), says("ok"))

        await agent.run(turn(journal), [], "a")

        assert len({orjson.dumps(call["_meta"]) for call in tools.calls}) == 1
        assert [result.status for result in journal.results] == ["ok"]

    @pytest.mark.parametrize("status", [401, 403, 404, 422])
    async def test_a_refused_call_fails_the_turn_and_is_logged_as_an_error(
        self,
        agent: TaskAgent,
        gemini: ScriptedGemini,
        tools: ScriptedTools,
        status: int,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def refuse(params: dict[str, Any]) -> Any:
            return web.Response(status=status)

        tools.answer = refuse
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "a"})))

        with pytest.raises(ToolsUnavailable):
            await agent.run(turn(journal), [], "a")

        assert len(tools.calls) == 1
        assert journal.results == []
        assert [one.name for one in caplog.records if one.levelname == "ERROR"] == [
            "chat_gateway.tools.facade"
        ]

    async def test_unavailable_three_times_fails_the_turn_and_records_no_result(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        async def unavailable(params: dict[str, Any]) -> Any:
            return failed("unavailable")

        tools.answer = unavailable
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "a"})))

        with pytest.raises(ToolsUnavailable):
            await agent.run(turn(journal), [], "a")
        assert (len(tools.calls), len(journal.steps), journal.results) == (3, 1, [])

    async def test_when_one_call_fails_its_siblings_have_ended_too(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        other_runs = asyncio.Event()

        async def answer(params: dict[str, Any]) -> Any:
            if params["arguments"]["title"] == "hangs":
                other_runs.set()
                await asyncio.Event().wait()
            await other_runs.wait()
            return web.Response(status=400)

        tools.answer = answer
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "hangs"}), ("add_task", {"title": "fails"})))

        before = asyncio.all_tasks()
        with pytest.raises(ToolsUnavailable):
            await agent.run(turn(journal), [], "both")
        await ended(tools)
        assert journal.results == []
        assert_nothing_runs_on(before)

    async def test_a_hanging_tool_ends_at_the_deadline_and_nothing_runs_on(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        async def hang(params: dict[str, Any]) -> Any:
            await asyncio.Event().wait()

        tools.answer = hang
        gemini.will(asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})))

        before = asyncio.all_tasks()
        with pytest.raises(DeadlineExceeded):
            await agent.run(turn(seconds=0.5), [], "a")
        await ended(tools)
        assert_nothing_runs_on(before)

    async def test_a_call_that_is_being_recorded_has_ended_when_the_run_has(
        self, agent: TaskAgent, gemini: ScriptedGemini
    ) -> None:
        journal = SlowJournal()
        gemini.will(asks(("add_task", {"title": "a"})))

        with pytest.raises(DeadlineExceeded):
            await agent.run(turn(journal, seconds=0.3), [], "a")
        assert journal.began
        assert journal.rolled_back

    async def test_a_cancelled_turn_leaves_no_call_behind(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        async def hang(params: dict[str, Any]) -> Any:
            await asyncio.Event().wait()

        tools.answer = hang
        gemini.will(asks(("add_task", {"title": "a"})))
        before = asyncio.all_tasks()
        running = asyncio.create_task(agent.run(turn(), [], "a"))
        async with asyncio.timeout(5):
            while not tools.calls:
                tools.asked.clear()
                await tools.asked.wait()

        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await ended(tools)
        assert_nothing_runs_on(before)


class TestReplay:
    async def test_recorded_steps_and_results_are_not_asked_for_again(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal, first = MemoryJournal(), turn()
        context = turn(journal, turn_id=first.turn_id)
        gemini.will(asks(("add_task", {"title": "a"}), ("list_tasks", {}), text="Let me see."))
        gemini.will(asks(("list_tasks", {"status": "all"})), fails(400))
        with pytest.raises(ModelError):
            await agent.run(context, [], "add a, then list")
        died_after = gemini.requests[-1]["messages"]

        gemini.will(says("Done."))
        again = turn(journal, turn_id=first.turn_id)
        assert await agent.run(again, [], "add a, then list") == "Done."

        assert len(tools.calls) == 3
        assert len(gemini.requests) == 4
        assert gemini.requests[-1]["messages"] == died_after

    async def test_a_call_without_a_result_is_made_with_its_old_ordinal(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal = MemoryJournal()
        gemini.will(asks(("add_task", {"title": "a"}), ("add_task", {"title": "b"})), fails(400))
        with pytest.raises(ModelError):
            await agent.run(turn(journal), [], "a and b")
        del journal.recorded[1]

        gemini.will(says("Done."))
        await agent.run(turn(journal), [], "a and b")

        assert len(tools.calls) == 3
        assert tools.calls[-1]["arguments"]["title"] == "b"
        assert tools.calls[-1]["_meta"]["taskchat/idempotency-key"]["ordinal"] == 1

    async def test_a_lost_lease_stops_the_turn_before_any_tool_runs(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        gemini.will(asks(("add_task", {"title": "a"})))

        with pytest.raises(LeaseLost):
            await agent.run(turn(MemoryJournal(lost=True)), [], "a")
        assert tools.calls == []

    async def test_a_lease_lost_while_a_tool_ran_stops_the_turn(
        self, agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools
    ) -> None:
        journal = MemoryJournal()

        async def lose(params: dict[str, Any]) -> Any:
            journal.lost = True
            return done({"task": {}})

        tools.answer = lose
        gemini.will(asks(("add_task", {"title": "a"})))

        with pytest.raises(LeaseLost):
            await agent.run(turn(journal), [], "a")
        assert len(gemini.requests) == 1


class SlowJournal(MemoryJournal):
    """Waits for a lock until it is cut off, and then takes its time to roll back."""

    began = False
    rolled_back = False

    async def record_result(self, result: ToolResult) -> None:
        self.began = True
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self.rolled_back = True


async def ended(tools: ScriptedTools) -> None:
    """Wait until the tools' side has seen every call end."""
    async with asyncio.timeout(2):
        await tools.idle.wait()


def assert_nothing_runs_on(before: set[asyncio.Task[Any]]) -> None:
    """No task of the run is left; the servers' own connections may be."""
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    names = [getattr(task.get_coro(), "__qualname__", "?") for task in left]
    assert [name for name in names if not name.startswith("RequestHandler")] == []
