"""Calls that a model spells oddly: understood where one thing can be meant, else told so."""

import re
from typing import Any

import orjson
import pytest
from chat_gateway.agent.run import TaskAgent

from ..equipment.gemini import Reply, ScriptedGemini, asks, says
from ..equipment.mcp_tools import ScriptedTools, failed
from ..equipment.turns import USER, MemoryJournal, turn


def answered(message: dict[str, Any], **members: Any) -> Reply:
    """A completion with this message, and nothing that an answer does not need."""
    return Reply(orjson.dumps({"choices": [{"message": message}], **members}))


def one_call(**call: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [call]}


LIST = {"name": "list_tasks", "arguments": "{}"}
MILK = '{"title": "milk"}'


@pytest.mark.parametrize(
    "arguments", ["", "  ", "null", None, "{}", "undefined", {}, [], "[]", "{}{}", '""', False]
)
async def test_no_arguments_are_an_empty_object(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, arguments: Any
) -> None:
    gemini.will(answered(one_call(id="a", function={"name": "list_tasks", "arguments": arguments})))
    gemini.will(says("None."))

    assert await agent.run(turn(), [], "show my tasks") == "None."
    assert tools.calls[0]["arguments"] == {"user_id": str(USER)}
    sent_back = gemini.requests[1]["messages"][-2]["tool_calls"][0]["function"]
    assert orjson.loads(sent_back["arguments"]) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        MILK,
        {"title": "milk"},
        [{"title": "milk"}],
        orjson.dumps(MILK).decode(),
        f"```json\n{MILK}\n```",
        f"Here you are: {MILK}",
        f"{MILK}\n\nI hope this helps!",
        f"{MILK}}}",
        f"\ufeff{MILK}",
        "{'title': 'milk'}",
        '{"title": "milk",}',
        f"{{}}{MILK}",
        '{"title": "milk", "description": "two\nlines"}',
        orjson.dumps(orjson.dumps(orjson.dumps(MILK).decode()).decode()).decode(),
    ],
)
async def test_arguments_that_can_mean_one_thing_are_taken(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, arguments: Any
) -> None:
    gemini.will(answered(one_call(id="a", function={"name": "add_task", "arguments": arguments})))
    gemini.will(says("Added."))

    assert await agent.run(turn(), [], "add milk") == "Added."
    assert tools.calls[0]["arguments"]["title"] == "milk"
    sent_back = gemini.requests[1]["messages"][-2]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(orjson.loads(sent_back), dict)


@pytest.mark.parametrize(
    "arguments",
    [
        "not json",
        "[1]",
        "7",
        "false",
        '{"title": "mi',
        '{"title": NaN}',
        '{"title": 1e999}',
        '{"title": "a\\u0000b"}',
        '{"title": "\\ud800"}',
        '{"title": "milk"}{"title": "eggs"}',
        '{"title": "milk", "title": "eggs"}',
        "{'title': 'milk', 'title': 'eggs'}",
        '{"title": -18446744073709551615}',
        '{"a":' * 300 + "1" + "}" * 300,
        "[" * 100_000,
    ],
)
async def test_arguments_that_would_be_a_guess_are_a_failed_call_beside_the_good_ones(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, arguments: str
) -> None:
    journal = MemoryJournal()
    gemini.will(asks(("add_task", arguments), ("add_task", {"title": "bread"})), says("One."))

    assert await agent.run(turn(journal), [], "add milk and bread") == "One."
    wrong, right = (call["arguments"] for call in tools.calls)
    assert set(wrong) == {"arguments_that_are_no_json_object", "user_id"}
    assert right["title"] == "bread"
    assert [result.name for result in journal.results] == ["add_task", "add_task"]


@pytest.mark.parametrize(
    "name",
    [
        "default_api.list_tasks",
        "default_api:list_tasks",
        "functions.list_tasks",
        "functions.list_tasks:0",
        "tools/list_tasks",
        "mcp__taskchat__list_tasks",
        "list_tasks()",
        " list_tasks ",
        "listTasks",
        "List-Tasks",
        "LIST_TASKS",
        "list_tasks<|channel|>json",
    ],
)
async def test_a_name_that_can_mean_one_tool_is_that_tool(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, name: str
) -> None:
    gemini.will(asks((name, {})), says("None."))

    assert await agent.run(turn(), [], "show my tasks") == "None."
    assert tools.calls[0]["name"] == "list_tasks"
    assert gemini.requests[1]["messages"][-2]["tool_calls"][0]["function"]["name"] == "list_tasks"


@pytest.mark.parametrize(
    "name",
    [
        "set_reminder",
        "add_task.delete_task",
        "näher\r\nx: y",
        "x" * 500,
        "123",
        "",
        "undo.delete_task",
        "delete_task?dry_run=true",
    ],
)
async def test_an_unknown_tool_is_a_failed_call_beside_the_good_ones(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, name: str
) -> None:
    async def answer(params: dict[str, Any]) -> Any:
        if params["name"] != "add_task":
            return failed("invalid_arguments", "There is no tool of this name.")
        return await tools._do(params)

    tools.answer = answer
    journal = MemoryJournal()
    gemini.will(asks(("add_task", {"title": "milk"}), (name, {"at": "9"})), says("Milk is added."))

    assert await agent.run(turn(journal), [], "add milk and remind me") == "Milk is added."
    good, bad = journal.results
    assert (good.status, bad.status) == ("ok", "error")
    assert bad.arguments == {"at": "9"}
    asked, *_, last = gemini.requests[1]["messages"][-3:]
    assert re.match("[A-Za-z_]", asked["tool_calls"][1]["function"]["name"])
    told = last["content"]
    assert "There is no tool of this name." in told


ODD = {
    "no id": one_call(type="function", function=LIST),
    "id null": one_call(id=None, type="function", function=LIST),
    "id a list": one_call(id=["a"], function=LIST),
    "id of 100 KB": one_call(id="x" * 100_000, function=LIST),
    "no type": one_call(id="a", function=LIST),
    "type null": one_call(id="a", type=None, function=LIST),
    "another type": one_call(id="a", type="custom", function=LIST),
    "index null": one_call(id="a", index=None, function=LIST),
    "one call that is no list": {"role": "assistant", "tool_calls": {"id": "a", "function": LIST}},
    "flat": one_call(id="a", **LIST),
    "function_call": {"role": "assistant", "function_call": LIST},
    "audio beside": {**one_call(id="a", function=LIST), "audio": {}},
    "no role": {"tool_calls": [{"function": LIST}]},
    "content of parts": {**one_call(id="a", function=LIST), "content": [{"type": "text"}, 7, None]},
    "arguments beside": one_call(function={"name": "list_tasks"}, arguments="{}"),
    "arguments by another name": one_call(function={"name": "list_tasks", "parameters": {}}),
    "no calls beside": {"tool_calls": [None, {"function": LIST}, {}, {"function": None}, 7]},
    "signed with a number": one_call(id="a", function=LIST, extra_content=7),
    "signature null": one_call(
        id="a", function=LIST, extra_content={"google": {"thought_signature": None}}
    ),
}


@pytest.mark.parametrize("message", ODD.values(), ids=ODD.keys())
async def test_odd_members_of_a_call_do_not_matter(
    agent: TaskAgent, gemini: ScriptedGemini, tools: ScriptedTools, message: dict[str, Any]
) -> None:
    gemini.will(answered(message), says("None."))

    assert await agent.run(turn(), [], "show my tasks") == "None."
    assert [call["name"] for call in tools.calls] == ["list_tasks"]
    assert len(gemini.requests) == 2


HI = {"role": "assistant", "content": "Hi"}
EMPTY: list[Any] = [{}, [], "", 0, None]
USAGES: list[Any] = [
    None,
    [],
    7,
    "many",
    {},
    {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    {"prompt_tokens": "ten", "completion_tokens": -1, "total_tokens": 1.5},
    {"prompt_tokens": 10, "prompt_tokens_details": [{"modality": "TEXT"}]},
    {"prompt_tokens": 10, "completion_tokens_details": {"reasoning_tokens": None}},
]
UNNEEDED: dict[str, Reply] = {
    **{
        f"{member} {value!r}": answered({**HI, member: value})
        for member in ("audio", "reasoning_content", "reasoning", "annotations", "images",
                       "thinking_blocks", "refusal", "function_call", "tool_calls", "extra_content")
        for value in EMPTY
    },
    **{
        f"usage {value!r}": answered(HI, usage=value)
        for value in USAGES
    },
    **{
        f"{member} {value!r}": answered(HI, **{member: value})
        for member in ("id", "model", "created", "object", "system_fingerprint", "service_tier")
        for value in (*EMPTY, 7)
    },
    **{
        f"parts {parts!r}": answered({"content": parts})
        for parts in (
            [{"type": "output_text", "text": "Hi"}],
            [{"type": None, "text": {"value": "Hi", "annotations": []}}],
            [{"type": "text", "text": "What?", "thought": True}, {"type": "text", "text": "Hi"}],
        )
    },
    **{
        f"error {error!r}": answered(HI, error=error)
        for error in (*EMPTY, {"code": 0, "message": ""}, {"code": None})
    },
    "half a surrogate pair": Reply(
        b'{"id": "\\ud800", "choices": [{"message": {"content": "Hi"}}]}'
    ),
    "parts": answered({"content": [{"type": "text", "text": "H"}, {"type": "x"}, "i"]}),
    "byte order mark": Reply(b"\xef\xbb\xbf" + answered(HI).body),
    "NaN among logprobs": Reply(
        b'{"choices": [{"message": {"content": "Hi"}, "logprobs": {"content": [NaN]}}]}'
    ),
    "finish reason a number": Reply(
        b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": 7}]}'
    ),
    "two choices": Reply(b'{"choices": [{"message": {"content": "Hi"}}, {"message": 7}]}'),
}  # fmt: skip


@pytest.mark.parametrize("reply", UNNEEDED.values(), ids=UNNEEDED.keys())
async def test_what_an_answer_does_not_need_cannot_break_it(
    agent: TaskAgent, gemini: ScriptedGemini, reply: Reply
) -> None:
    gemini.will(reply)

    assert await agent.run(turn(), [], "hi") == "Hi"
    assert len(gemini.requests) == 1


async def test_no_member_of_a_request_is_null(agent: TaskAgent, gemini: ScriptedGemini) -> None:
    gemini.will(asks(("add_task", {"title": "a"})), says("Added."))

    await agent.run(turn(), [], "add a")

    assert ":null" not in orjson.dumps(gemini.requests).decode()
