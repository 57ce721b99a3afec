"""The client puts a thread together, and refuses what the protocol does not allow."""

from collections.abc import Mapping
from typing import Any

import pytest
from devstack.chatkit.thread_view import ProtocolViolation, ThreadView

Event = dict[str, Any]
THREAD: Event = {"type": "thread.created", "thread": {"id": "t", "title": "Milk"}}
ERROR: Event = {"type": "error", "code": "custom", "message": "No.", "allow_retry": True}


def item(item_id: str, kind: str, **members: object) -> Event:
    """An item of the thread."""
    return {"id": item_id, "thread_id": "t", "type": kind, **members}


def said(item_id: str, *texts: str) -> Event:
    """An answer with a part for each text."""
    parts = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return item(item_id, "assistant_message", content=parts)


def event(kind: str, what: Event) -> Event:
    """`added`, `done` or `replaced`."""
    return {"type": f"thread.item.{kind}", "item": what}


def removed(item_id: str) -> Event:
    """An item is taken back."""
    return {"type": "thread.item.removed", "item_id": item_id}


def update(item_id: str, kind: str, **members: object) -> Event:
    """An item changes."""
    change = {"type": kind, **members}
    return {"type": "thread.item.updated", "item_id": item_id, "update": change}


def part(item_id: str, index: int = 0) -> Event:
    """An empty part of an answer is added."""
    content = {"type": "output_text", "text": "", "annotations": []}
    kind = "assistant_message.content_part.added"
    return update(item_id, kind, content_index=index, content=content)


def delta(item_id: str, text: str, index: int = 0) -> Event:
    """A part of an answer grows."""
    kind = "assistant_message.content_part.text_delta"
    return update(item_id, kind, content_index=index, delta=text)


def task(item_id: str, kind: str, index: int, title: str) -> Event:
    """A task of a workflow is added or updated."""
    shown = {"type": "custom", "title": title, "status_indicator": "loading"}
    return update(item_id, f"workflow.task.{kind}", task_index=index, task=shown)


def workflow(item_id: str, *titles: str) -> Event:
    """A workflow."""
    tasks = [{"type": "custom", "title": title} for title in titles]
    return item(item_id, "workflow", workflow={"type": "custom", "tasks": tasks})


def seen(*events: Event) -> ThreadView:
    """What these events come to."""
    view = ThreadView()
    for one in (THREAD, *events):
        view.fold(one)
    return view


ANSWER = (event("added", said("a")), part("a"), delta("a", "Do"), delta("a", "ne."))
VIOLATIONS: Mapping[str, tuple[Event, ...]] = {
    "no event": ({"kind": "x"},),
    "unknown event": ({"type": "thread.item.changed"},),
    "created twice": (THREAD,),
    "updated before added": (delta("a", "x"),),
    "added twice": (event("added", said("a")), event("added", said("a"))),
    "added after done": (event("done", said("a", "x")), event("added", said("a"))),
    "done twice, not the same": (event("done", said("a", "x")), event("done", said("a", "y"))),
    "done as another type": (*ANSWER, event("done", workflow("a"))),
    "updated after done": (*ANSWER, event("done", said("a", "Done.")), delta("a", "x")),
    "updated after removed": (*ANSWER, removed("a"), delta("a", "x")),
    "done after removed": (*ANSWER, removed("a"), event("done", said("a", "Done."))),
    "added after removed": (*ANSWER, removed("a"), event("added", said("a"))),
    "removed twice": (*ANSWER, removed("a"), removed("a")),
    "removed before added": (removed("a"),),
    "replaced before added": (event("replaced", said("a", "x")),),
    "delta without a part": (event("added", said("a")), delta("a", "x")),
    "delta of another part": (*ANSWER, delta("a", "x", 1)),
    "delta of a part before the first": (*ANSWER, delta("a", "x", -1)),
    "empty delta": (*ANSWER, delta("a", "")),
    "parts out of order": (event("added", said("a")), part("a", 1)),
    "part done as something else": (
        *ANSWER,
        update(
            "a", "assistant_message.content_part.done", content_index=0, content={"text": "No."}
        ),
    ),
    "task updated before added": (event("added", workflow("w")), task("w", "updated", 0, "x")),
    "tasks out of order": (event("added", workflow("w")), task("w", "added", 1, "x")),
    "task of an answer": (event("added", said("a")), task("a", "added", 0, "x")),
    "text of a workflow": (event("added", workflow("w")), part("w")),
    "item of another thread": (event("added", said("a") | {"thread_id": "other"}),),
    "item without an id": (event("added", {"type": "workflow"}),),
    "update that nobody knows": (*ANSWER, update("a", "assistant_message.renamed")),
    "something after an error": (ERROR, removed("a")),
    "error that says nothing of a retry": ({"type": "error", "code": "custom"},),
    "other thread updated": ({"type": "thread.updated", "thread": {"id": "other"}},),
}


@pytest.mark.parametrize("events", VIOLATIONS.values(), ids=VIOLATIONS)
def test_violation_is_refused(events: tuple[Event, ...]) -> None:
    view = seen(*events[:-1])

    with pytest.raises(ProtocolViolation):
        view.fold(events[-1])


def test_stream_that_leaves_an_item_open_is_refused() -> None:
    with pytest.raises(ProtocolViolation):
        seen(*ANSWER).end()


def test_an_error_may_leave_items_open_and_the_next_stream_begins_them_again() -> None:
    view = seen(*ANSWER, ERROR)
    view.end()
    view.begin()
    for one in (*ANSWER, event("done", said("a", "Done."))):
        view.fold(one)
    view.end()

    assert view.error is None
    assert view.text == "Done."


def test_a_second_stream_may_tell_everything_again_in_its_place() -> None:
    view = seen(event("done", workflow("w", "Added “milk”")), event("done", said("a", "Done.")))

    view.begin()
    view.fold(THREAD)
    view.fold(event("added", workflow("w")))
    view.fold(event("done", workflow("w", "Added “milk”", "Added “tea”")))
    view.fold(event("done", said("a", "Done.")))
    view.end()

    assert list(view.items) == ["w", "a"]
    assert len(view.items["w"]["workflow"]["tasks"]) == 2


def test_a_second_stream_may_not_be_of_another_thread() -> None:
    view = seen()
    view.begin()

    with pytest.raises(ProtocolViolation):
        view.fold({"type": "thread.created", "thread": {"id": "other"}})


def test_a_second_stream_may_not_change_an_answer() -> None:
    view = seen(event("done", said("a", "Done.")))
    view.begin()

    with pytest.raises(ProtocolViolation):
        view.fold(event("done", said("a", "Done!")))


def test_text_grows_and_what_was_taken_back_is_gone() -> None:
    taken_back = (event("added", said("b")), part("b"), delta("b", "Oh"), removed("b"))
    view = seen(*taken_back, *ANSWER)

    assert (view.text, list(view.items), view.removed) == ("Done.", ["a"], ["b"])


def test_answer_that_ends_as_something_else_is_noted() -> None:
    assert seen(*ANSWER, event("done", said("a", "Done."))).corrected == []
    assert seen(*ANSWER, event("done", said("a", "Done"))).corrected == ["a"]


def test_rows_of_a_workflow_in_their_order() -> None:
    view = seen(
        event("added", workflow("w")),
        task("w", "added", 0, "Adding “milk”"),
        task("w", "added", 1, "Adding “tea”"),
        task("w", "updated", 1, "Added “tea”"),
        {"type": "client_effect", "name": "tool_result", "data": {"tool": "add_task"}},
    )

    titles = [one["title"] for one in view.items["w"]["workflow"]["tasks"]]
    assert titles == ["Adding “milk”", "Added “tea”"]
    assert view.effect("tool_result") == {"tool": "add_task"}
    assert view.effect("turn") is None


def test_workflow_that_was_done_goes_on_once_it_is_replaced() -> None:
    view = seen(
        event("done", workflow("w", "Added “milk”")),
        event("replaced", workflow("w", "Added “milk”")),
        task("w", "added", 1, "Adding “tea”"),
        event("done", workflow("w", "Added “milk”", "Added “tea”")),
    )
    view.end()

    titles = [one["title"] for one in view.items["w"]["workflow"]["tasks"]]
    assert titles == ["Added “milk”", "Added “tea”"]


def test_events_are_not_changed_by_what_follows() -> None:
    added = event("added", said("a"))

    seen(added, part("a"), delta("a", "x"))

    assert added == event("added", said("a"))
