"""Short names for tasks in what the model reads: `t1` instead of a UUID, for one turn.

Ids of tasks that were made together differ in a few of 36 characters; a slip of the model between
two of them changes the neighbour and passes every check. Handles are counted by first appearance in
the results of the turn, so a resumed turn gives the same ones. Clients, the journal and mcp-tools
see ids only. Source: ADR 0023.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

import orjson
from agents.items import TResponseInputItem
from pydantic import JsonValue

_ID: Final = "id"
_TASK_ID: Final = "task_id"
_HANDLE: Final = re.compile(r"\W*(t[0-9]+)\W*")
"""With what a model writes around one: `#t1`, "`t1`"."""


class TaskHandles:
    """The handles of one turn, as far as its results have named tasks."""

    def __init__(self) -> None:
        self._handle_of: dict[str, str] = {}
        self._id_of: dict[str, str] = {}

    def shown(self, items: str | Sequence[TResponseInputItem]) -> str | list[TResponseInputItem]:
        """What the model reads: in the results of tools each task's id is a handle.

        Args: items: all of the turn so far, in the order of the model's calls.
        """
        return items if isinstance(items, str) else [self._shown_item(item) for item in items]

    def ids(self, arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Arguments with the id that a handle stands for; what is no handle stays as it is."""
        given = arguments.get(_TASK_ID)
        handle = _HANDLE.fullmatch(given.lower()) if isinstance(given, str) else None
        meant = self._id_of.get(handle[1]) if handle else None
        return {**arguments, _TASK_ID: meant} if meant else dict(arguments)

    def _shown_item(self, item: TResponseInputItem) -> TResponseInputItem:
        if item.get("type") != "function_call_output":
            return item
        output = item.get("output")
        try:
            result = orjson.loads(output) if isinstance(output, str) else None
        except orjson.JSONDecodeError:
            return item
        if not isinstance(result, dict):
            return item
        told = {**item, "output": orjson.dumps(self._shown_value(result)).decode()}
        return cast(TResponseInputItem, told)

    def _shown_value(self, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [self._shown_value(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self._handle(member) if name == _ID else self._shown_value(member)
            for name, member in value.items()
        }

    def _handle(self, task_id: JsonValue) -> JsonValue:
        if not isinstance(task_id, str) or not _is_uuid(task_id):
            return task_id
        handle = self._handle_of.setdefault(task_id, f"t{len(self._handle_of) + 1}")
        self._id_of[handle] = task_id
        return handle


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
