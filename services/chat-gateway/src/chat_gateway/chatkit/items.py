"""Thread items, derived: there is no table of them (ADR 0025).

A user message and an answer are messages and have their ids; the workflow of a turn is what its
journal says of its calls, and has the turn's id. What is streamed and what is read again later are
made by the same functions, so that they are equal.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    CustomSummary,
    CustomTask,
    InferenceOptions,
    Page,
    Thread,
    ThreadItem,
    UserMessageItem,
    UserMessageTextContent,
    Workflow,
    WorkflowItem,
)


def user_message(
    message_id: UUID, conversation_id: UUID, message: str, stored_at: datetime
) -> UserMessageItem:
    """What a person said."""
    return UserMessageItem(
        id=str(message_id),
        thread_id=str(conversation_id),
        created_at=stored_at.astimezone(UTC),
        content=[UserMessageTextContent(text=message)],
        inference_options=InferenceOptions(),
    )


def assistant_message(
    text_id: UUID, conversation_id: UUID, text: str | None, said_at: datetime
) -> AssistantMessageItem:
    """An answer. Args: text: None: nothing of it was said yet."""
    return AssistantMessageItem(
        id=str(text_id),
        thread_id=str(conversation_id),
        created_at=said_at.astimezone(UTC),
        content=[] if text is None else [AssistantMessageContent(text=text)],
    )


def workflow(
    turn_id: UUID,
    conversation_id: UUID,
    tasks: Sequence[CustomTask],
    opened_at: datetime,
    *,
    running: bool,
) -> WorkflowItem:
    """The calls of a turn, in the order in which they were asked for.

    Args: opened_at: when the person's message was stored. running: more may come.
    """
    count = len(tasks)
    return WorkflowItem(
        id=str(turn_id),
        thread_id=str(conversation_id),
        created_at=opened_at.astimezone(UTC),
        workflow=Workflow(
            type="custom",
            tasks=list(tasks),
            summary=None
            if running
            else CustomSummary(title=f"{count} step{'' if count == 1 else 's'}"),
            expanded=running,
        ),
    )


def thread(
    conversation_id: UUID,
    title: str | None,
    created_at: datetime,
    items: Page[ThreadItem] | None = None,
) -> Thread:
    """A conversation. Args: items: default: none are shown."""
    return Thread(
        id=str(conversation_id),
        title=title,
        created_at=created_at.astimezone(UTC),
        items=items or Page[ThreadItem](),
    )
