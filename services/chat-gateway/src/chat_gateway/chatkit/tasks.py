"""A tool call as a row of a ChatKit workflow: what is being done, what was done, what failed."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from chatkit.types import CustomTask
from pydantic import JsonValue

from chat_gateway.turns.journal import ToolCallRequest, ToolError, ToolResult


class _Words(NamedTuple):
    """While it runs, when it is done, and what was not done when it failed."""

    doing: str
    done: str
    failed: str


_WORDS: Final[Mapping[str, _Words]] = {
    "add_task": _Words("Adding", "Added", "Did not add"),
    "list_tasks": _Words("Looking at your tasks", "Looked at your tasks", "Could not look"),
    "complete_task": _Words("Completing", "Completed", "Did not complete"),
    "delete_task": _Words("Deleting", "Deleted", "Did not delete"),
    "update_task": _Words("Changing", "Changed", "Did not change"),
}
_UNKNOWN: Final = _Words("Working", "Done", "Did not work")
_GONE: Final = "There is no such task, or not any more."
_IN_DOUBT: Final = "The turn ended before it was known whether this was done."
_CHANGEABLE: Final = ("title", "description", "completed")
_REOPENED: Final = _Words("Reopening", "Reopened", "Did not reopen")


def tasks_of_turn(
    calls: Iterable[ToolCallRequest], results: Iterable[ToolResult], *, running: bool
) -> list[CustomTask]:
    """All calls of a turn in their order.

    Args: running: a call without a result runs; otherwise nobody knows what became of it.
    """
    task_of_open = task_of_call if running else task_in_doubt
    tasks = {call.ordinal: task_of_open(call) for call in calls}
    tasks |= {result.ordinal: task_of_result(result) for result in results}
    return [tasks[ordinal] for ordinal in sorted(tasks)]


def task_of_call(call: ToolCallRequest) -> CustomTask:
    """A call that runs."""
    words = _words(call.name, call.arguments, call.arguments)
    return CustomTask(
        title=_titled(words.doing, _title(call.arguments)), status_indicator="loading"
    )


def task_in_doubt(call: ToolCallRequest) -> CustomTask:
    """A call of a turn that ended before it was known what the call came to."""
    words = _words(call.name, call.arguments, call.arguments)
    return CustomTask(
        title=_titled(words.doing, _title(call.arguments)),
        content=_IN_DOUBT,
        icon="circle-question",
        status_indicator="none",
    )


def task_of_result(result: ToolResult) -> CustomTask:
    """A call that is over. A failed one says why."""
    task = next((one for one in (result.output or {}).values() if isinstance(one, dict)), {})
    words = _words(result.name, result.arguments, task or result.arguments)
    title = _title(task) or _title(result.arguments)
    if result.error is not None:
        return CustomTask(
            title=_titled(words.failed, title),
            content=words_for_person(result.error),
            icon="circle-question",
            status_indicator="complete",
        )
    return CustomTask(title=_titled(words.done, title), icon="check", status_indicator="complete")


def words_for_person(error: ToolError) -> str:
    """Why a call failed. What mcp-tools says of an unknown id is advice for the model."""
    return _GONE if error["code"] == "not_found" else error["message"]


def _words(name: str, arguments: Mapping[str, JsonValue], task: Mapping[str, JsonValue]) -> _Words:
    """Args: task: as it is now, or as far as the arguments tell it."""
    changed = {one for one in _CHANGEABLE if arguments.get(one) is not None}
    if name == "update_task" and changed == {"completed"}:
        # What mcp-tools takes for a boolean is told by the task alone.
        return _WORDS["complete_task"] if task.get("completed") is True else _REOPENED
    return _WORDS.get(name, _UNKNOWN)


def _title(task: Mapping[str, JsonValue]) -> str | None:
    title = task.get("title")
    return title if isinstance(title, str) and title else None


def _titled(words: str, title: str | None) -> str:
    return words if title is None else f"{words} “{title}”"
