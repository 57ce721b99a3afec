"""Answers of the model that cannot be used."""

import pytest
from chat_gateway.agent.run import TaskAgent
from chat_gateway.conversations.history import HistoryMessage
from chat_gateway.errors import ModelError, ModelRefused
from prometheus_client import CollectorRegistry

from ..equipment.gemini import Reply, ScriptedGemini, asks, says
from ..equipment.mcp_tools import ScriptedTools
from ..equipment.turns import MemoryJournal, turn


@pytest.mark.parametrize(
    "nonsense",
    [
        asks(*[("add_task", {"title": "again"})] * 1001),
        asks(("add_task", {"title": "half"}), finish_reason="length"),
        asks(("add_task", {}), finish_reason="function_call_filter: MALFORMED_FUNCTION_CALL"),
        asks(("add_task", {"title": "x"}), finish_reason="content_filter"),
        says("Your tasks are: milk, eg", finish_reason="length"),
        says("A few words", finish_reason="content_filter: SAFETY"),
        says("\u200b"),
        says('```tool_code\nprint(default_api.add_task(title="milk"))\n```'),
        says('{"name": "add_task", "arguments": {"title": "milk"}}'),
        says('Sure!\n```json\n[{"tool": "add_task", "args": {"title": "milk"}}]\n```'),
        says('add_task(title="milk")'),
        says('<tool_call>{"name": "add_task"}</tool_call>'),
        says("[add_task(title='milk'), list_tasks()]"),
        says('add_task(title="milk") # adds milk'),
        says('Function call: add_task({"title": "milk"})'),
        says("```json\n{'name': 'add_task', 'arguments': {'title': 'milk'}}\n```"),
        says("A few words", finish_reason="content-filter"),
        says('task = add_task(title="milk")'),
        says('Sure.\n{"name": "addTask", "arguments": {"title": "milk"}'),
        says('Action: add_task\nAction Input: {"title": "milk"}'),
        says('<|channel|>commentary to=functions.add_task <|message|>{"title": "milk"}'),
        says("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>list_tasks"),
        says("<start_function_call>call:add_task{title:<escape>milk<escape>}"),
        says("<add_task>\n<title>milk</title>\n</add_task>"),
        says('[done: add_task "milk" id=01a2]'),
        says("Your tasks are: milk, eg", finish_reason="error"),
        says("Your tasks are: milk, eg", finish_reason="model_context_window_exceeded"),
        Reply(b'{"choices": [{"message": {"content": ' + b"[" * 900 + b"]" * 900 + b"}}]}"),
        says("\u3164"),
        says("\u2800"),
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
    agent: TaskAgent,
    gemini: ScriptedGemini,
    tools: ScriptedTools,
    registry: CollectorRegistry,
    nonsense: Reply,
) -> None:
    journal = MemoryJournal()
    gemini.will(nonsense, says("Here I am."))

    assert await agent.run(turn(journal), [], "hi") == "Here I am."
    labels = {"gen_ai_request_model": "gemini-flash-latest", "reason": "nonsense"}
    assert registry.get_sample_value("taskchat_model_retries_total", labels) == 1
    assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 2)

    gemini.will(nonsense, nonsense)
    with pytest.raises(ModelError):
        await agent.run(turn(journal), [], "hi")
    assert (journal.steps, tools.calls, len(gemini.requests)) == ([], [], 4)


@pytest.mark.parametrize(
    "text",
    [
        "add_task (twice) was used.",
        "`add_task(title)` adds a task; `list_tasks()` shows them.",
        'print("hi")',
        "Added “fix default_api.yaml”.",
        "Added “fix <tool_call> parsing”.",
        "Your tasks:\n1. ☐ <toolbox>\n2. ☐ call add_task\n3. ☐ [TOOL_CALLS]",
        '```json\n[{"id": 1, "name": "add_task", "status": "pending"}]\n```',
        'I named it `add_task(title="x")`.',
        "Action: call mum\nTool: hammer\nadd_task(s) were used",
        "[" * 900 + "]" * 900,
        "Hm." + "\n" * 60_000 + "Hi.",  # a loop of a model, read in time
    ],
)
async def test_what_merely_quotes_a_tool_or_code_is_an_answer(
    agent: TaskAgent, gemini: ScriptedGemini, text: str
) -> None:
    gemini.will(says(text))

    assert await agent.run(turn(), [], "hi") == text


async def test_a_refusal_is_not_asked_again(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    gemini.will(says(None, refusal="I will not."))

    with pytest.raises(ModelRefused):
        await agent.run(turn(), [], "hi")
    assert len(gemini.requests) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        says(None, refusal="I will not."),
        Reply(b'{"choices": [{"message": {"content": [{"type": "refusal", "refusal": "No."}]}}]}'),
        says(None, finish_reason="content_filter"),
        says(None, finish_reason="PROHIBITED_CONTENT"),
        Reply(b'{"choices": [], "prompt_feedback": {"block_reason": "SAFETY"}}'),
        Reply(b'{"choices": [{"index": 0, "finish_reason": "content_filter"}]}'),
        Reply(b'{"choices": [], "promptFeedback": {"blockReason": "SAFETY"}}'),
        Reply(b'{"choices": [{"index": 0, "finish_reason": "PROHIBITED_CONTENT"}]}'),
        Reply(b'{"error": {"code": "content_filter", "message": ""}}', status=400),
        Reply(b'{"error": {"code": "400", "message": "ContentPolicyViolationError"}}', status=400),
    ],
)
async def test_what_the_filter_refuses_is_asked_again_without_the_history(
    agent: TaskAgent, gemini: ScriptedGemini, refusal: Reply
) -> None:
    history = [HistoryMessage("user", "something FORBIDDEN"), HistoryMessage("assistant", "No.")]
    gemini.will(refusal, asks(("list_tasks", {})), says("Nothing to do."))

    assert await agent.run(turn(), history, "show my tasks") == "Nothing to do."
    shown = [
        [m["content"] for m in one["messages"][1:] if "content" in m] for one in gemini.requests
    ]
    assert shown[0] == ["something FORBIDDEN", "No.", "show my tasks"]
    assert shown[1] == ["show my tasks"]
    assert shown[2][0] == "show my tasks"

    gemini.will(refusal, refusal)
    with pytest.raises(ModelRefused):
        await agent.run(turn(), history, "show my tasks")
