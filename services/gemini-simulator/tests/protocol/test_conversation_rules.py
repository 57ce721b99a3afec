"""In which order messages are refused."""

import pytest
from gemini_simulator.protocol.conversation_rules import check_messages
from gemini_simulator.protocol.errors import InvalidArgument
from gemini_simulator.protocol.requests import FunctionCall, Message, ToolCall


def user(text: str = "hi") -> Message:
    return Message(role="user", content=text)


def assistant(text: str | None = "hello", *call_ids: str) -> Message:
    calls = [ToolCall(id=one, function=FunctionCall(name="list_tasks")) for one in call_ids]
    return Message(role="assistant", content=text, tool_calls=calls or None)


def tool(call_id: str) -> Message:
    return Message(role="tool", tool_call_id=call_id, content="{}")


SYSTEM = Message(role="system", content="be kind")
REFUSED = {
    "nothing": ([], "contents is not specified"),
    "only a system message": ([SYSTEM], "contents is not specified"),
    "an empty user message": ([user("")], "parts must not be empty"),
    "an empty answer": ([user(), assistant(None), user()], "parts must not be empty"),
    "the model last": ([user(), assistant()], "end with a user role"),
    "a tool message first": ([tool("a")], "immediately after a function call turn"),
    "a tool message after the user": ([user(), tool("a")], "immediately after a function call"),
    "a tool message after an answer": (
        [user(), assistant(), tool("a")],
        "immediately after a function call turn",
    ),
    "another id": ([user(), assistant(None, "a"), tool("b")], "number of function response"),
    "the same id twice": (
        [user(), assistant(None, "a"), tool("a"), tool("a")],
        "number of function response",
    ),
    "a call without its answer": (
        [user(), assistant(None, "a", "b"), tool("a"), user()],
        "number of function response",
    ),
    "a call without its answer at the end": (
        [user(), assistant(None, "a", "b"), tool("a")],
        "number of function response",
    ),
    "calls with one id": ([user(), assistant(None, "a", "a")], "number of function response"),
    "a call first": ([assistant(None, "a"), tool("a")], "immediately after a user turn"),
    "a call after an answer": (
        [user(), assistant(), assistant(None, "a"), tool("a")],
        "immediately after a user turn",
    ),
}


@pytest.mark.parametrize(("messages", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_order_is_refused(messages: list[Message], sentence: str) -> None:
    with pytest.raises(InvalidArgument, match=sentence):
        check_messages(messages)


ACCEPTED = {
    "one question": [user()],
    "with instructions": [SYSTEM, user()],
    "two turns": [user(), assistant(), user()],
    "one step": [user(), assistant(None, "a"), tool("a")],
    "a parallel step, answered in another order": [
        user(),
        assistant(None, "a", "b"),
        tool("b"),
        tool("a"),
    ],
    "two steps": [user(), assistant(None, "a"), tool("a"), assistant("more", "b"), tool("b")],
    "two users in a row": [user(), user()],
}


@pytest.mark.parametrize("messages", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_order_is_accepted(messages: list[Message]) -> None:
    check_messages(messages)
