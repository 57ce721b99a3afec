"""What a turn tells → the events of a ChatKit stream, in the order of contract.md.

The last `done` or `replaced` of each item is what a thread shows of it later: both are made of what
is stored, by items.py and tasks.py. Every event may be told twice, because a turn that is followed
or taken up again is told from its journal; the second time nothing comes of it.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartTextDelta,
    ClientEffectEvent,
    ErrorEvent,
    ProgressUpdateEvent,
    StreamOptions,
    StreamOptionsEvent,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)
from servicekit import clock
from servicekit.problems import Problem

from chat_gateway.chatkit.items import assistant_message, thread, user_message, workflow
from chat_gateway.chatkit.tasks import task_of_call, task_of_result, tasks_of_turn
from chat_gateway.turns.events import Asked, Came, Closed, Event, Opened, Retracted, Said
from chat_gateway.turns.journal import ToolCallRequest, ToolResult

THINKING: Final = "Thinking…"
_LINE_ENDS: Final = {ord(one): f"\\u{ord(one):04x}" for one in "\u0085\u2028\u2029"}
"""That end no line of an event stream, but that of many who read one."""
RETRIED_STATUSES: Final = (409, 502, 503, 504)
"""With which a turn ends that `threads.retry_after_item` may bring to its end."""


class ThreadStream:
    """One stream of one turn."""

    def __init__(self) -> None:
        self._opened: Opened | None = None
        self._calls: dict[int, ToolCallRequest] = {}
        self._results: dict[int, ToolResult] = {}
        self._text_id: UUID | None = None
        self._workflow_shown = False
        self._workflow_done = False

    def told(self, event: Event) -> bytes:
        """What is written when the turn tells something; maybe nothing."""
        return b"".join(map(written, self.events(event)))

    def failed(self, problem: Problem) -> bytes:
        """What is written when the turn ends without an answer, after it has told something."""
        return b"".join(map(written, self.failure(problem)))

    def events(self, event: Event) -> Iterator[ThreadStreamEvent]:
        """What happened, as the protocol tells it."""
        match event:
            case Opened():
                yield from self._begin(event)
            case Said(text_id, delta):
                yield from self._say(text_id, delta)
            case Retracted(text_id):
                yield from self._retract(text_id)
            case Asked(calls):
                yield from self._ask(calls)
            case Came(result):
                yield from self._come(result)
            case Closed(body):
                yield from self._close(json.loads(body))

    def failure(self, problem: Problem) -> Iterator[ThreadStreamEvent]:
        """Text that was shown does not count, calls do; then the problem's words."""
        yield from self._remove_text()
        yield from self._end_workflow()
        yield ErrorEvent(
            code="custom",
            message=problem.detail or problem.title,
            allow_retry=problem.status in RETRIED_STATUSES,
        )

    @property
    def _turn(self) -> Opened:
        assert self._opened is not None  # a turn tells first that it is open
        return self._opened

    def _begin(self, opened: Opened) -> Iterator[ThreadStreamEvent]:
        if self._opened is not None:
            return
        self._opened = opened
        conversation_id = opened.conversation_id
        if (created := opened.created) is not None:
            yield ThreadCreatedEvent(
                thread=thread(conversation_id, created.title, created.began_at)
            )
        yield ThreadItemDoneEvent(
            item=user_message(opened.message_id, conversation_id, opened.message, opened.stored_at)
        )
        if not opened.replayed:
            yield StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))
        yield ClientEffectEvent(
            name="turn",
            data={
                "turn_id": str(opened.turn_id),
                "conversation_id": str(conversation_id),
                "item_id": str(opened.message_id),
            },
        )
        if not opened.replayed:
            yield ProgressUpdateEvent(text=THINKING)

    def _say(self, text_id: UUID, delta: str) -> Iterator[ThreadStreamEvent]:
        if self._text_id != text_id:
            yield from self._remove_text()
            yield from self._end_workflow()
            self._text_id = text_id
            item = assistant_message(text_id, self._turn.conversation_id, None, clock.now())
            yield ThreadItemAddedEvent(item=item)
            yield _updated(
                text_id,
                AssistantMessageContentPartAdded(
                    content_index=0, content=AssistantMessageContent(text="")
                ),
            )
        yield _updated(text_id, AssistantMessageContentPartTextDelta(content_index=0, delta=delta))

    def _retract(self, text_id: UUID) -> Iterator[ThreadStreamEvent]:
        if self._text_id == text_id:
            yield from self._remove_text()
            yield ProgressUpdateEvent(text=THINKING)

    def _remove_text(self) -> Iterator[ThreadStreamEvent]:
        if self._text_id is not None:
            yield ThreadItemRemovedEvent(item_id=str(self._text_id))
            self._text_id = None

    def _ask(self, calls: tuple[ToolCallRequest, ...]) -> Iterator[ThreadStreamEvent]:
        for call in calls:
            if call.ordinal in self._calls:
                continue
            yield from self._show_workflow()
            known = call.ordinal in self._results
            self._calls[call.ordinal] = call
            if not known and not self._turn.replayed:
                task = task_of_call(call)
                yield self._in_workflow(
                    WorkflowTaskAdded(task_index=self._index(call.ordinal), task=task)
                )

    def _come(self, result: ToolResult) -> Iterator[ThreadStreamEvent]:
        ordinal = result.ordinal
        if self._results.get(ordinal) == result:
            return
        asked = ordinal in self._calls or ordinal in self._results
        yield from self._show_workflow()
        self._results[ordinal] = result
        if self._turn.replayed:
            return
        update = WorkflowTaskUpdated if asked else WorkflowTaskAdded
        yield self._in_workflow(
            update(task_index=self._index(ordinal), task=task_of_result(result))
        )
        if result.error is None:
            yield ClientEffectEvent(
                name="tool_result",
                data={
                    "id": str(result.id),
                    "tool": result.name,
                    "arguments": result.arguments,
                    "output": result.output,
                },
            )

    def _close(self, answer: dict[str, Any]) -> Iterator[ThreadStreamEvent]:
        told = {str(result.id) for result in self._results.values()}
        for call in answer["tool_calls"]:
            if call["id"] not in told:
                ordinal = next(one for one in count() if one not in self._results)
                self._results[ordinal] = _result(ordinal, call)
                self._workflow_done = False
        message_id = UUID(answer["message_id"])
        if self._text_id != message_id:
            yield from self._remove_text()
        self._text_id = None
        yield from self._end_workflow()
        yield ThreadItemDoneEvent(
            item=assistant_message(
                message_id,
                self._turn.conversation_id,
                answer["response"],
                datetime.fromisoformat(answer["created_at"]).astimezone(UTC),
            )
        )

    def _show_workflow(self) -> Iterator[ThreadStreamEvent]:
        """Make room for calls. One that was done already runs again: its text was taken back."""
        if self._turn.replayed:
            return
        if not self._workflow_shown:
            self._workflow_shown = True
            yield ThreadItemAddedEvent(item=self._workflow(running=True))
        elif self._workflow_done:
            self._workflow_done = False
            yield ThreadItemReplacedEvent(item=self._workflow(running=True))

    def _end_workflow(self) -> Iterator[ThreadStreamEvent]:
        if (self._calls or self._results) and not self._workflow_done:
            self._workflow_done = True
            yield ThreadItemDoneEvent(item=self._workflow(running=False))

    def _workflow(self, *, running: bool) -> WorkflowItem:
        tasks = tasks_of_turn(self._calls.values(), self._results.values(), running=running)
        turn = self._turn
        return workflow(turn.turn_id, turn.conversation_id, tasks, turn.stored_at, running=running)

    def _in_workflow(self, update: ThreadItemUpdate) -> ThreadItemUpdatedEvent:
        return _updated(self._turn.turn_id, update)

    def _index(self, ordinal: int) -> int:
        return sorted(self._calls.keys() | self._results.keys()).index(ordinal)


def written(event: ThreadStreamEvent) -> bytes:
    """One event of a stream, as the library's own server writes it."""
    data = event.model_dump_json(by_alias=True, exclude_none=True).translate(_LINE_ENDS)
    return b"data: " + data.encode() + b"\n\n"


def _updated(item_id: UUID, update: ThreadItemUpdate) -> ThreadItemUpdatedEvent:
    return ThreadItemUpdatedEvent(item_id=str(item_id), update=update)


def _result(ordinal: int, call: dict[str, Any]) -> ToolResult:
    """A member of `tool_calls` of which nothing was told while the turn ran."""
    return ToolResult(
        ordinal=ordinal,
        id=UUID(call["id"]),
        name=call["name"],
        arguments=call["arguments"],
        status=call["status"],
        output=call["output"],
        error=call["error"],
        duration_ms=call["duration_ms"],
    )
