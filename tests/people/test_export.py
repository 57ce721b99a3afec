"""Whoever asks gets all that is kept of them, and nothing of anybody else."""

from uuid import uuid4

from devstack.stack import Stack

from tests.people.conftest import NAME, Account


async def test_an_export_is_what_the_person_did_and_nothing_of_others(stack: Stack) -> None:
    asking = await Account.made(stack, f"tarn{uuid4().hex[:8]}")
    other = await Account.made(stack, f"vole{uuid4().hex[:8]}")
    told = await asking.live()
    await other.live()

    answered = await asking.ask_auth("GET", "/export")

    assert answered.status_code == 200
    exported = answered.json()
    word = asking.word
    assert exported["format"] == "taskchat-export/1"
    assert exported["account"]["email"] == f"{word}@example.com"
    assert exported["account"]["name"] == f"{NAME} {word}"
    assert len(exported["sessions"]) == 2
    chat, tasks = exported["chat"], exported["tasks"]
    (conversation,) = chat["conversations"]
    assert (conversation["id"], conversation["title"]) == (told["conversation_id"], f"my {word}")
    said = [one["content"] for one in chat["messages"] if one["role"] == "user"]
    assert said == [
        f"add a task to feed the {word}",
        f"add a task to walk {word}",
        f"delete the task to walk {word}",
    ]
    assert len(chat["turns"]) == 5
    assert [one["kind"] for one in chat["feedback"]] == ["positive"]
    assert [one["title"] for one in tasks["tasks"]] == [f"feed the {word}"]
    names = [one["name"] for one in tasks["tool_calls"]]
    assert (names.count("add_task"), names.count("delete_task")) == (3, 2)
    assert other.word not in answered.text
    assert str(other.user.user_id) not in answered.text


async def test_there_is_no_half_export(stack: Stack) -> None:
    asking = await Account.made(stack, f"fenn{uuid4().hex[:8]}")
    stack.process("mcp-tools").kill()
    try:
        answered = await asking.ask_auth("GET", "/export")
    finally:
        stack.process("mcp-tools").start()
        stack.process("mcp-tools").wait_ready(120)

    assert (answered.status_code, answered.json()["code"]) == (503, "export_unavailable")
