"""What a later turn's model is shown of a turn: what was said, what was done, what became of it.

Without it "undo" and "that one" have no facts, and a request that got no answer looks as if it were
still to be done. The notes are written by us into the assistant's place, where the person never
sees them; a model that imitates one is cut short. Texts in them are quoted as JSON: they are data.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue, TypeAdapter

from chat_gateway.conversations.history import Exchange
from chat_gateway.turns.journal import ToolCallRequest, ToolResult
from chat_gateway.turns.rows import PastTurn
from chat_gateway.turns.states import INTERRUPTED, LEASE_EXPIRED, STOPPED, Failure

MAX_EFFECTS: Final = 20
"""Of one turn; the rest is counted. 20 are about 400 tokens of a history's 8,000."""
MAX_CHARACTERS: Final = 80
"""Of one title or description."""

LEFT_OUT: Final = "[This message is left out: the model refused it.]"
_CUT_OFF: Final = "it was cut off"
_WHY: Final = {
    "model_error": "the model gave no usable answer",
    "model_unavailable": "the model could not be reached",
    "tools_unavailable": "the task tools could not be reached",
    "database_unavailable": "the database could not be reached",
    "deadline_exceeded": "it took too long",
    "internal_error": "something broke",
    STOPPED["code"]: "the person stopped it",
    INTERRUPTED["code"]: _CUT_OFF,
    LEASE_EXPIRED["code"]: _CUT_OFF,
}
_NOTE: Final = re.compile(
    r"^\[(?:done|No answer was given): .*\][ \t]*$\n?"
    # With a tool's name it is none of the person's words, whatever stands around it.
    r"|(?i:[ \t>*_`-]{0,20}\[\s*done\s*:\s*[a-z]+_tasks?\b"
    r"|^[ \t>*_`-]{0,20}\[\s*no answer was given\s*[:.])"
    r".*\][*_`.\r]*\n?",
    re.MULTILINE,
)
_LINE_ENDS: Final = {ord(one): f"\\u{ord(one):04x}" for one in "\u0085\u2028\u2029"}
"""That JSON leaves as they are, and a model may read as the end of a note."""
_RESULTS: Final = TypeAdapter(list[ToolResult])
_CALLS: Final = TypeAdapter(list[ToolCallRequest])


def exchange_of(past: PastTurn) -> Exchange | None:
    """Tell a turn to the model.

    Returns: None for one whose message was refused before anything was done: a filter reads the
        whole history, and would refuse each later message with it.
    """
    results = sorted(_RESULTS.validate_python(past.results), key=lambda result: result.ordinal)
    changes = [result for result in results if result.is_change]
    if past.response is not None:
        return Exchange(past.message, past.response + _done(changes))
    failure = past.failure or LEASE_EXPIRED
    known = {result.ordinal for result in results}
    open_calls = [call for call in _CALLS.validate_python(past.calls) if call.ordinal not in known]
    refused = failure.get("refused", False)
    if refused and not changes and not open_calls:
        return None
    message = LEFT_OUT if refused else past.message
    return Exchange(message, _failed(failure, changes, open_calls, texts=not refused))


def without_notes(response: str) -> str:
    """Take out of an answer what the model imitates of our notes.

    Returns: stripped, maybe empty.
    """
    return _NOTE.sub("", response).strip()


def _done(changes: Sequence[ToolResult]) -> str:
    return f"\n\n[done: {_listed([_effect(one) for one in changes])}]" if changes else ""


def _failed(
    failure: Failure,
    changes: Sequence[ToolResult],
    open_calls: Sequence[ToolCallRequest],
    *,
    texts: bool,
) -> str:
    """The line in the place of the answer that was not given. Args: texts: whether to quote any."""
    said = [f"No answer was given: {_WHY.get(failure['code'], 'something went wrong')}."]
    if changes:
        said.append(f"Done before that: {_listed([_effect(one, texts=texts) for one in changes])}.")
    if open_calls:
        asked = [_asked(call, texts=texts) for call in open_calls]
        said.append(f"Asked for, but not known to be done: {_listed(asked)}.")
    if not changes and not open_calls:
        said.append("Nothing was done.")
    said.append("The request above is not pending: do not carry it out unless you are asked again.")
    return f"[{' '.join(said)}]"


def _listed(effects: Sequence[str]) -> str:
    shown = "; ".join(effects[:MAX_EFFECTS])
    left = len(effects) - MAX_EFFECTS
    return f"{shown}; and {left} more" if left > 0 else shown


def _effect(result: ToolResult, *, texts: bool = True) -> str:
    """A call by what it returned, e.g. `delete_task "eggs" id=01a2…`."""
    returned = (result.output or {}).values()
    task = next((value for value in returned if isinstance(value, dict)), {})
    is_marked = result.arguments.get("completed") is not None
    facts = _facts(task, task.get("id"), texts=texts, is_marked=is_marked)
    return " ".join([result.name, *facts])


def _asked(call: ToolCallRequest, *, texts: bool) -> str:
    """A call by what it was given."""
    facts = _facts(call.arguments, call.arguments.get("task_id"), texts=texts, is_marked=True)
    return " ".join([call.name, *facts])


def _facts(
    task: Mapping[str, JsonValue], task_id: JsonValue, *, texts: bool, is_marked: bool
) -> list[str]:
    """Args: is_marked: the call is about `completed`, so that an open task was opened by it."""
    title, description = task.get("title"), task.get("description")
    facts = []
    if texts and isinstance(title, str):
        facts.append(_quoted(title))
    if isinstance(task_id, str):
        # What was asked for may have anything in its place.
        is_plain = re.fullmatch(r"[0-9A-Za-z-]{1,40}", task_id)
        facts.append(f"id={task_id if is_plain else _quoted(task_id)}")
    if texts and isinstance(description, str):
        facts.append(f"description={_quoted(description)}")
    if task.get("completed") is True:
        facts.append("completed")
    elif is_marked and task.get("completed") is False:
        facts.append("open again")
    return facts


def _quoted(text: str) -> str:
    cut = text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
    return json.dumps(cut, ensure_ascii=False).translate(_LINE_ENDS)
